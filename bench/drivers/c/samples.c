#include <math.h>
#include <stdlib.h>

#include "driver.h"

/* As many as the Node clients keep, and thinned in the same way. */
enum { SAMPLES_MAX = 1 << 19, BEYOND_MIN = 2 };

static double values_us[SAMPLES_MAX];
static int count;
static long seen;
static long stride = 1;
static double max_us;

void clear_samples(void) {
    count = 0;
    seen = 0;
    stride = 1;
    max_us = 0;
}

void record_sample(double us) {
    if (us > max_us) max_us = us;
    if (seen++ % stride != 0) return;
    if (count == SAMPLES_MAX) {
        for (int index = 0; index < SAMPLES_MAX / 2; index++) values_us[index] = values_us[index * 2];
        count = SAMPLES_MAX / 2;
        stride *= 2;
    }
    values_us[count++] = us;
}

static int ascending(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

void sort_samples(void) { qsort(values_us, (size_t)count, sizeof *values_us, ascending); }

int sample_count(void) { return count; }

double sample_percentile(double share) {
    if (count * (1 - share) < BEYOND_MIN) return NAN;
    int rank = (int)ceil(share * count);
    return values_us[(rank < 1 ? 1 : rank) - 1];
}

double sample_max(void) { return count == 0 ? NAN : max_us; }
