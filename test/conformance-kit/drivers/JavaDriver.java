// Does on the Java client what `zkwire conform client` says: see docs/conformance.md.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.AsyncCallback;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.ZooDefs;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

public final class JavaDriver {
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    private static final Map<Watcher.Event.EventType, String> EVENTS = Map.of(
        Watcher.Event.EventType.NodeCreated, "created",
        Watcher.Event.EventType.NodeDeleted, "deleted",
        Watcher.Event.EventType.NodeDataChanged, "changed",
        Watcher.Event.EventType.NodeChildrenChanged, "children");
    /** For what has no asynchronous form. */
    private static final ExecutorService ASIDE = Executors.newCachedThreadPool();

    private static ZooKeeper client;
    private static String connectString;

    private static synchronized void say(Object... words) {
        StringBuilder line = new StringBuilder();
        for (Object word : words) {
            line.append(line.length() > 0 ? "\t" : "").append(word);
        }
        OUT.print(line.append('\n'));
        OUT.flush();
    }

    private static void hear(WatchedEvent event) {
        String name = EVENTS.get(event.getType());
        if (name != null) {
            say("event", name, event.getPath());
        }
    }

    private static byte[] bytesOf(String word) {
        if (word.equals("null")) {
            return null;
        }
        byte[] bytes = new byte[word.equals("-") ? 0 : word.length() / 2];
        for (int at = 0; at < bytes.length; at++) {
            bytes[at] = (byte) Integer.parseInt(word.substring(2 * at, 2 * at + 2), 16);
        }
        return bytes;
    }

    private static String wordOf(byte[] data) {
        if (data == null || data.length == 0) {
            return data == null ? "null" : "-";
        }
        StringBuilder word = new StringBuilder(data.length * 2);
        for (byte each : data) {
            word.append(Character.forDigit(each >> 4 & 15, 16)).append(Character.forDigit(each & 15, 16));
        }
        return word.toString();
    }

    private static Watcher watcher(String[] words) {
        return words[words.length - 1].equals("watch") ? JavaDriver::hear : null;
    }

    private static void answer(String id, int rc, Object... words) {
        if (rc != 0) {
            say(id, "error", rc);
            return;
        }
        List<Object> line = new ArrayList<>(List.of(id, "ok"));
        line.addAll(Arrays.asList(words));
        say(line.toArray());
    }

    private interface Work {
        Object[] run() throws Exception;
    }

    private static void aside(String id, Work work) {
        ASIDE.execute(() -> {
            try {
                answer(id, 0, work.run());
            } catch (Exception error) {
                fail(id, error);
            }
        });
    }

    private static void fail(String id, Exception error) {
        Object code = error instanceof KeeperException ? ((KeeperException) error).code().intValue() : "untyped";
        say(id, "error", code, String.valueOf(error).replaceAll("\\s+", " "));
    }

    private static Object[] connect(int timeoutMs, boolean readOnly) throws Exception {
        CountDownLatch connected = new CountDownLatch(1);
        client = new ZooKeeper(connectString, timeoutMs, event -> {
            if (event.getState() == Watcher.Event.KeeperState.SyncConnected) {
                connected.countDown();
            }
        }, readOnly);
        connected.await();
        return new Object[0];
    }

    private static Object[] multi(String[] words) throws Exception {
        List<Op> ops = new ArrayList<>();
        for (String step : String.join("\t", words).split("\t;\t")) {
            String[] part = step.split("\t");
            switch (part[0]) {
                case "create":
                    ops.add(Op.create(part[1], bytesOf(part[2]), ZooDefs.Ids.OPEN_ACL_UNSAFE, Integer.parseInt(part[3])));
                    break;
                case "set":
                    ops.add(Op.setData(part[1], bytesOf(part[2]), Integer.parseInt(part[3])));
                    break;
                case "delete":
                    ops.add(Op.delete(part[1], Integer.parseInt(part[2])));
                    break;
                default:
                    ops.add(Op.check(part[1], Integer.parseInt(part[2])));
            }
        }
        client.multi(ops);
        return new Object[0];
    }

