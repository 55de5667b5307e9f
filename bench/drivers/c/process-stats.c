#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

#include "driver.h"

/*
 * /proc/self/io counts read() and write(), and libzookeeper uses recv() and send(). The library finds these
 * two here before those of libc, so that they are counted too.
 */
static atomic_long receives;
static atomic_long sends;

ssize_t recv(int socket, void *bytes, size_t count, int flags) {
    atomic_fetch_add_explicit(&receives, 1, memory_order_relaxed);
    return syscall(SYS_recvfrom, socket, bytes, count, flags, NULL, NULL);
}

ssize_t send(int socket, const void *bytes, size_t count, int flags) {
    atomic_fetch_add_explicit(&sends, 1, memory_order_relaxed);
    return syscall(SYS_sendto, socket, bytes, count, flags, NULL, 0);
}

static double us_of(struct timeval time) { return (double)time.tv_sec * 1e6 + (double)time.tv_usec; }

struct usage usage_now(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    struct usage usage = {us_of(used.ru_utime) + us_of(used.ru_stime), -1, -1};
    FILE *file = fopen("/proc/self/io", "r");
    if (file == NULL) return usage;
    char line[80];
    long value;
    while (fgets(line, sizeof line, file) != NULL) {
        if (sscanf(line, "syscr: %ld", &value) == 1) usage.reads = (double)(value + receives);
        if (sscanf(line, "syscw: %ld", &value) == 1) usage.writes = (double)(value + sends);
    }
    fclose(file);
    return usage;
}

double peak_rss_bytes(void) {
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    return (double)used.ru_maxrss * 1024;
}
