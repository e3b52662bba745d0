/*
 * Kills the process it is preloaded into at a chosen point: the N-th call of fsync, fdatasync or rename, before or after it took effect.
 * STEMMA_KILL_AT=N counts from 1; STEMMA_KILL_WHEN=before|after. Without STEMMA_KILL_AT it does nothing.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
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
    const int last = enter();
    const int result = real(file);
    if (last) die();
    return result;
}

int fdatasync(int file) {
    static int (*real)(int);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "fdatasync");
    const int last = enter();
    const int result = real(file);
    if (last) die();
    return result;
}

int rename(const char* from, const char* to) {
    static int (*real)(const char*, const char*);
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, "rename");
    const int last = enter();
    const int result = real(from, to);
    if (last) die();
    return result;
}
