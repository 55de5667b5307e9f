import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/** Loops side by side, each with its next request when the last one is answered. */
final class ClosedLoop {
    /** Every so many-th loop is timed: at most this many of them, evenly spread. */
    private static final int TIMED_LOOPS_MAX = 64;
    /** The warm-up begins at least this deep, and is so for this share of its time. */
    private static final int WIDE_DEPTH = 128;
    private static final double WIDE_SHARE = 0.7;
    private static final long LOOK_EVERY_MS = 20;
    private static final double DRAIN_S = 10;

    private final Operations operations;
    private final AtomicInteger loopsLeft = new AtomicInteger();
    private final Samples samples = new Samples();
    private volatile boolean running = true;
    private volatile boolean recording;
    /** Written by the client's event thread only. */
    private volatile long completed;

    private ClosedLoop(Operations operations) {
        this.operations = operations;
    }

    private final class Loop extends Operations.Slot {
        void next() {
            if (timed) startNs = System.nanoTime();
            operations.issue(this);
        }

        @Override
        @SuppressWarnings("NonAtomicOperationOnVolatileField")
        void done() {
            if (timed && recording) samples.record((System.nanoTime() - startNs) / 1e3);
            completed++;
            if (running) next();
            else loopsLeft.decrementAndGet();
        }
    }

    private void start(int depth) {
        int stride = (depth + TIMED_LOOPS_MAX - 1) / TIMED_LOOPS_MAX;
        loopsLeft.set(depth);
        for (int number = 0; number < depth; number++) {
            Loop loop = new Loop();
            loop.number = number;
            loop.timed = number % stride == 0;
            loop.next();
        }
    }

    private void drain() throws InterruptedException, IOException {
        running = false;
        long untilNs = System.nanoTime() + (long) (DRAIN_S * 1e9);
        while (loopsLeft.get() > 0) {
            if (System.nanoTime() > untilNs) throw new IOException("no reply in " + DRAIN_S + " s");
            Thread.sleep(1);
        }
    }

    static void warmUpWide(Operations operations, Options options) throws Exception {
        double ms = options.warmupMs * WIDE_SHARE;
        if (ms <= 0) return;
        ClosedLoop loops = new ClosedLoop(operations);
        loops.start(options.rate == 0 ? Math.max(WIDE_DEPTH, options.depth) : WIDE_DEPTH);
        Thread.sleep((long) ms);
        long untilNs = System.nanoTime() + (long) (ms * (options.warmupStretch - 1) * 1e6);
        while (loops.completed < options.warmupOperations && System.nanoTime() < untilNs) Thread.sleep(LOOK_EVERY_MS);
        loops.drain();
    }

    static Result run(Operations operations, Options options) throws Exception {
        ClosedLoop loops = new ClosedLoop(operations);
        loops.start(options.depth);
        Thread.sleep((long) (options.warmupMs * (1 - WIDE_SHARE)));
        return loops.measure(options);
    }

    private Result measure(Options options) throws Exception {
        Output.phase("measuring");
        Usage from = new Usage();
        recording = true;
        long completedBefore = completed;
        long startNs = System.nanoTime();
        Thread.sleep((long) options.measureMs);
        double seconds = (System.nanoTime() - startNs) / 1e9;
        double count = completed - completedBefore;
        recording = false;
        Usage to = new Usage();
        Output.phase("measured");
        drain();
        if (count == 0) throw new IOException(String.format("no operation completed in %.1f s", seconds));
        samples.sort();
        Result result = new Result();
        result.add("operations", count);
        result.add("seconds", seconds);
        result.add("opsPerSecond", count / seconds);
        result.add("samples", samples.count());
        result.add("p50Us", samples.percentile(0.5));
        result.add("p90Us", samples.percentile(0.9));
        result.add("p99Us", samples.percentile(0.99));
        result.add("p999Us", samples.percentile(0.999));
        result.addUsage(from, to, count);
        return result;
    }
}
