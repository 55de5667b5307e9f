/*
 * Drives the C client through one topic, so that a recording proxy in front of the server sees what it
 * sends. Arguments: connect string of the proxy, connect string of the server, topic. A line "hold" or
 * "release" on standard output asks the maker to cut the proxied connections or to let them through
 * again; it answers with a line on standard input.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <zookeeper/zookeeper.h>

enum { TIMEOUT_MS = 10000, WAIT_S = 15, PATH_BYTES = 256, BUFFER_BYTES = 4096 };

static const char *proxied;
static const char *direct;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
/* Events seen by the recorded handles, by what a topic waits for: "state N" or "event N". */
static int states_seen[2048];
static int events_seen[16];

static void fail(const char *what, int code) {
    fprintf(stderr, "c-client: %s: %d\n", what, code);
    exit(1);
}

#define EXPECT(code, call)                   \
    do {                                     \
        int got_ = (call);                   \
        if (got_ != (code)) fail(#call, got_); \
    } while (0)

static int *state_slot(int state) { return &states_seen[state + 1024]; }

static void on_event(zhandle_t *zh, int type, int state, const char *path, void *context) {
    (void)zh;
    (void)path;
    (void)context;
    pthread_mutex_lock(&lock);
    if (type == ZOO_SESSION_EVENT) (*state_slot(state))++;
    else if (type >= 0 && type < 16) events_seen[type]++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void ignore(zhandle_t *zh, int type, int state, const char *path, void *context) {
    (void)zh;
    (void)type;
    (void)state;
    (void)path;
    (void)context;
}

/* Waits for one more of what `counter` counts and takes it away. */
static void await(const char *what, int *counter) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&lock);
    while (*counter == 0) {
        if (pthread_cond_timedwait(&changed, &lock, &until) != 0) fail(what, -1);
    }
    (*counter)--;
    pthread_mutex_unlock(&lock);
}

static void await_event(int type) { await("event", &events_seen[type]); }

static void await_state(int state) { await("state", state_slot(state)); }

static void ask(const char *what) {
    char line[64];
    printf("%s\n", what);
    fflush(stdout);
    if (fgets(line, sizeof line, stdin) == NULL) fail("the maker has gone", 0);
}

static zhandle_t *start(const char *hosts, int timeout_ms, const clientid_t *id, int flags) {
    zhandle_t *zh = zookeeper_init2(hosts, on_event, timeout_ms, id, NULL, flags, NULL);
    if (zh == NULL) fail("zookeeper_init", 0);
    return zh;
}

static zhandle_t *connected(const char *hosts, int timeout_ms) {
    zhandle_t *zh = start(hosts, timeout_ms, NULL, 0);
    await_state(ZOO_CONNECTED_STATE);
    return zh;
}

static void create(zhandle_t *zh, const char *path, const char *value, int mode) {
    int length = value == NULL ? -1 : (int)strlen(value);
    EXPECT(ZOK, zoo_create(zh, path, value, length, &ZOO_OPEN_ACL_UNSAFE, mode, NULL, 0));
}

static void set(zhandle_t *zh, const char *path, const char *value) {
    EXPECT(ZOK, zoo_set(zh, path, value, (int)strlen(value), -1));
}

static void get(zhandle_t *zh, const char *path, int watch) {
    static char buffer[BUFFER_BYTES];
    int length = sizeof buffer;
    struct Stat stat;
    EXPECT(ZOK, zoo_get(zh, path, watch, buffer, &length, &stat));
}

