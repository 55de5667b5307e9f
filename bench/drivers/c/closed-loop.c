#include <math.h>
#include <stdlib.h>

#include "driver.h"

/* Every so many-th loop is timed: at most this many of them, evenly spread. */
enum { TIMED_LOOPS_MAX = 64 };
/* The warm-up begins at least this deep, and is so for this share of its time. */
static const int WIDE_DEPTH = 128;
static const double WIDE_SHARE = 0.7;
static const int64_t LOOK_EVERY_NS = 20 * 1000 * 1000;
static const double DRAIN_S = 10;

static atomic_bool running;
static atomic_bool recording;
static atomic_int loops_left;
/* Written by the completion thread only. */
static atomic_long completed;

static void add_completed(void) {
    long count = atomic_load_explicit(&completed, memory_order_relaxed);
    atomic_store_explicit(&completed, count + 1, memory_order_relaxed);
}

static void make_next(struct slot *slot) {
    if (slot->timed) slot->start_ns = now_ns();
    issue(slot);
}

static void on_done(struct slot *slot) {
    if (slot->timed && atomic_load_explicit(&recording, memory_order_relaxed)) {
        record_sample((double)(now_ns() - slot->start_ns) / 1e3);
    }
    add_completed();
    if (atomic_load_explicit(&running, memory_order_relaxed)) make_next(slot);
    else atomic_fetch_sub(&loops_left, 1);
}

static struct slot *start_loops(int depth) {
    struct slot *slots = make_slots(depth);
    int stride = (depth + TIMED_LOOPS_MAX - 1) / TIMED_LOOPS_MAX;
    running = true;
    loops_left = depth;
    for (int loop = 0; loop < depth; loop++) {
        slots[loop].done = on_done;
        slots[loop].timed = loop % stride == 0;
        make_next(&slots[loop]);
    }
    return slots;
}

static void drain(struct slot *slots) {
    running = false;
    int64_t until_ns = now_ns() + (int64_t)(DRAIN_S * 1e9);
    while (loops_left > 0) {
        if (now_ns() > until_ns) fail("no reply in %.0f s", DRAIN_S);
        pause_ns(1000 * 1000);
    }
    free(slots);
}

void warm_up_wide(void) {
    double ms = options.warmup_ms * WIDE_SHARE;
    if (ms <= 0) return;
    long before = completed;
    struct slot *slots = start_loops(options.rate == 0 && options.depth > WIDE_DEPTH ? options.depth : WIDE_DEPTH);
    pause_ns((int64_t)(ms * 1e6));
    int64_t until_ns = now_ns() + (int64_t)(ms * (options.warmup_stretch - 1) * 1e6);
    while ((double)(completed - before) < options.warmup_operations && now_ns() < until_ns) {
        pause_ns(LOOK_EVERY_NS);
    }
    drain(slots);
}

void run_closed_loop(void) {
    struct slot *slots = start_loops(options.depth);
    pause_ns((int64_t)(options.warmup_ms * (1 - WIDE_SHARE) * 1e6));
    say_phase("measuring");
    struct usage from = usage_now();
    recording = true;
    long completed_before = completed;
    int64_t start_ns = now_ns();
    pause_ns((int64_t)(options.measure_ms * 1e6));
    double seconds = (double)(now_ns() - start_ns) / 1e9;
    double operations = (double)(completed - completed_before);
    recording = false;
    struct usage to = usage_now();
    say_phase("measured");
    drain(slots);
    if (operations == 0) fail("no operation completed in %.1f s", seconds);
    sort_samples();
    begin_result();
    add_value("operations", operations);
    add_value("seconds", seconds);
    add_value("opsPerSecond", operations / seconds);
    add_value("samples", sample_count());
    add_value("p50Us", sample_percentile(0.5));
    add_value("p90Us", sample_percentile(0.9));
    add_value("p99Us", sample_percentile(0.99));
    add_value("p999Us", sample_percentile(0.999));
    add_usage(from, to, operations);
    end_result();
}
