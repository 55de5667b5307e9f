import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.AddWatchMode;
import org.apache.zookeeper.CreateMode;
import org.apache.zookeeper.KeeperException;
import org.apache.zookeeper.KeeperException.Code;
import org.apache.zookeeper.Op;
import org.apache.zookeeper.WatchedEvent;
import org.apache.zookeeper.Watcher;
import org.apache.zookeeper.Watcher.Event.EventType;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Watcher.WatcherType;
import org.apache.zookeeper.ZooDefs.Ids;
import org.apache.zookeeper.ZooDefs.Perms;
import org.apache.zookeeper.ZooKeeper;
import org.apache.zookeeper.admin.ZooKeeperAdmin;
import org.apache.zookeeper.data.ACL;
import org.apache.zookeeper.data.Id;
import org.apache.zookeeper.data.Stat;

/**
 * Drives the Java client through one topic, so that a recording proxy in front of the server sees what
 * the client sends. Arguments: connect string of the proxy, connect string of the server, topic, and
 * whatever else the topic needs. A line `hold` or `release` on standard output asks the maker to cut the
 * proxied connections or to let them through again; it answers with a line on standard input.
 */
public final class JavaClient {
    private static final int TIMEOUT_MS = 10_000;
    private static final long WAIT_MS = 15_000;
    private static final Watcher IGNORE = event -> {};

    private final String proxied;
    private final String direct;
    private final BufferedReader answers = new BufferedReader(new InputStreamReader(System.in));

    private JavaClient(String proxied, String direct) {
        this.proxied = proxied;
        this.direct = direct;
    }

    /** Collects events, so that a topic can wait for each before it goes on. */
    private static final class Events implements Watcher {
        private final BlockingQueue<WatchedEvent> queue = new LinkedBlockingQueue<>();

        @Override
        public void process(WatchedEvent event) {
            queue.add(event);
        }

        void await(EventType type) throws Exception {
            for (;;) {
                WatchedEvent event = queue.poll(WAIT_MS, TimeUnit.MILLISECONDS);
                if (event == null) throw new IllegalStateException("no event " + type);
                if (event.getType() == type) return;
            }
        }

        void await(KeeperState state) throws Exception {
            for (;;) {
                WatchedEvent event = queue.poll(WAIT_MS, TimeUnit.MILLISECONDS);
                if (event == null) throw new IllegalStateException("no state " + state);
                if (event.getType() == EventType.None && event.getState() == state) return;
            }
        }
    }

    private interface Call {
        void run() throws Exception;
    }

    /** Runs a call that the server refuses with this code. */
    private static void refused(Code code, Call call) throws Exception {
        try {
            call.run();
        } catch (KeeperException error) {
            if (error.code() == code) return;
            throw error;
        }
        throw new IllegalStateException("not refused with " + code);
    }

    private ZooKeeper connect(Events events) throws Exception {
        ZooKeeper zk = new ZooKeeper(proxied, TIMEOUT_MS, events);
        events.await(KeeperState.SyncConnected);
        return zk;
    }

    private ZooKeeper connect() throws Exception {
        return connect(new Events());
    }

