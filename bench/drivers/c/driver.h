/* The driver of the C client: what its files share. The command line is in ../README.md. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <zookeeper/zookeeper.h>

enum operation { GET, SET, EXISTS, CREATE, GET_CHILDREN, MULTI, MIXED };

struct options {
    const char *server;
    enum operation operation;
    const char *path;
    int payload_bytes;
    int children;
    int depth;
    double warmup_ms;
    double warmup_operations;
    double warmup_stretch;
    double measure_ms;
    /* Requests a second of an open loop; 0: closed loops. */
    double rate;
    /* Independent arrivals with exponential gaps, and not evenly spaced ones. */
    bool poisson;
    double drain_ms;
};

/* Sets of one transaction. */
enum { MULTI_SETS = 10 };

/* One request under way: a closed loop has one at a time, an open loop one of many slots. */
struct slot {
    /* Called by the completion thread when the reply is in and good. */
    void (*done)(struct slot *slot);
    int number;
    /* Requests made so far, for the mix of reads and writes. */
    unsigned made;
    bool timed;
    /* When it was made, or was due in an open loop. */
    int64_t start_ns;
    zoo_op_t operations[MULTI_SETS];
    zoo_op_result_t results[MULTI_SETS];
    struct Stat stats[MULTI_SETS];
};

extern struct options options;
extern zhandle_t *client;

/* main.c */
void fail(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));
int64_t now_ns(void);
void pause_ns(int64_t ns);
struct slot *make_slots(int count);

/* operations.c */
void prepare_operations(void);
void check_once(void);
/* Sends the slot's next request. */
void issue(struct slot *slot);

/* closed-loop.c */
void warm_up_wide(void);
void run_closed_loop(void);

/* open-loop.c */
void run_open_loop(void);

/* samples.c: raw latencies, thinned by half whenever the memory is full. */
void clear_samples(void);
void record_sample(double us);
void sort_samples(void);
int sample_count(void);
/* NAN when fewer than two samples lie beyond. */
double sample_percentile(double share);
double sample_max(void);

/* process-stats.c: what this process has used so far. */
struct usage {
    double cpu_us;
    /* Negative where the kernel does not count them. */
    double reads;
    double writes;
};
struct usage usage_now(void);
double peak_rss_bytes(void);

/* output.c */
void say_phase(const char *phase);
void begin_result(void);
/* NAN and infinite become null. */
void add_value(const char *name, double value);
void add_usage(struct usage from, struct usage to, double operations);
void end_result(void);
void say_failed(const char *reason);

#endif
