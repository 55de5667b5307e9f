/** When requests are due, one after the other and without an end. */
final class Schedule {
    private final Options options;
    final long startNs = System.nanoTime();
    /** The next one. */
    long dueNs;
    private double offsetNs;
    private long count;
    private int state = 0x5a6b7761;

    Schedule(Options options) {
        this.options = options;
        advance();
    }

    void advance() {
        if (options.poisson) offsetNs -= Math.log(1 - random()) * 1e9 / options.rate;
        else offsetNs = count++ * 1e9 / options.rate;
        dueNs = startNs + (long) offsetNs;
    }

    /** Mulberry32, as the Node clients have it: everybody gets the same arrivals. */
    private double random() {
        state += 0x6d2b79f5;
        int mixed = (state ^ (state >>> 15)) * (1 | state);
        mixed = (mixed + (mixed ^ (mixed >>> 7)) * (61 | mixed)) ^ mixed;
        return Integer.toUnsignedLong(mixed ^ (mixed >>> 14)) / 4294967296.0;
    }
}
