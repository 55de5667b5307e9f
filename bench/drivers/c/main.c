#include <math.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#include "driver.h"

enum { SESSION_TIMEOUT_MS = 30000, CONNECT_TIMEOUT_S = 10, CLOSE_TIMEOUT_S = 1 };

struct options options = {
    .depth = 1, .warmup_operations = 10000, .warmup_stretch = 1.5, .measure_ms = 400, .drain_ms = 5000};
zhandle_t *client;

static atomic_int state;

void fail(const char *format, ...) {
    char reason[300];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    say_failed(reason);
    /* No exit handlers: this may be the client's own thread. */
    _exit(1);
}

int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void pause_ns(int64_t ns) {
    if (ns <= 0) return;
    struct timespec time = {ns / 1000000000, ns % 1000000000};
    nanosleep(&time, NULL);
}

struct slot *make_slots(int count) {
    struct slot *slots = calloc((size_t)count, sizeof *slots);
    if (slots == NULL) fail("no memory for %d requests", count);
    for (int index = 0; index < count; index++) slots[index].number = index;
    return slots;
}

static void usage_error(const char *what, const char *word) {
    fprintf(stderr, "driver: %s '%s'\n", what, word);
    exit(2);
}

static enum operation operation_named(const char *name) {
    static const char *const NAMES[] = {"get", "set", "exists", "create", "getChildren", "multi", "mixed"};
    for (int index = 0; index < (int)(sizeof NAMES / sizeof *NAMES); index++) {
        if (strcmp(NAMES[index], name) == 0) return (enum operation)index;
    }
    usage_error("unknown operation", name);
    return GET;
}

static double number_of(const char *text, double min) {
    char *end;
    double value = strtod(text, &end);
    if (*text == '\0' || *end != '\0' || !isfinite(value) || value < min) usage_error("no number as it is wanted:", text);
    return value;
}

static bool is_poisson(const char *arrivals) {
    if (strcmp(arrivals, "poisson") == 0) return true;
    if (strcmp(arrivals, "constant") != 0) usage_error("unknown arrivals", arrivals);
    return false;
}

static void read_option(const char *name, const char *value) {
    if (strcmp(name, "--server") == 0) options.server = value;
    else if (strcmp(name, "--operation") == 0) options.operation = operation_named(value);
    else if (strcmp(name, "--path") == 0) options.path = value;
    else if (strcmp(name, "--payload") == 0) options.payload_bytes = (int)number_of(value, 0);
    else if (strcmp(name, "--children") == 0) options.children = (int)number_of(value, 0);
    else if (strcmp(name, "--depth") == 0) options.depth = (int)number_of(value, 1);
    else if (strcmp(name, "--warmup") == 0) options.warmup_ms = number_of(value, 0);
    else if (strcmp(name, "--warmup-operations") == 0) options.warmup_operations = number_of(value, 0);
    else if (strcmp(name, "--warmup-stretch") == 0) options.warmup_stretch = number_of(value, 1);
    else if (strcmp(name, "--measure") == 0) options.measure_ms = number_of(value, 1);
    else if (strcmp(name, "--rate") == 0) options.rate = number_of(value, 0.001);
    else if (strcmp(name, "--arrivals") == 0) options.poisson = is_poisson(value);
    else if (strcmp(name, "--drain") == 0) options.drain_ms = number_of(value, 0);
    else usage_error("unknown option", name);
}

static void read_options(int count, char **words) {
    for (int index = 1; index < count; index += 2) {
        if (index + 1 == count) usage_error("no value for", words[index]);
        read_option(words[index], words[index + 1]);
    }
    if (options.server == NULL) usage_error("wanted:", "--server");
    if (options.path == NULL) usage_error("wanted:", "--path");
}

static void on_event(zhandle_t *zh, int type, int new_state, const char *path, void *context) {
    (void)zh;
    (void)path;
    (void)context;
    if (type == ZOO_SESSION_EVENT) state = new_state;
}

static void connect_client(void) {
    zoo_set_debug_level((ZooLogLevel)0);
    client = zookeeper_init(options.server, on_event, SESSION_TIMEOUT_MS, NULL, NULL, 0);
    if (client == NULL) fail("zookeeper_init failed");
    int64_t until_ns = now_ns() + (int64_t)CONNECT_TIMEOUT_S * 1000000000;
    while (state != ZOO_CONNECTED_STATE) {
        if (now_ns() > until_ns) fail("no session in %d s", CONNECT_TIMEOUT_S);
        pause_ns(1000 * 1000);
    }
}

/* Whoever started this has gone when its end of the pipe has. */
static void *watch_input(void *unused) {
    (void)unused;
    char bytes[64];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
    }
    _exit(1);
}

int main(int count, char **words) {
    read_options(count, words);
    /* Sleeps end when they should, and not up to 50 us later. */
    prctl(PR_SET_TIMERSLACK, 1UL);
    pthread_t watcher;
    pthread_create(&watcher, NULL, watch_input, NULL);
    prepare_operations();
    connect_client();
    check_once();
    warm_up_wide();
    if (options.rate > 0) run_open_loop();
    else run_closed_loop();
    /* A client that cannot close is not waited for: the result is out. */
    alarm(CLOSE_TIMEOUT_S);
    zookeeper_close(client);
    return 0;
}
