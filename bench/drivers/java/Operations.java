import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AsyncCallback.ChildrenCallback;
import org.apache.zookeeper.AsyncCallback.DataCallback;
import org.apache.zookeeper.AsyncCallback.MultiCallback;
import org.apache.zookeeper.AsyncCallback.StatCallback;
import org.apache.zookeeper.AsyncCallback.StringCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooKeeper;

/** Makes the requests of a workload, by the asynchronous methods. */
final class Operations {
    /** Sets of one transaction. */
    private static final int MULTI_SETS = 10;
    /** Of so many operations of the mix, one writes. */
    private static final int MIX = 5;
    private static final int CHECK_TIMEOUT_S = 10;

    /** One request under way: a closed loop has one at a time, an open loop one of many. */
    abstract static class Slot {
        int number;
        /** Requests made so far, for the mix of reads and writes. */
        int made;
        boolean timed;
        /** When it was made, or was due in an open loop. */
        long startNs;

        /** Called by the client's event thread when the reply is in and good. */
        abstract void done();
    }

    private final ZooKeeper client;
    private final Options options;
    private final byte[] payload;
    private final String path;

    private final DataCallback onData = (code, path, context, data, stat) -> finishGet(code, context, data);
    private final StatCallback onStat = (code, path, context, stat) -> finish(code, context);
    private final StringCallback onString = (code, path, context, name) -> finish(code, context);
    private final ChildrenCallback onChildren = (code, path, context, names) -> finishChildren(code, context, names);
    private final MultiCallback onMulti = (code, path, context, results) -> finish(code, context);

    Operations(ZooKeeper client, Options options) {
        this.client = client;
        this.options = options;
        payload = new byte[options.payloadBytes];
        for (int at = 0; at < payload.length; at++) payload[at] = (byte) (at * 7 + 0x80);
        path = options.operation == Options.Operation.CREATE ? options.path + "/n-" : options.path;
    }

    /** Sends the slot's next request. */
    void issue(Slot slot) {
        switch (options.operation) {
            case GET: get(slot); break;
            case SET: set(slot); break;
            case EXISTS: client.exists(path, false, onStat, slot); break;
            case CREATE:
                client.create(path, payload, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT_SEQUENTIAL, onString, slot);
                break;
            case GET_CHILDREN: client.getChildren(path, false, onChildren, slot); break;
            case MULTI: client.multi(sets(), onMulti, slot); break;
            default:
                if ((slot.made + slot.number) % MIX == MIX - 1) set(slot);
                else get(slot);
        }
        slot.made++;
    }

    private void get(Slot slot) {
        client.getData(path, false, onData, slot);
    }

    private void set(Slot slot) {
        client.setData(path, payload, -1, onStat, slot);
    }

    private List<Op> sets() {
        List<Op> sets = new ArrayList<>(MULTI_SETS);
        for (int index = 0; index < MULTI_SETS; index++) sets.add(Op.setData(path, payload, -1));
        return sets;
    }

    private void finish(int code, Object slot) {
        if (code != 0) Driver.fail(KeeperException.create(Code.get(code), path));
        ((Slot) slot).done();
    }

    private void finishGet(int code, Object slot, byte[] data) {
        if (code == 0 && (data == null || data.length != payload.length)) {
            Driver.fail(new IOException(wrongLength(data)));
        }
        finish(code, slot);
    }

    private void finishChildren(int code, Object slot, List<String> names) {
        if (code == 0 && names.size() != options.children) {
            String message = "getChildren gave " + names.size() + " names, not the " + options.children + " expected";
            Driver.fail(new IOException(message));
        }
        finish(code, slot);
    }

    private String wrongLength(byte[] data) {
        return "get gave " + (data == null ? "no" : data.length) + " bytes, not the " + payload.length + " expected";
    }

    /** Does what is measured once, and reads what was written: before anything is counted. */
    void checkOnce() throws Exception {
        CountDownLatch answered = new CountDownLatch(1);
        issue(new Slot() {
            @Override
            void done() {
                answered.countDown();
            }
        });
        if (!answered.await(CHECK_TIMEOUT_S, TimeUnit.SECONDS)) {
            throw new IOException("no reply in " + CHECK_TIMEOUT_S + " s");
        }
        if (options.operation == Options.Operation.CREATE || options.operation == Options.Operation.GET_CHILDREN) return;
        byte[] data = client.getData(path, false, null);
        if (data == null || data.length != payload.length) throw new IOException(wrongLength(data));
        if (!Arrays.equals(data, payload)) throw new IOException("get gave other bytes than expected");
    }
}