static void on_synced(int code, const char *value, const void *data) {
    (void)value;
    (void)data;
    if (code != ZOK) fail("sync", code);
    pthread_mutex_lock(&lock);
    events_seen[15]++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void basic(void) {
    zhandle_t *zh = connected(proxied, TIMEOUT_MS);
    char path[PATH_BYTES];
    char buffer[BUFFER_BYTES];
    int length = sizeof buffer;
    struct Stat stat;
    struct String_vector children;
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    create(zh, "/c", "v", ZOO_PERSISTENT);
    create(zh, "/c/null", NULL, ZOO_PERSISTENT);
    create(zh, "/c/empty", "", ZOO_PERSISTENT);
    create(zh, "/c/ephemeral", "v", ZOO_EPHEMERAL);
    create(zh, "/c/sequential-", "v", ZOO_PERSISTENT_SEQUENTIAL);
    create(zh, "/c/es-", "v", ZOO_EPHEMERAL_SEQUENTIAL);
    create(zh, "/c/container", NULL, ZOO_CONTAINER);
    create(zh, "/c/\xc3\xa4\xe4\xb8\xad\xe6\x96\x87", "v", ZOO_PERSISTENT);
    EXPECT(ZOK, zoo_create2(zh, "/c/two", "v", 1, open, ZOO_PERSISTENT, path, sizeof path, &stat));
    EXPECT(ZOK, zoo_create2(zh, "/c/two-", "v", 1, open, ZOO_EPHEMERAL_SEQUENTIAL, path, sizeof path, &stat));
    EXPECT(ZOK, zoo_create2_ttl(zh, "/c/ttl", "v", 1, open, ZOO_PERSISTENT_WITH_TTL, 60000, path,
                                sizeof path, &stat));
    EXPECT(ZOK, zoo_create_ttl(zh, "/c/ttl-", "v", 1, open, ZOO_PERSISTENT_SEQUENTIAL_WITH_TTL, 60000,
                               path, sizeof path));
    EXPECT(ZNODEEXISTS, zoo_create(zh, "/c", "v", 1, open, ZOO_PERSISTENT, NULL, 0));
    EXPECT(ZOK, zoo_exists(zh, "/c", 0, &stat));
    EXPECT(ZNONODE, zoo_exists(zh, "/c/none", 0, &stat));
    get(zh, "/c", 0);
    get(zh, "/c/null", 0);
    EXPECT(ZNONODE, zoo_get(zh, "/c/none", 0, buffer, &length, &stat));
    EXPECT(ZOK, zoo_set2(zh, "/c", "second", 6, 0, &stat));
    EXPECT(ZOK, zoo_set(zh, "/c", NULL, -1, -1));
    EXPECT(ZBADVERSION, zoo_set(zh, "/c", "v", 1, 99));
    EXPECT(ZOK, zoo_get_children(zh, "/c", 0, &children));
    deallocate_String_vector(&children);
    EXPECT(ZOK, zoo_get_children2(zh, "/c", 0, &children, &stat));
    deallocate_String_vector(&children);
    EXPECT(ZOK, zoo_async(zh, "/c", on_synced, NULL));
    await_event(15);
    length = sizeof buffer;
    EXPECT(ZOK, zoo_getconfig(zh, 0, buffer, &length, &stat));
    length = sizeof buffer;
    EXPECT(ZRECONFIGDISABLED, zoo_reconfig(zh, "server.9=127.0.0.1:1:2;3", NULL, NULL, -1, buffer, &length, &stat));
    EXPECT(ZOK, zoo_delete(zh, "/c/null", -1));
    EXPECT(ZNOTEMPTY, zoo_delete(zh, "/c", -1));
    zookeeper_close(zh);
}

static void on_auth(int code, const void *data) {
    (void)code;
    (void)data;
    pthread_mutex_lock(&lock);
    events_seen[14]++;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

static void acl(void) {
    zhandle_t *zh = connected(proxied, TIMEOUT_MS);
    struct Stat stat;
    struct ACL_vector read;
    struct ACL entries[2] = {
        {ZOO_PERM_ALL, {"world", "anyone"}},
        {ZOO_PERM_READ, {"digest", "user:5w9W4eL3797Y4Wq8AcKUPPk8ha4="}},
    };
    struct ACL_vector two = {2, entries};
    create(zh, "/c-acl", NULL, ZOO_PERSISTENT);
    EXPECT(ZOK, zoo_add_auth(zh, "digest", "user:secret", 11, on_auth, NULL));
    await_event(14);
    EXPECT(ZOK, zoo_create(zh, "/c-acl/own", NULL, -1, &ZOO_CREATOR_ALL_ACL, ZOO_PERSISTENT, NULL, 0));
    EXPECT(ZOK, zoo_get_acl(zh, "/c-acl/own", &read, &stat));
    deallocate_ACL_vector(&read);
    EXPECT(ZOK, zoo_set_acl(zh, "/c-acl", 0, &two));
    EXPECT(ZBADVERSION, zoo_set_acl(zh, "/c-acl", 7, &two));
    EXPECT(ZOK, zoo_get_acl(zh, "/c-acl", &read, &stat));
    deallocate_ACL_vector(&read);
    EXPECT(ZOK, zoo_add_auth(zh, "nonsense", "x", 1, on_auth, NULL));
    await_event(14);
    zookeeper_close(zh);
}

static void multi(void) {
    zhandle_t *zh = connected(proxied, TIMEOUT_MS);
    struct ACL_vector *open = &ZOO_OPEN_ACL_UNSAFE;
    zoo_op_t ops[5];
    zoo_op_result_t results[5];
    struct Stat stat;
    char path[PATH_BYTES];
    create(zh, "/c-multi", "v", ZOO_PERSISTENT);
    zoo_check_op_init(&ops[0], "/c-multi", 0);
    zoo_create_op_init(&ops[1], "/c-multi/a", "v", 1, open, ZOO_PERSISTENT, path, sizeof path);
    zoo_set_op_init(&ops[2], "/c-multi/a", "w", 1, -1, &stat);
    zoo_delete_op_init(&ops[3], "/c-multi/a", -1);
    zoo_create_op_init(&ops[4], "/c-multi/s-", NULL, -1, open, ZOO_EPHEMERAL_SEQUENTIAL, path, sizeof path);
    EXPECT(ZOK, zoo_multi(zh, 5, ops, results));
    zoo_delete_op_init(&ops[1], "/c-multi/none", -1);
    EXPECT(ZNONODE, zoo_multi(zh, 3, ops, results));
    zookeeper_close(zh);
}

static void watches(void) {
    zhandle_t *zh = connected(proxied, TIMEOUT_MS);
    zhandle_t *other = zookeeper_init(direct, ignore, TIMEOUT_MS, NULL, NULL, 0);
    struct Stat stat;
    struct String_vector children;
    /* Its session has begun before the first reply, so that the zxids are the same each time. */
    EXPECT(ZOK, zoo_exists(other, "/", 0, &stat));
    EXPECT(ZNONODE, zoo_exists(zh, "/c-watch", 1, &stat));
    create(other, "/c-watch", "v", ZOO_PERSISTENT);
    await_event(ZOO_CREATED_EVENT);
    get(zh, "/c-watch", 1);
    set(other, "/c-watch", "w");
    await_event(ZOO_CHANGED_EVENT);
    EXPECT(ZOK, zoo_get_children(zh, "/c-watch", 1, &children));
    deallocate_String_vector(&children);
    create(other, "/c-watch/child", "v", ZOO_PERSISTENT);
    await_event(ZOO_CHILD_EVENT);
    get(zh, "/c-watch/child", 1);
    EXPECT(ZOK, zoo_delete(other, "/c-watch/child", -1));
    await_event(ZOO_DELETED_EVENT);
    char buffer[BUFFER_BYTES];
    int length = sizeof buffer;
    EXPECT(ZOK, zoo_wget(zh, "/c-watch", on_event, &lock, buffer, &length, &stat));
    length = sizeof buffer;
    EXPECT(ZOK, zoo_wget(zh, "/c-watch", on_event, &changed, buffer, &length, &stat));
    /* The first of two watchers is only checked, the last one is removed. */
    EXPECT(ZOK, zoo_remove_watches(zh, "/c-watch", ZWATCHTYPE_DATA, on_event, &lock, 0));
    EXPECT(ZOK, zoo_remove_watches(zh, "/c-watch", ZWATCHTYPE_DATA, on_event, &changed, 0));
    EXPECT(ZOK, zoo_get_children2(zh, "/c-watch", 1, &children, &stat));
    deallocate_String_vector(&children);
    EXPECT(ZOK, zoo_remove_all_watches(zh, "/c-watch", ZWATCHTYPE_CHILD, 0));
    zookeeper_close(other);
    zookeeper_close(zh);
}

static void reconnect(void) {
    zhandle_t *outside = zookeeper_init(direct, ignore, TIMEOUT_MS, NULL, NULL, 0);
    struct Stat stat;
    struct String_vector children;
    create(outside, "/c-re", "v", ZOO_PERSISTENT);
    zhandle_t *zh = connected(proxied, TIMEOUT_MS);
    EXPECT(ZOK, zoo_add_auth(zh, "digest", "user:secret", 11, on_auth, NULL));
    await_event(14);
    get(zh, "/c-re", 1);
    EXPECT(ZNONODE, zoo_exists(zh, "/c-re/new", 1, &stat));
    EXPECT(ZOK, zoo_get_children(zh, "/c-re", 1, &children));
    deallocate_String_vector(&children);
    ask("hold");
    await_state(ZOO_CONNECTING_STATE);
    create(outside, "/c-re/new", "v", ZOO_PERSISTENT);
    ask("release");
    await_state(ZOO_CONNECTED_STATE);
    await_event(ZOO_CHILD_EVENT);
    get(zh, "/c-re", 0);
    zookeeper_close(outside);
    zookeeper_close(zh);
}

static void session(void) {
    /* With a session time-out this short the client pings every third of it. */
    zhandle_t *first = connected(proxied, 3000);
    create(first, "/c-session", "v", ZOO_EPHEMERAL);
    usleep(2200 * 1000);
    zookeeper_close(first);
    clientid_t unknown = {.client_id = 0x123456789abLL};
    zhandle_t *second = start(proxied, TIMEOUT_MS, &unknown, ZOO_READONLY);
    await_state(ZOO_EXPIRED_SESSION_STATE);
    zookeeper_close(second);
}

int main(int count, char **arguments) {
    static const struct {
        const char *name;
        void (*run)(void);
    } topics[] = {
        {"basic", basic},     {"acl", acl},             {"multi", multi},
        {"watches", watches}, {"reconnect", reconnect}, {"session", session},
    };
    if (count < 4) fail("arguments", count);
    proxied = arguments[1];
    direct = arguments[2];
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    for (size_t index = 0; index < sizeof topics / sizeof *topics; index++) {
        if (strcmp(topics[index].name, arguments[3]) != 0) continue;
        topics[index].run();
        return 0;
    }
    fail("topic", 0);
    return 1;
}