    private static void create(String id, String path, byte[] data, int mode, String ttl) throws Exception {
        CreateMode createMode = CreateMode.fromFlag(mode);
        if (mode < 4 && ttl == null) {
            client.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, createMode,
                (AsyncCallback.StringCallback) (rc, p, c, name) -> answer(id, rc, String.valueOf(name)), null);
        } else {
            client.create(path, data, ZooDefs.Ids.OPEN_ACL_UNSAFE, createMode,
                (AsyncCallback.Create2Callback) (rc, p, c, name, stat) -> answer(id, rc, String.valueOf(name)),
                null, ttl == null ? -1 : Long.parseLong(ttl));
        }
    }

    private static Object[] fields(Stat s) {
        if (s == null) {
            return new Object[0];
        }
        return new Object[] {s.getCzxid(), s.getMzxid(), s.getCtime(), s.getMtime(), s.getVersion(), s.getCversion(),
            s.getAversion(), s.getEphemeralOwner(), s.getDataLength(), s.getNumChildren(), s.getPzxid()};
    }

    private static void obey(String id, String name, String[] w) throws Exception {
        switch (name) {
            case "connect":
                aside(id, () -> connect(Integer.parseInt(w[0]), w.length > 1));
                break;
            case "auth":
                client.addAuthInfo(w[0], bytesOf(w[1]));
                answer(id, 0);
                break;
            case "create":
                create(id, w[0], bytesOf(w[1]), Integer.parseInt(w[2]), w.length > 3 ? w[3] : null);
                break;
            case "delete":
                client.delete(w[0], Integer.parseInt(w[1]), (rc, p, c) -> answer(id, rc), null);
                break;
            case "exists":
                client.exists(w[0], watcher(w), (rc, p, c, stat) -> answer(id, rc, fields(stat)), null);
                break;
            case "get":
                client.getData(w[0], watcher(w), (rc, p, c, data, stat) -> answer(id, rc, wordOf(data)), null);
                break;
            case "set":
                client.setData(w[0], bytesOf(w[1]), Integer.parseInt(w[2]), (rc, p, c, stat) -> answer(id, rc), null);
                break;
            case "children":
                client.getChildren(w[0], watcher(w), (AsyncCallback.ChildrenCallback) (rc, p, c, names) ->
                    answer(id, rc, names == null ? new Object[0] : names.toArray()), null);
                break;
            case "getacl":
                client.getACL(w[0], null, (rc, p, c, acl, stat) -> answer(id, rc), null);
                break;
            case "setacl":
                client.setACL(w[0], List.of(new ACL(Integer.parseInt(w[2]), new Id(w[3], w[4]))),
                    Integer.parseInt(w[1]), (rc, p, c, stat) -> answer(id, rc), null);
                break;
            case "sync":
                client.sync(w[0], (rc, p, c) -> answer(id, rc), null);
                break;
            case "multi":
                aside(id, () -> multi(w));
                break;
            case "watch":
                client.addWatch(w[0], JavaDriver::hear,
                    w[1].equals("recursive") ? AddWatchMode.PERSISTENT_RECURSIVE : AddWatchMode.PERSISTENT,
                    (rc, p, c) -> answer(id, rc), null);
                break;
            case "close":
                aside(id, () -> {
                    client.close();
                    return new Object[0];
                });
                break;
            default:
                say(id, "unsupported");
        }
    }

    public static void main(String[] args) throws Exception {
        connectString = args[0];
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t", -1);
            try {
                obey(words[0], words[1], Arrays.copyOfRange(words, 2, words.length));
            } catch (Exception error) {
                fail(words[0], error);
            }
        }
        Runtime.getRuntime().halt(0);
    }
}
