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
        lagsUs = new double[dueInWindow()];
    }

    private int dueInWindow() {
        return (int) Math.ceil(options.measureMs / 1e3 * options.rate);
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
        if (timed) lagsUs[lagCount++] = (System.nanoTime() - dueNs) / 1e3;
        operations.issue(request);
        return true;
    }

    private long dueNs(long startNs, long number) {
        return startNs + (long) (number * 1e9 / options.rate);
    }

    private static void sleepUntil(long untilNs) {
        for (;;) {
            long leftNs = untilNs - System.nanoTime();
            if (leftNs <= 0) return;
            LockSupport.parkNanos(leftNs);
        }
    }

    /** Makes requests from `number` to before `end`, each when it is due, and gives up at `limitNs`. */
    private long makeRequests(long startNs, long number, long end, long limitNs, boolean timed) {
        while (number < end) {
            long nowNs = System.nanoTime();
            long dueNs = dueNs(startNs, number);
            if (nowNs >= limitNs) break;
            if (dueNs > nowNs) sleepUntil(Math.min(dueNs, limitNs));
            else if (handOver(dueNs, timed)) number++;
            else LockSupport.parkNanos(LOOK_EVERY_NS);
        }
        return number;
    }

    Result run() throws IOException {
        long pacedWarmup = (long) (options.warmupMs * PACED_WARMUP_SHARE / 1e3 * options.rate);
        long due = dueInWindow();
        long end = pacedWarmup + due;
        long startNs = System.nanoTime();
        long fromNs = dueNs(startNs, pacedWarmup);
        long toNs = fromNs + (long) (options.measureMs * 1e6);
        long limitNs = toNs + (long) (options.drainMs * 1e6);
        // What the warm-up could not make by then is left out: it is thrown away anyway.
        long owed = makeRequests(startNs, 0, pacedWarmup, fromNs, false) + due;
        sleepUntil(fromNs);
        Output.phase("measuring");
        Usage from = new Usage();
        long completedBefore = completed;
        long number = makeRequests(startNs, pacedWarmup, end, toNs, true);
        sleepUntil(toNs);
        double seconds = (System.nanoTime() - fromNs) / 1e9;
        long completedThen = completed;
        Usage to = new Usage();
        Output.phase("measured");
        number = makeRequests(startNs, number, end, limitNs, true);
        while (completed < owed && System.nanoTime() < limitNs) LockSupport.parkNanos(LOOK_EVERY_NS);
        long unanswered = giveUp(startNs, number, end);
        long answered = completedThen - completedBefore;
        if (answered == 0) throw new IOException(String.format("no operation completed in %.1f s", seconds));
        Result result = new Result();
        result.add("offeredPerSecond", options.rate);
        result.add("due", due);
        result.add("seconds", seconds);
        result.add("completedPerSecond", answered / seconds);
        result.add("backlog", owed - completedThen);
        result.add("unanswered", unanswered);
        addLatencies(result);
        result.addUsage(from, to, answered);
        return result;
    }

    /** What has no reply by now counts with the time that it has waited. */
    private long giveUp(long startNs, long number, long end) {
        long unanswered = end - number;
        synchronized (samples) {
            over = true;
            long nowNs = System.nanoTime();
            for (Request request : requests) {
                if (!request.underWay || !request.timed) continue;
                samples.record((nowNs - request.startNs) / 1e3);
                unanswered++;
            }
            for (; number < end; number++) samples.record((nowNs - dueNs(startNs, number)) / 1e3);
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
