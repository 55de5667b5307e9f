import java.util.Arrays;

/** Raw latencies, thinned by half whenever the memory is full, as those of the Node clients are. */
final class Samples {
    private static final int SAMPLES_MAX = 1 << 19;
    /** Fewer samples than this beyond a percentile, and it is not given. */
    private static final int BEYOND_MIN = 2;

    private final double[] valuesUs = new double[SAMPLES_MAX];
    private int count;
    private long seen;
    private long stride = 1;
    private double maxUs;

    void record(double us) {
        if (us > maxUs) maxUs = us;
        if (seen++ % stride != 0) return;
        if (count == SAMPLES_MAX) thin();
        valuesUs[count++] = us;
    }

    private void thin() {
        for (int index = 0; index < SAMPLES_MAX / 2; index++) valuesUs[index] = valuesUs[index * 2];
        count = SAMPLES_MAX / 2;
        stride *= 2;
    }

    void sort() {
        Arrays.sort(valuesUs, 0, count);
    }

    int count() {
        return count;
    }

    /** NaN when too few samples lie beyond. */
    double percentile(double share) {
        if (count * (1 - share) < BEYOND_MIN) return Double.NaN;
        return valuesUs[Math.max(1, (int) Math.ceil(share * count)) - 1];
    }

    double max() {
        return count == 0 ? Double.NaN : maxUs;
    }
}
