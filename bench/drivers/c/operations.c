#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "driver.h"

/* Of five operations of the mix, one writes. */
enum { MIX = 5, WAIT_S = 10 };

static char *payload;
static char *create_path;

void prepare_operations(void) {
    payload = malloc((size_t)options.payload_bytes + 1);
    for (int at = 0; at < options.payload_bytes; at++) payload[at] = (char)((at * 7 + 0x80) & 0xff);
    create_path = malloc(strlen(options.path) + 4);
    sprintf(create_path, "%s/n-", options.path);
}

static void finish(int code, const void *context, const char *what) {
    if (code != ZOK) fail("%s: %s", what, zerror(code));
    struct slot *slot = (struct slot *)context;
    slot->done(slot);
}

static void on_data(int code, const char *value, int length, const struct Stat *stat, const void *context) {
    (void)value;
    (void)stat;
    if (code == ZOK && length != options.payload_bytes) {
        fail("get gave %d bytes, not the %d expected", length, options.payload_bytes);
    }
    finish(code, context, "get");
}

static void on_stat(int code, const struct Stat *stat, const void *context) {
    (void)stat;
    finish(code, context, "set or exists");
}

static void on_string(int code, const char *value, const void *context) {
    (void)value;
    finish(code, context, "create");
}

static void on_strings(int code, const struct String_vector *strings, const void *context) {
    if (code == ZOK && strings->count != options.children) {
        fail("getChildren gave %d names, not the %d expected", strings->count, options.children);
    }
    finish(code, context, "getChildren");
}

static void on_multi(int code, const void *context) { finish(code, context, "multi"); }

static int get(struct slot *slot) { return zoo_aget(client, options.path, 0, on_data, slot); }

static int set(struct slot *slot) {
    return zoo_aset(client, options.path, payload, options.payload_bytes, -1, on_stat, slot);
}

static int multi(struct slot *slot) {
    for (int index = 0; index < MULTI_SETS; index++) {
        zoo_set_op_init(&slot->operations[index], options.path, payload, options.payload_bytes, -1,
                        &slot->stats[index]);
    }
    return zoo_amulti(client, MULTI_SETS, slot->operations, slot->results, on_multi, slot);
}

static int request(enum operation operation, struct slot *slot) {
    switch (operation) {
        case GET:
            return get(slot);
        case SET:
            return set(slot);
        case EXISTS:
            return zoo_aexists(client, options.path, 0, on_stat, slot);
        case CREATE:
            return zoo_acreate(client, create_path, payload, options.payload_bytes, &ZOO_OPEN_ACL_UNSAFE,
                               ZOO_PERSISTENT_SEQUENTIAL, on_string, slot);
        case GET_CHILDREN:
            return zoo_aget_children(client, options.path, 0, on_strings, slot);
        case MULTI:
            return multi(slot);
        case MIXED:
            return (slot->made + (unsigned)slot->number) % MIX == MIX - 1 ? set(slot) : get(slot);
    }
    return ZBADARGUMENTS;
}

void issue(struct slot *slot) {
    int code = request(options.operation, slot);
    if (code != ZOK) fail("a request could not be made: %s", zerror(code));
    slot->made++;
}

static void check_data(void) {
    int length = options.payload_bytes + 1;
    char *found = malloc((size_t)length);
    struct Stat stat;
    int code = zoo_get(client, options.path, 0, found, &length, &stat);
    if (code != ZOK) fail("get: %s", zerror(code));
    if (length != options.payload_bytes) {
        fail("get gave %d bytes, not the %d expected", length, options.payload_bytes);
    }
    if (memcmp(found, payload, (size_t)length) != 0) fail("get gave other bytes than expected");
    free(found);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static bool checked;

static void on_checked(struct slot *slot) {
    (void)slot;
    pthread_mutex_lock(&lock);
    checked = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

/* Does what is measured once, and reads what was written: before anything is counted. */
void check_once(void) {
    struct slot *slot = make_slots(1);
    slot->done = on_checked;
    issue(slot);
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    pthread_mutex_lock(&lock);
    while (!checked) {
        if (pthread_cond_timedwait(&changed, &lock, &until) != 0) fail("no reply in %d s", WAIT_S);
    }
    pthread_mutex_unlock(&lock);
    if (options.operation != CREATE && options.operation != GET_CHILDREN) check_data();
}
