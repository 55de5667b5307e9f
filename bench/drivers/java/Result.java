import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.zookeeper.ZooKeeper;

/** Named values of one turn, in their order. */
final class Result {
    final Map<String, Double> values = new LinkedHashMap<>();
    ZooKeeper client;

    void add(String name, double value) {
        values.put(name, value);
    }

    void addUsage(Usage from, Usage to, double operations) {
        add("cpuUsPerOp", (to.cpuUs - from.cpuUs) / operations);
        add("peakRssBytes", Usage.peakRssBytes());
        add("readSyscallsPerOp", (to.reads - from.reads) / operations);
        add("writeSyscallsPerOp", (to.writes - from.writes) / operations);
        add("allocatedBytesPerOp", (to.allocatedBytes - from.allocatedBytes) / operations);
    }

    void close() {
        try {
            client.close();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }
}
