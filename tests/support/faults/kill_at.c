/*
 * Kills the process it is preloaded into at a chosen point: the N-th call of fsync, fdatasync or rename, before or after it took effect.
 * STEMMA_KILL_AT=N counts from 1; STEMMA_KILL_WHEN=before|after. Without STEMMA_KILL_AT it does nothing.
 * STEMMA_KILL_CALL=commit counts fdatasync of a write-ahead log alone, and COMMITs to PostgreSQL; checkpoint rename alone, read pread64 of
 * the file STEMMA_KILL_FILE.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_long calls;

static void die(void) { kill(getpid(), SIGKILL); }

static long chosen(void) {
    const char* text = getenv("STEMMA_KILL_AT");
    return text == NULL ? 0 : strtol(text, NULL, 10);
}

static int after(void) {
    const char* text = getenv("STEMMA_KILL_WHEN");
    return text != NULL && strcmp(text, "after") == 0;
}

/* Whether only calls of this kind count, and this is not one. */
static int other_than(const char* kind) {
    const char* text = getenv("STEMMA_KILL_CALL");
    return text != NULL && strcmp(text, kind) != 0;
}

/* Whether the file ends with these characters. */
static int is_file(int file, const char* end) {
    char link[64];
    char path[4096];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, path, sizeof path);
    const size_t wanted = end == NULL ? 0 : strlen(end);
    return wanted != 0 && length >= (ssize_t)wanted && memcmp(path + length - wanted, end, wanted) == 0;
}

/* Whether the call that begins now is the chosen one; dies at once when the point lies before it. */
static int enter(void) {
    const long point = chosen();
    if (point == 0 || atomic_fetch_add(&calls, 1) + 1 != point) return 0;
    if (!after()) die();
    return 1;
}

int fsync(int file) {
    static int (*real)(int);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "fsync");
    const int last = other_than("") ? 0 : enter();
    const int result = real(file);
    if (last) die();
    return result;
}

int fdatasync(int file) {
    static int (*real)(int);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "fdatasync");
    const int last = other_than("commit") || (getenv("STEMMA_KILL_CALL") != NULL && !is_file(file, "-wal")) ? 0 : enter();
    const int result = real(file);
    if (last) die();
    return result;
}

int rename(const char* from, const char* to) {
    static int (*real)(const char*, const char*);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "rename");
    const int last = other_than("checkpoint") ? 0 : enter();
    const int result = real(from, to);
    if (last) die();
    return result;
}

ssize_t pread64(int file, void* into, size_t bytes, off64_t from) {
    static ssize_t (*real)(int, void*, size_t, off64_t);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "pread64");
    const int counts = getenv("STEMMA_KILL_CALL") != NULL && !other_than("read") && is_file(file, getenv("STEMMA_KILL_FILE"));
    const int last = counts ? enter() : 0;
    const ssize_t result = real(file, into, bytes, from);
    if (last) die();
    return result;
}

/* Of libpq: a COMMIT that was sent and answered, or neither. */
void* PQexec(void* connection, const char* text) {
    static void* (*real)(void*, const char*);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "PQexec");
    const int counts = getenv("STEMMA_KILL_CALL") != NULL && !other_than("commit") && strcmp(text, "COMMIT") == 0;
    const int last = counts ? enter() : 0;
    void* const result = real(connection, text);
    if (last) die();
    return result;
}
