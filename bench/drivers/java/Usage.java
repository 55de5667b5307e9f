import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process has used so far; NaN where that cannot be had. */
final class Usage {
    private static final OperatingSystemMXBean SYSTEM =
        (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    final double cpuUs = SYSTEM.getProcessCpuTime() / 1e3;
    final double reads = procValue("/proc/self/io", "syscr:");
    final double writes = procValue("/proc/self/io", "syscw:");
    final double allocatedBytes = allocatedBytes();

    static double peakRssBytes() {
        return procValue("/proc/self/status", "VmHWM:") * 1024;
    }

    /** Of all threads that live now: the client's live as long as the client. */
    private static double allocatedBytes() {
        long sum = 0;
        for (long bytes : THREADS.getThreadAllocatedBytes(THREADS.getAllThreadIds())) sum += Math.max(0, bytes);
        return sum;
    }

    /** The number behind a word at the beginning of a line. */
    private static double procValue(String file, String word) {
        try {
            for (String line : Files.readAllLines(Path.of(file))) {
                if (line.startsWith(word)) return Double.parseDouble(line.substring(word.length()).trim().split("\\s+")[0]);
            }
        } catch (IOException missing) {
            // Not Linux, or not ours to read.
        }
        return Double.NaN;
    }
}
