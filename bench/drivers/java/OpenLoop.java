import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at a fixed rate, each at its time by the clock. This thread makes them, the client's event thread
 * takes the replies. A request waits for a free slot when as many as allowed are under way; the time counts
 * from when it was due.
 */
final class OpenLoop {
    /** Share of the warm-up that is at the rate; what comes before is done in closed loops. */
    private static final double PACED_WARMUP_SHARE = 0.3;
    private static final long LOOK_EVERY_NS = 50_000;

    private final Operations operations;
    private final Options options;
    /** Free slots: taken by this thread, given back by the event thread. */
    private final AtomicReferenceArray<Request> ring;
    private final Request[] requests;
    private long taken;
    private volatile long given;
    /** Written by the client's event thread only. */
    private volatile long completed;
    private final Samples samples = new Samples();
    /** Under the lock of the samples: replies that come later are not looked at. */
    private boolean over;
    private final double[] lagsUs;
    private int lagCount;

    OpenLoop(Operations operations, Options options) {
        this.operations = operations;
        this.options = options;
        ring = new AtomicReferenceArray<>(options.depth);
        requests = new Request[options.depth];
        for (int number = 0; number < options.depth; number++) {
            requests[number] = new Request();
            requests[number].number = number;
            ring.set(number, requests[number]);
        }
        given = options.depth;
        double expected = options.measureMs / 1e3 * options.rate;
        // Poisson arrivals spread by the root of their number.
        lagsUs = new double[(int) (expected + 10 * Math.sqrt(expected) + 10)];
    }

    private final class Request extends Operations.Slot {
        boolean underWay;

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        void done() {
            long nowNs = System.nanoTime();
            synchronized (samples) {
                if (!over && timed) samples.record((nowNs - startNs) / 1e3);
                underWay = false;
            }
            completed++;
            ring.set((int) (given % options.depth), this);
            given++;
        }
    }

    /** Makes the request if a slot is free. */
    private boolean handOver(long dueNs, boolean timed) {
        if (taken == given) return false;
        Request request = ring.get((int) (taken++ % options.depth));
        synchronized (samples) {
            request.startNs = dueNs;
            request.timed = timed;
            request.underWay = true;
        }
        if (timed && lagCount < lagsUs.length) lagsUs[lagCount++] = (System.nanoTime() - dueNs) / 1e3;
        operations.issue(request);
        return true;
    }

    private static void sleepUntil(long untilNs) {
        for (;;) {
            long leftNs = untilNs - System.nanoTime();
            if (leftNs <= 0) return;
            LockSupport.parkNanos(leftNs);
        }
    }

    /** Makes the requests that are due before `beforeNs`, each at its time, and gives up at `limitNs`. How many. */
    private long makeRequests(Schedule schedule, long beforeNs, long limitNs, boolean timed) {
        long made = 0;
        while (schedule.dueNs < beforeNs) {
            long nowNs = System.nanoTime();
            long dueNs = schedule.dueNs;
            if (nowNs >= limitNs) break;
            if (dueNs > nowNs) {
                sleepUntil(Math.min(dueNs, limitNs));
            } else if (handOver(dueNs, timed)) {
                made++;
                schedule.advance();
            } else {
                LockSupport.parkNanos(LOOK_EVERY_NS);
            }
        }
        return made;
    }

    Result run() throws IOException {
        Schedule schedule = new Schedule(options);
        long fromNs = schedule.startNs + (long) (options.warmupMs * PACED_WARMUP_SHARE * 1e6);
        long toNs = fromNs + (long) (options.measureMs * 1e6);
        long limitNs = toNs + (long) (options.drainMs * 1e6);
        long madeBefore = makeRequests(schedule, fromNs, fromNs, false);
        // What the warm-up could not make by then is left out: it is thrown away anyway.
        while (schedule.dueNs < fromNs) schedule.advance();
        sleepUntil(fromNs);
        Output.phase("measuring");
        Usage from = new Usage();
        long completedBefore = completed;
        long made = makeRequests(schedule, toNs, toNs, true);
        sleepUntil(toNs);
        double seconds = (System.nanoTime() - fromNs) / 1e9;
        long completedThen = completed;
        Usage to = new Usage();
        Output.phase("measured");
        made += makeRequests(schedule, toNs, limitNs, true);
        while (completed < madeBefore + made && System.nanoTime() < limitNs) LockSupport.parkNanos(LOOK_EVERY_NS);
        long nowNs = System.nanoTime();
        long unanswered = giveUp(nowNs);
        long due = made;
        for (; schedule.dueNs < toNs; schedule.advance()) {
            samples.record((nowNs - schedule.dueNs) / 1e3);
            due++;
        }
        unanswered += due - made;
        long answered = completedThen - completedBefore;
        if (answered == 0) throw new IOException(String.format("no operation completed in %.1f s", seconds));
        Result result = new Result();
        result.add("offeredPerSecond", options.rate);
        result.add("due", due);
        result.add("seconds", seconds);
        result.add("completedPerSecond", answered / seconds);
        result.add("backlog", madeBefore + due - completedThen);
        result.add("unanswered", unanswered);
        addLatencies(result);
        result.addUsage(from, to, answered);
        return result;
    }

    /** What has no reply by now counts with the time that it has waited. Later replies are not looked at. */
    private long giveUp(long nowNs) {
        long unanswered = 0;
        synchronized (samples) {
            over = true;
            for (Request request : requests) {
                if (!request.underWay || !request.timed) continue;
                samples.record((nowNs - request.startNs) / 1e3);
                unanswered++;
            }
        }
        return unanswered;
    }

    private void addLatencies(Result result) {
        samples.sort();
        Arrays.sort(lagsUs, 0, lagCount);
        result.add("samples", samples.count());
        result.add("p50Us", samples.percentile(0.5));
        result.add("p90Us", samples.percentile(0.9));
        result.add("p99Us", samples.percentile(0.99));
        result.add("p999Us", samples.percentile(0.999));
        result.add("p9999Us", samples.percentile(0.9999));
        result.add("maxUs", samples.max());
        result.add("lagP50Us", lagPercentile(0.5));
        result.add("lagP99Us", lagPercentile(0.99));
        result.add("lagMaxUs", lagCount == 0 ? Double.NaN : lagsUs[lagCount - 1]);
    }

    private double lagPercentile(double share) {
        if (lagCount * (1 - share) < 2) return Double.NaN;
        return lagsUs[(int) Math.ceil(share * lagCount) - 1];
    }
}
