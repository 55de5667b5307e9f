import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.zookeeper.Watcher.Event.KeeperState;
import org.apache.zookeeper.Version;
import org.apache.zookeeper.ZooKeeper;

/** Puts the Java client through one workload. The command line is in ../README.md. */
public final class Driver {
    private static final int SESSION_TIMEOUT_MS = 30_000;
    private static final int CONNECT_TIMEOUT_S = 10;
    private static final int CLOSE_TIMEOUT_MS = 1_000;

    private Driver() {}

    public static void main(String[] words) throws Exception {
        Options options;
        try {
            options = Options.parse(words);
        } catch (IllegalArgumentException error) {
            System.err.println("driver: " + error.getMessage());
            System.exit(2);
            return;
        }
        daemon(Driver::watchInput);
        try {
            Result result = measure(options);
            Output.result(Version.getVersion(), result);
            // A client that cannot close is not waited for: the result is out.
            Thread closing = daemon(result::close);
            closing.join(CLOSE_TIMEOUT_MS);
            Runtime.getRuntime().halt(0);
        } catch (Exception error) {
            fail(error);
        }
    }

    /** Ends the process with the reason as its last line. Called by any thread. */
    static synchronized void fail(Throwable error) {
        Output.failed(error.getMessage() == null ? error.toString() : error.getMessage());
        Runtime.getRuntime().halt(1);
    }

    private static Result measure(Options options) throws Exception {
        ZooKeeper client = connect(options.server);
        Operations operations = new Operations(client, options);
        operations.checkOnce();
        ClosedLoop.warmUpWide(operations, options);
        Result result = options.rate > 0 ? new OpenLoop(operations, options).run() : ClosedLoop.run(operations, options);
        result.client = client;
        return result;
    }

    private static ZooKeeper connect(String server) throws IOException, InterruptedException {
        CountDownLatch connected = new CountDownLatch(1);
        ZooKeeper client = new ZooKeeper(server, SESSION_TIMEOUT_MS, event -> {
            if (event.getState() == KeeperState.SyncConnected) connected.countDown();
        });
        if (!connected.await(CONNECT_TIMEOUT_S, TimeUnit.SECONDS)) {
            throw new IOException("no session in " + CONNECT_TIMEOUT_S + " s");
        }
        return client;
    }

    /** Whoever started this has gone when its end of the pipe has. */
    private static void watchInput() {
        try {
            while (System.in.read() >= 0) {}
        } catch (IOException gone) {
            // As good as the end.
        }
        Runtime.getRuntime().halt(1);
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