    private void ask(String what) throws Exception {
        System.out.println(what);
        if (answers.readLine() == null) throw new IllegalStateException("the maker has gone");
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private void basic() throws Exception {
        ZooKeeper zk = connect();
        byte[] v = utf8("v");
        List<ACL> open = Ids.OPEN_ACL_UNSAFE;
        zk.create("/java", v, open, CreateMode.PERSISTENT);
        zk.create("/java/null", null, open, CreateMode.PERSISTENT);
        zk.create("/java/empty", new byte[0], open, CreateMode.PERSISTENT);
        zk.create("/java/ephemeral", v, open, CreateMode.EPHEMERAL);
        zk.create("/java/sequential-", v, open, CreateMode.PERSISTENT_SEQUENTIAL);
        zk.create("/java/es-", v, open, CreateMode.EPHEMERAL_SEQUENTIAL);
        for (CreateMode mode : CreateMode.values()) {
            Stat stat = new Stat();
            String path = "/java/with-stat-" + mode.toFlag() + "-";
            zk.create(path, v, open, mode, stat, mode.isTTL() ? 60_000 : -1);
        }
        zk.create("/java/container", null, open, CreateMode.CONTAINER);
        zk.create("/java/\u00e4\u4e2d\u6587 \uffef", utf8("\u00fc"), open, CreateMode.PERSISTENT);
        refused(Code.NODEEXISTS, () -> zk.create("/java", v, open, CreateMode.PERSISTENT));
        refused(Code.NOCHILDRENFOREPHEMERALS,
            () -> zk.create("/java/ephemeral/x", v, open, CreateMode.PERSISTENT));
        refused(Code.NONODE, () -> zk.create("/none/x", v, open, CreateMode.PERSISTENT, new Stat()));
        zk.exists("/java", false);
        refused(Code.NONODE, () -> zk.getData("/java/none", false, null));
        zk.exists("/java/none", false);
        zk.getData("/java", false, new Stat());
        zk.getData("/java/null", false, new Stat());
        zk.getData("/java/empty", false, new Stat());
        zk.getData("/java/ephemeral", false, new Stat());
        zk.setData("/java", utf8("second"), 0);
        zk.setData("/java", null, -1);
        zk.setData("/java", new byte[0], -1);
        refused(Code.BADVERSION, () -> zk.setData("/java", v, 99));
        zk.getChildren("/java", false);
        zk.getChildren("/java/null", false);
        zk.getChildren("/java", false, new Stat());
        zk.getChildren("/java/null", false, new Stat());
        refused(Code.NONODE, () -> zk.getChildren("/java/none", false));
        CountDownLatch synced = new CountDownLatch(1);
        zk.sync("/java", (rc, path, context) -> synced.countDown(), null);
        synced.await();
        zk.getEphemerals();
        zk.getEphemerals("/java");
        zk.getEphemerals("/elsewhere");
        zk.getAllChildrenNumber("/java");
        zk.whoAmI();
        zk.getConfig(false, new Stat());
        zk.delete("/java/null", -1);
        refused(Code.NOTEMPTY, () -> zk.delete("/java", -1));
        refused(Code.BADVERSION, () -> zk.delete("/java/empty", 3));
        zk.close();
    }

    private void large() throws Exception {
        ZooKeeper zk = connect();
        byte[] data = new byte[70_000];
        for (int index = 0; index < data.length; index++) data[index] = (byte) (index * 31);
        zk.create("/java-large", data, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.getData("/java-large", false, new Stat());
        List<Op> ops = new ArrayList<>();
        for (int index = 0; index < 60; index++) {
            ops.add(Op.create("/java-large/child-" + index, null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        }
        zk.multi(ops);
        zk.getChildren("/java-large", false);
        zk.close();
    }

    private void acl() throws Exception {
        ZooKeeper zk = connect();
        zk.create("/java-acl", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT);
        zk.getACL("/java-acl", new Stat());
        zk.addAuthInfo("digest", utf8("user:secret"));
        zk.whoAmI();
        zk.create("/java-acl/own", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        zk.getACL("/java-acl/own", new Stat());
        List<ACL> several = Arrays.asList(
            new ACL(Perms.READ, Ids.ANYONE_ID_UNSAFE),
            new ACL(Perms.ALL, new Id("digest", "user:5w9W4eL3797Y4Wq8AcKUPPk8ha4=")),
            new ACL(Perms.READ | Perms.WRITE | Perms.CREATE, new Id("ip", "127.0.0.1/8")));
        zk.create("/java-acl/several", null, several, CreateMode.PERSISTENT);
        zk.setACL("/java-acl/own", several, 0);
        zk.getACL("/java-acl/own", new Stat());
        refused(Code.BADVERSION, () -> zk.setACL("/java-acl/own", several, 7));
        // Above U+FFFF: Apache's writer encodes each surrogate on its own.
        Id emoji = new Id("digest", "\ud83d\ude00:x");
        zk.create("/java-acl/emoji", null,
            Arrays.asList(new ACL(Perms.ALL, emoji), new ACL(Perms.ALL, Ids.ANYONE_ID_UNSAFE)),
            CreateMode.PERSISTENT);
        zk.getACL("/java-acl/emoji", new Stat());
        zk.create("/java-acl/closed", null,
            Collections.singletonList(new ACL(Perms.ADMIN, new Id("digest", "other:x"))), CreateMode.PERSISTENT);
        refused(Code.NOAUTH, () -> zk.getData("/java-acl/closed", false, null));
        refused(Code.INVALIDACL, () -> zk.setACL("/java-acl",
            Collections.singletonList(new ACL(Perms.ALL, new Id("nonsense", "x"))), -1));
        zk.close();
    }

    private void auth() throws Exception {
        Events events = new Events();
        ZooKeeper zk = connect(events);
        zk.addAuthInfo("nonsense", utf8("x"));
        events.await(KeeperState.AuthFailed);
        zk.close();
    }

    private void multi() throws Exception {
        ZooKeeper zk = connect();
        byte[] v = utf8("v");
        List<ACL> open = Ids.OPEN_ACL_UNSAFE;
        zk.create("/java-multi", v, open, CreateMode.PERSISTENT);
        zk.multi(Arrays.asList(
            Op.check("/java-multi", 0),
            Op.create("/java-multi/a", v, open, CreateMode.PERSISTENT),
            Op.setData("/java-multi/a", null, -1),
            Op.delete("/java-multi/a", -1)));
        zk.multi(Arrays.asList(
            Op.create("/java-multi/c-", null, open, CreateMode.EPHEMERAL_SEQUENTIAL),
            Op.create("/java-multi/container", null, open, CreateMode.CONTAINER),
            Op.create("/java-multi/ttl", v, open, CreateMode.PERSISTENT_WITH_TTL, 60_000),
            Op.create("/java-multi/ttl-", v, open, CreateMode.PERSISTENT_SEQUENTIAL_WITH_TTL, 1)));
        refused(Code.NONODE, () -> zk.multi(Arrays.asList(
            Op.check("/java-multi", 0), Op.delete("/java-multi/none", -1), Op.check("/java-multi", 0))));
        zk.multi(Arrays.asList(
            Op.getData("/java-multi"), Op.getChildren("/java-multi"),
            Op.getData("/java-multi/container"), Op.getChildren("/java-multi/ttl"), Op.getData("/none")));
        zk.close();
    }

    private void watches() throws Exception {
        Events events = new Events();
        ZooKeeper zk = connect(events);
        ZooKeeper other = connect();
        List<ACL> open = Ids.OPEN_ACL_UNSAFE;
        zk.exists("/java-watch", true);
        other.create("/java-watch", null, open, CreateMode.PERSISTENT);
        events.await(EventType.NodeCreated);
        zk.getData("/java-watch", true, new Stat());
        other.setData("/java-watch", utf8("1"), -1);
        events.await(EventType.NodeDataChanged);
        zk.getChildren("/java-watch", true);
        other.create("/java-watch/child", null, open, CreateMode.PERSISTENT);
        events.await(EventType.NodeChildrenChanged);
        zk.getChildren("/java-watch", true, new Stat());
        zk.exists("/java-watch/child", true);
        other.delete("/java-watch/child", -1);
        events.await(EventType.NodeDeleted);
        zk.getConfig(true, new Stat());
        Events first = new Events();
        Events second = new Events();
        zk.addWatch("/java-watch", first, AddWatchMode.PERSISTENT);
        zk.addWatch("/java-watch/tree", second, AddWatchMode.PERSISTENT_RECURSIVE);
        other.create("/java-watch/tree", null, open, CreateMode.PERSISTENT);
        other.create("/java-watch/tree/\u00e4", null, open, CreateMode.PERSISTENT);
        second.await(EventType.NodeCreated);
        second.await(EventType.NodeCreated);
        first.await(EventType.NodeChildrenChanged);
        zk.getData("/java-watch/tree", first, new Stat());
        zk.getData("/java-watch/tree", second, new Stat());
        zk.getChildren("/java-watch/tree", first);
        zk.removeWatches("/java-watch/tree", first, WatcherType.Data, false);
        zk.removeAllWatches("/java-watch/tree", WatcherType.Children, false);
        zk.removeAllWatches("/java-watch", WatcherType.Any, false);
        other.close();
        zk.close();
    }

    private void reconnect() throws Exception {
        List<ACL> open = Ids.OPEN_ACL_UNSAFE;
        ZooKeeper outside = new ZooKeeper(direct, TIMEOUT_MS, IGNORE);
        outside.create("/java-re", null, open, CreateMode.PERSISTENT);
        outside.create("/java-re/data", null, open, CreateMode.PERSISTENT);
        Events events = new Events();
        ZooKeeper zk = connect(events);
        zk.addAuthInfo("digest", utf8("user:secret"));
        zk.getData("/java-re/data", true, new Stat());
        zk.getData("/java-re", true, new Stat());
        zk.exists("/java-re/new", true);
        zk.getChildren("/java-re", true);
        ask("hold");
        events.await(KeeperState.Disconnected);
        outside.setData("/java-re/data", utf8("2"), -1);
        outside.create("/java-re/new", null, open, CreateMode.PERSISTENT);
        ask("release");
        events.await(KeeperState.SyncConnected);
        events.await(EventType.NodeChildrenChanged);
        Events persistent = new Events();
        zk.addWatch("/java-re/data", persistent, AddWatchMode.PERSISTENT);
        zk.addWatch("/java-re", persistent, AddWatchMode.PERSISTENT_RECURSIVE);
        zk.exists("/java-re/later", true);
        ask("hold");
        events.await(KeeperState.Disconnected);
        ask("release");
        events.await(KeeperState.SyncConnected);
        zk.exists("/java-re", false);
        outside.delete("/java-re/new", -1);
        persistent.await(EventType.NodeDeleted);
        outside.close();
        zk.close();
    }

    /** A client that can drop its connection and leave its session to another. */
    private static final class Detachable extends ZooKeeper {
        Detachable(String hosts, int timeoutMs, Watcher watcher) throws Exception {
            super(hosts, timeoutMs, watcher);
        }

        void detach() {
            cnxn.disconnect();
        }
    }

    private void session() throws Exception {
        Events events = new Events();
        // With a session time-out this short the client pings every third of it.
        Detachable first = new Detachable(proxied, 3_000, events);
        events.await(KeeperState.SyncConnected);
        first.create("/java-session", null, Ids.OPEN_ACL_UNSAFE, CreateMode.EPHEMERAL);
        Thread.sleep(2_200);
        long id = first.getSessionId();
        byte[] password = first.getSessionPasswd();
        byte[] wrongPassword = new byte[16];
        Arrays.fill(wrongPassword, (byte) 1);
        first.detach();
        ZooKeeper wrong = new ZooKeeper(proxied, TIMEOUT_MS, events, id, wrongPassword);
        events.await(KeeperState.Expired);
        wrong.close();
        ZooKeeper resumed = new ZooKeeper(proxied, TIMEOUT_MS, events, id, password);
        events.await(KeeperState.SyncConnected);
        resumed.getEphemerals();
        resumed.close();
        ZooKeeper late = new ZooKeeper(proxied, TIMEOUT_MS, events, id, password, true);
        events.await(KeeperState.Expired);
        late.close();
    }

    private void reconfigRefused() throws Exception {
        ZooKeeperAdmin zk = new ZooKeeperAdmin(proxied, TIMEOUT_MS, IGNORE);
        refused(Code.RECONFIGDISABLED,
            () -> zk.reconfigure("server.9=127.0.0.1:1:2;3", null, null, -1, new Stat()));
        zk.close();
    }

    /** Takes a server out of the ensemble and adds it again. */
    private void reconfig(String credentials, String leaving, String clientAddress) throws Exception {
        ZooKeeperAdmin zk = new ZooKeeperAdmin(proxied, TIMEOUT_MS, IGNORE);
        String config = new String(zk.getConfig(false, new Stat()), StandardCharsets.UTF_8);
        // Ensembles set up without client addresses need one as soon as they are reconfigured.
        String line = serverLine(config, leaving);
        String joining = line.contains(";") ? line : line + ";" + clientAddress;
        refused(Code.NOAUTH, () -> zk.reconfigure(null, leaving, null, -1, new Stat()));
        zk.addAuthInfo("digest", utf8(credentials));
        Events events = new Events();
        zk.getConfig(events, new Stat());
        zk.reconfigure(null, leaving, null, -1, new Stat());
        events.await(EventType.NodeDataChanged);
        refused(Code.BADVERSION, () -> zk.reconfigure(joining, null, null, 1, new Stat()));
        refused(Code.BADARGUMENTS, () -> zk.reconfigure(null, null, "server.1=nonsense", -1, new Stat()));
        zk.reconfigure(joining, null, null, -1, new Stat());
        zk.close();
    }

    /** The line of a configuration that declares this server. */
    private static String serverLine(String config, String number) {
        for (String line : config.split("\n")) {
            if (line.startsWith("server." + number + "=")) return line;
        }
        throw new IllegalStateException("no server " + number + " in " + config);
    }

    private void readOnly() throws Exception {
        Events events = new Events();
        ZooKeeper zk = new ZooKeeper(proxied, TIMEOUT_MS, events, true);
        events.await(KeeperState.ConnectedReadOnly);
        zk.getChildren("/", false);
        refused(Code.NOTREADONLY,
            () -> zk.create("/java-ro", null, Ids.OPEN_ACL_UNSAFE, CreateMode.PERSISTENT));
        zk.close(0);
    }

    /** The server answers the handshake with an error; the client waits until it gives up. */
    private void readOnlyRefused() throws Exception {
        ZooKeeper zk = new ZooKeeper(proxied, TIMEOUT_MS, IGNORE, true);
        ask("wait s2c");
        zk.close(0);
    }

    private void sasl() throws Exception {
        Events events = new Events();
        ZooKeeper zk = new ZooKeeper(proxied, TIMEOUT_MS, events);
        events.await(KeeperState.SaslAuthenticated);
        zk.whoAmI();
        zk.create("/java-sasl", null, Ids.CREATOR_ALL_ACL, CreateMode.PERSISTENT);
        zk.getACL("/java-sasl", new Stat());
        zk.close();
    }

    private void saslRefused() throws Exception {
        Events events = new Events();
        ZooKeeper zk = new ZooKeeper(proxied, TIMEOUT_MS, events);
        events.await(KeeperState.AuthFailed);
        zk.close(0);
    }

    private void run(String topic, String[] more) throws Exception {
        switch (topic) {
            case "basic": basic(); break;
            case "large": large(); break;
            case "acl": acl(); break;
            case "auth": auth(); break;
            case "multi": multi(); break;
            case "watches": watches(); break;
            case "reconnect": reconnect(); break;
            case "session": session(); break;
            case "reconfig-refused": reconfigRefused(); break;
            case "reconfig": reconfig(more[0], more[1], more[2]); break;
            case "readonly": readOnly(); break;
            case "readonly-refused": readOnlyRefused(); break;
            case "sasl": sasl(); break;
            case "sasl-refused": saslRefused(); break;
            default: throw new IllegalArgumentException("no topic " + topic);
        }
    }

    public static void main(String[] arguments) throws Exception {
        String[] more = Arrays.copyOfRange(arguments, 3, arguments.length);
        new JavaClient(arguments[0], arguments[1]).run(arguments[2], more);
        System.exit(0);
    }
}
