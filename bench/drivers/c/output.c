#include <math.h>
#include <stdio.h>
#include <string.h>

#include "driver.h"

static bool first_value;

void say_phase(const char *phase) {
    printf("{\"type\":\"phase\",\"phase\":\"%s\"}\n", phase);
    fflush(stdout);
}

void begin_result(void) {
    printf("{\"type\":\"result\",\"version\":\"%s\",\"values\":{", ZOO_VERSION);
    first_value = true;
}

void add_value(const char *name, double value) {
    printf("%s\"%s\":", first_value ? "" : ",", name);
    if (isfinite(value)) printf("%.9g", value);
    else printf("null");
    first_value = false;
}

void add_usage(struct usage from, struct usage to, double operations) {
    add_value("cpuUsPerOp", (to.cpu_us - from.cpu_us) / operations);
    add_value("peakRssBytes", peak_rss_bytes());
    add_value("readSyscallsPerOp", from.reads < 0 ? NAN : (to.reads - from.reads) / operations);
    add_value("writeSyscallsPerOp", from.writes < 0 ? NAN : (to.writes - from.writes) / operations);
    /* malloc keeps no count of what it gave. */
    add_value("allocatedBytesPerOp", NAN);
}

void end_result(void) {
    printf("}}\n");
    fflush(stdout);
}

void say_failed(const char *reason) {
    printf("{\"type\":\"failed\",\"reason\":\"");
    for (const char *at = reason; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\') putchar('\\');
        putchar((unsigned char)*at < ' ' ? ' ' : *at);
    }
    printf("\"}\n");
    fflush(stdout);
}
