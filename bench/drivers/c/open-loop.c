/*
 * Requests at a fixed rate, each at its time by the clock. This thread makes them, the client's completion
 * thread takes the replies. A request waits for a free slot when as many as allowed are under way; the time
 * counts from when it was due.
 */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "driver.h"

/* Share of the warm-up that is at the rate; what comes before is done in closed loops. */
static const double PACED_WARMUP_SHARE = 0.3;
static const int64_t LOOK_EVERY_NS = 50 * 1000;

/* Free slots: taken by this thread, given back by the completion thread. */
static struct slot **ring;
static atomic_long given;
static long taken;

static atomic_long completed;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
/* Under the lock: replies that come later are not looked at. */
static bool over;
static bool *under_way;

static double *lags_us;
static long lag_count;
static long lags_max;

static void give(struct slot *slot) {
    long at = atomic_load_explicit(&given, memory_order_relaxed);
    ring[at % options.depth] = slot;
    atomic_store_explicit(&given, at + 1, memory_order_release);
}

static struct slot *take(void) {
    if (taken == atomic_load_explicit(&given, memory_order_acquire)) return NULL;
    return ring[taken++ % options.depth];
}

static void on_done(struct slot *slot) {
    int64_t now = now_ns();
    pthread_mutex_lock(&lock);
    if (!over) {
        if (slot->timed) record_sample((double)(now - slot->start_ns) / 1e3);
        under_way[slot->number] = false;
    }
    pthread_mutex_unlock(&lock);
    atomic_store_explicit(&completed, completed + 1, memory_order_relaxed);
    give(slot);
}

/* When requests are due, one after the other and without an end. */
static struct {
    int64_t start_ns;
    /* The next one. */
    int64_t due_ns;
    double offset_ns;
    long count;
    uint32_t state;
} schedule;

/* Mulberry32, as the Node clients have it: everybody gets the same arrivals. */
static double next_random(void) {
    uint32_t state = schedule.state += 0x6d2b79f5;
    uint32_t mixed = (state ^ (state >> 15)) * (1 | state);
    mixed = (mixed + (mixed ^ (mixed >> 7)) * (61 | mixed)) ^ mixed;
    return (double)(mixed ^ (mixed >> 14)) / 4294967296.0;
}

static void advance_schedule(void) {
    if (options.poisson) schedule.offset_ns -= log(1 - next_random()) * 1e9 / options.rate;
    else schedule.offset_ns = (double)schedule.count++ * 1e9 / options.rate;
    schedule.due_ns = schedule.start_ns + (int64_t)schedule.offset_ns;
}

static void start_schedule(void) {
    schedule.state = 0x5a6b7761;
    schedule.start_ns = now_ns();
    advance_schedule();
}

static void sleep_until(int64_t ns) {
    struct timespec until = {ns / 1000000000, ns % 1000000000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

/* Makes the request if a slot is free. */
static bool hand_over(int64_t due, bool timed) {
    struct slot *slot = take();
    if (slot == NULL) return false;
    slot->start_ns = due;
    slot->timed = timed;
    under_way[slot->number] = true;
    if (timed && lag_count < lags_max) lags_us[lag_count++] = (double)(now_ns() - due) / 1e3;
    issue(slot);
    return true;
}

/* Makes the requests that are due before `before_ns`, each at its time, and gives up at `limit_ns`. How many. */
static long make_requests(int64_t before_ns, int64_t limit_ns, bool timed) {
    long made = 0;
    while (schedule.due_ns < before_ns) {
        int64_t now = now_ns();
        int64_t due = schedule.due_ns;
        if (now >= limit_ns) break;
        if (due > now) {
            sleep_until(due < limit_ns ? due : limit_ns);
        } else if (hand_over(due, timed)) {
            made++;
            advance_schedule();
        } else {
            pause_ns(LOOK_EVERY_NS);
        }
    }
    return made;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double lag_percentile(double share) {
    if ((double)lag_count * (1 - share) < 2) return NAN;
    return lags_us[(long)ceil(share * (double)lag_count) - 1];
}

static long under_way_and_timed(struct slot *slots, int64_t now) {
    long unanswered = 0;
    for (int index = 0; index < options.depth; index++) {
        if (!under_way[index] || !slots[index].timed) continue;
        record_sample((double)(now - slots[index].start_ns) / 1e3);
        unanswered++;
    }
    return unanswered;
}

void run_open_loop(void) {
    struct slot *slots = make_slots(options.depth);
    double expected = options.measure_ms / 1e3 * options.rate;
    /* Poisson arrivals spread by the root of their number. */
    lags_max = (long)(expected + 10 * sqrt(expected) + 10);
    ring = calloc((size_t)options.depth, sizeof *ring);
    under_way = calloc((size_t)options.depth, sizeof *under_way);
    lags_us = malloc((size_t)lags_max * sizeof *lags_us);
    for (int index = 0; index < options.depth; index++) {
        slots[index].done = on_done;
        give(&slots[index]);
    }
    start_schedule();
    int64_t from_ns = schedule.start_ns + (int64_t)(options.warmup_ms * PACED_WARMUP_SHARE * 1e6);
    int64_t to_ns = from_ns + (int64_t)(options.measure_ms * 1e6);
    int64_t limit_ns = to_ns + (int64_t)(options.drain_ms * 1e6);
    long made_before = make_requests(from_ns, from_ns, false);
    /* What the warm-up could not make by then is left out: it is thrown away anyway. */
    while (schedule.due_ns < from_ns) advance_schedule();
    sleep_until(from_ns);
    say_phase("measuring");
    struct usage from = usage_now();
    long completed_before = completed;
    long due = make_requests(to_ns, to_ns, true);
    sleep_until(to_ns);
    double seconds = (double)(now_ns() - from_ns) / 1e9;
    long completed_then = completed;
    struct usage to = usage_now();
    say_phase("measured");
    due += make_requests(to_ns, limit_ns, true);
    while (completed < made_before + due && now_ns() < limit_ns) pause_ns(LOOK_EVERY_NS);
    pthread_mutex_lock(&lock);
    over = true;
    int64_t now = now_ns();
    long unanswered = under_way_and_timed(slots, now);
    for (; schedule.due_ns < to_ns; due++, unanswered++, advance_schedule()) {
        record_sample((double)(now - schedule.due_ns) / 1e3);
    }
    pthread_mutex_unlock(&lock);
    if (completed_then == completed_before) fail("no operation completed in %.1f s", seconds);
    sort_samples();
    qsort(lags_us, (size_t)lag_count, sizeof *lags_us, ascending);
    begin_result();
    add_value("offeredPerSecond", options.rate);
    add_value("due", (double)due);
    add_value("seconds", seconds);
    add_value("completedPerSecond", (double)(completed_then - completed_before) / seconds);
    add_value("backlog", (double)(made_before + due - completed_then));
    add_value("unanswered", (double)unanswered);
    add_value("samples", sample_count());
    add_value("p50Us", sample_percentile(0.5));
    add_value("p90Us", sample_percentile(0.9));
    add_value("p99Us", sample_percentile(0.99));
    add_value("p999Us", sample_percentile(0.999));
    add_value("p9999Us", sample_percentile(0.9999));
    add_value("maxUs", sample_max());
    add_value("lagP50Us", lag_percentile(0.5));
    add_value("lagP99Us", lag_percentile(0.99));
    add_value("lagMaxUs", lag_count == 0 ? NAN : lags_us[lag_count - 1]);
    add_usage(from, to, (double)(completed_then - completed_before));
    end_result();
}
