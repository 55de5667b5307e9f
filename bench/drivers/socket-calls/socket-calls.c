/*
 * Counts recv() and send() of the process that it is preloaded into: the kernel's count of reads and writes
 * leaves them out, and npm zookeeper uses no others. The counts are in a file that is mapped, so that they can be
 * read from it at any time: three 64-bit numbers, which are 1 when this is at work, receives, sends.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum { AT_WORK, RECEIVES, SENDS, COUNTS };

/* Until the file is mapped, and when it cannot be. */
static _Atomic uint64_t unread[COUNTS];
static _Atomic uint64_t *counts = unread;

__attribute__((constructor)) static void map_counts(void) {
    const char *path = getenv("ZKWIRE_SOCKET_CALLS");
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CLOEXEC);
    if (file < 0) return;
    void *mapped = mmap(NULL, sizeof unread, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped == MAP_FAILED) return;
    counts = mapped;
    counts[AT_WORK] = 1;
}

ssize_t recv(int socket, void *bytes, size_t count, int flags) {
    atomic_fetch_add_explicit(&counts[RECEIVES], 1, memory_order_relaxed);
    return syscall(SYS_recvfrom, socket, bytes, count, flags, NULL, NULL);
}

ssize_t send(int socket, const void *bytes, size_t count, int flags) {
    atomic_fetch_add_explicit(&counts[SENDS], 1, memory_order_relaxed);
    return syscall(SYS_sendto, socket, bytes, count, flags, NULL, 0);
}
