/*
 * A disk that fails on order and keeps a record, preloaded into the daemon under test. Only files below STEMMA_DISK_FOLDER are its
 * business. STEMMA_DISK_CONTROL=FILE  a page shared with the test (struct control below): which call fails, how, and what has been counted.
 *   STEMMA_DISK_RECORD=FILE   every call that changes a file or makes it durable, in the order it took effect, with its bytes: from this
 *                             record the test builds what a power loss could have left. SQLite's -shm file is shared memory and left out.
 * Calls of one process are taken one by one, so that the record's order is the true one. Linux alone; not for a sanitizer's build.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum group { group_none = 0, group_write = 1, group_sync = 2 };

/* Shared with tests/fault/disk.py, field by field. */
struct control {
    _Atomic int64_t armed;     /* an enum group: which calls count down; 0 none */
    _Atomic int64_t countdown; /* the call at which it reaches 0 fails */
    _Atomic int64_t error;     /* errno of a failing call */
    _Atomic int64_t sticky;    /* 1: all later calls of the group fail too, until disarmed */
    _Atomic int64_t lie;       /* 1: a failing call does nothing and reports success */
    _Atomic int64_t space;     /* bytes by which files may still grow; below 0 no limit */
    _Atomic int64_t failed;    /* calls that failed so far */
    _Atomic int64_t first_ns;  /* when the first of them did, CLOCK_MONOTONIC */
    _Atomic int64_t writes;    /* calls of each group so far */
    _Atomic int64_t syncs;
};

/* One line of the record: this head, then path, second path and bytes. Shared with tests/fault/disk.py. */
struct head {
    uint64_t began_ns; /* CLOCK_MONOTONIC, before the call */
    uint64_t offset;   /* of a write; new length of a truncation */
    uint64_t length;   /* of the bytes that follow */
    uint32_t kind;     /* 'c'reate, 'w'rite, 't'runcate, 's'ync, 'u'nlink, 'r'ename */
    uint16_t path_length;
    uint16_t second_length;
};

static pthread_mutex_t one_by_one = PTHREAD_MUTEX_INITIALIZER;
static struct control* control;
static int record_file = -1;
static char folder[PATH_MAX];
static size_t folder_length;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(name, type, ...)         \
    static type (*real)(__VA_ARGS__); \
    if (real == NULL) *(void**)&real = dlsym(RTLD_NEXT, name)

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static int open_really(const char* path, int flags, int mode) {
    REAL("open64", int, const char*, int, ...);
    return real(path, flags, mode);
}

static void read_orders(void) {
    const char* watched = getenv("STEMMA_DISK_FOLDER");
    const char* page = getenv("STEMMA_DISK_CONTROL");
    const char* record = getenv("STEMMA_DISK_RECORD");
    if (watched == NULL || realpath(watched, folder) == NULL) return;
    folder_length = strlen(folder);
    if (page != NULL) {
        const int file = open_really(page, O_RDWR | O_CLOEXEC, 0);
        void* at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof(struct control), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        if (at == MAP_FAILED) abort(); /* a fault that cannot be made must not look like a fault that was survived */
        control = at;
        close(file);
    }
    if (record != NULL) {
        record_file = open_really(record, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        if (record_file < 0) abort();
    }
}

/* The path below the folder, or NULL when it is none of ours. */
static const char* below(const char* path) {
    pthread_once(&once, read_orders);
    if (folder_length == 0 || strncmp(path, folder, folder_length) != 0) return NULL;
    if (path[folder_length] == '\0') return ".";
    return path[folder_length] == '/' ? path + folder_length + 1 : NULL;
}

static const char* below_of(int file, char* space) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    const ssize_t length = readlink(link, space, PATH_MAX - 1);
    if (length < 0) return NULL;
    space[length] = '\0';
    return below(space);
}

static int is_shared_memory(const char* path) {
    const size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, "-shm") == 0;
}

static void put(const void* bytes, size_t count) {
    REAL("write", ssize_t, int, const void*, size_t);
    for (const char* at = bytes; count > 0;) {
        const ssize_t done = real(record_file, at, count);
        if (done < 0) abort();
        at += done;
        count -= (size_t)done;
    }
}

static void note(char kind, int64_t began, const char* path, const char* second, uint64_t offset, const void* bytes, size_t count) {
    if (record_file < 0 || is_shared_memory(path)) return;
    const struct head head = {(uint64_t)began, offset, count, (uint32_t)kind, (uint16_t)strlen(path), (uint16_t)strlen(second)};
    put(&head, sizeof head);
    put(path, head.path_length);
    put(second, head.second_length);
    put(bytes, count);
}

enum verdict { verdict_go = 0, verdict_fail = 1, verdict_lie = 2 };

static enum verdict failing(int64_t error) {
    if (atomic_fetch_add(&control->failed, 1) == 0) atomic_store(&control->first_ns, now_ns());
    errno = (int)error;
    return verdict_fail;
}

/* What becomes of this call; `grows` is by how many bytes it would make its file longer. */
static enum verdict judge(enum group group, int64_t grows) {
    if (control == NULL) return verdict_go;
    atomic_fetch_add(group == group_sync ? &control->syncs : &control->writes, 1);
    if (atomic_load(&control->armed) == (int64_t)group) {
        const int64_t left = atomic_fetch_sub(&control->countdown, 1) - 1;
        if (left == 0 || (left < 0 && atomic_load(&control->sticky))) {
            const enum verdict verdict = failing(atomic_load(&control->error));
            return atomic_load(&control->lie) ? verdict_lie : verdict;
        }
    }
    if (grows > 0 && atomic_load(&control->space) >= 0) {
        if (grows > atomic_load(&control->space)) return failing(ENOSPC);
        atomic_fetch_sub(&control->space, grows);
    }
    return verdict_go;
}

static int64_t length_of(int file) {
    struct stat state;
    return fstat(file, &state) == 0 ? (int64_t)state.st_size : 0;
}

static int64_t length_at(const char* path) {
    struct stat state;
    return stat(path, &state) == 0 ? (int64_t)state.st_size : 0;
}

/* A file that became shorter or went away leaves its space to others. */
static void give_back(int64_t bytes) {
    if (control != NULL && bytes > 0 && atomic_load(&control->space) >= 0) atomic_fetch_add(&control->space, bytes);
}

/* The real call behind write or pwrite; write() has no use for the offset, which is only told for the record. */
typedef ssize_t (*write_call)(int, const void*, size_t, off_t);

static ssize_t write_at(int file, const void* bytes, size_t count, off_t offset) {
    REAL("pwrite64", ssize_t, int, const void*, size_t, off_t);
    return real(file, bytes, count, offset);
}

static ssize_t write_here(int file, const void* bytes, size_t count, off_t offset) {
    REAL("write", ssize_t, int, const void*, size_t);
    (void)offset;
    return real(file, bytes, count);
}

static ssize_t watched_write(write_call call, int file, const void* bytes, size_t count, off_t offset) {
    char space[PATH_MAX];
    const char* path = below_of(file, space);
    if (path == NULL) return call(file, bytes, count, offset);
    pthread_mutex_lock(&one_by_one);
    const int64_t began = now_ns();
    const enum verdict verdict = judge(group_write, (int64_t)offset + (int64_t)count - length_of(file));
    ssize_t done = verdict == verdict_fail ? -1 : (ssize_t)count;
    if (verdict == verdict_go) done = call(file, bytes, count, offset);
    const int error = errno;
    if (verdict == verdict_go && done > 0) note('w', began, path, "", (uint64_t)offset, bytes, (size_t)done);
    pthread_mutex_unlock(&one_by_one);
    errno = error;
    return done;
}

ssize_t write(int file, const void* bytes, size_t count) {
    const off_t offset = lseek(file, 0, SEEK_CUR);
    return watched_write(write_here, file, bytes, count, offset < 0 ? 0 : offset);
}
ssize_t pwrite(int file, const void* bytes, size_t count, off_t offset) { return watched_write(write_at, file, bytes, count, offset); }
ssize_t pwrite64(int file, const void* bytes, size_t count, off64_t offset) { return watched_write(write_at, file, bytes, count, offset); }

static int watched_sync(int (*call)(int), int file) {
    char space[PATH_MAX];
    const char* path = below_of(file, space);
    if (path == NULL) return call(file);
    pthread_mutex_lock(&one_by_one);
    const int64_t began = now_ns();
    const enum verdict verdict = judge(group_sync, 0);
    int done = verdict == verdict_fail ? -1 : 0;
    if (verdict == verdict_go) done = call(file);
    const int error = errno;
    if (verdict == verdict_go && done == 0) note('s', began, path, "", 0, "", 0);
    pthread_mutex_unlock(&one_by_one);
    errno = error;
    return done;
}

int fsync(int file) {
    REAL("fsync", int, int);
    return watched_sync(real, file);
}
int fdatasync(int file) {
    REAL("fdatasync", int, int);
    return watched_sync(real, file);
}

static int watched_truncate(int file, off_t length) {
    REAL("ftruncate64", int, int, off_t);
    char space[PATH_MAX];
    const char* path = below_of(file, space);
    if (path == NULL) return real(file, length);
    pthread_mutex_lock(&one_by_one);
    const int64_t began = now_ns();
    const int64_t before = length_of(file);
    const enum verdict verdict = judge(group_write, (int64_t)length - before);
    int done = verdict == verdict_fail ? -1 : 0;
    if (verdict == verdict_go) done = real(file, length);
    const int error = errno;
    if (verdict == verdict_go && done == 0) note('t', began, path, "", (uint64_t)length, "", 0);
    if (verdict == verdict_go && done == 0) give_back(before - (int64_t)length);
    pthread_mutex_unlock(&one_by_one);
    errno = error;
    return done;
}

int ftruncate(int file, off_t length) { return watched_truncate(file, length); }
int ftruncate64(int file, off64_t length) { return watched_truncate(file, length); }

int unlink(const char* path) {
    REAL("unlink", int, const char*);
    const char* ours = below(path);
    if (ours == NULL) return real(path);
    pthread_mutex_lock(&one_by_one);
    const int64_t began = now_ns();
    const enum verdict verdict = judge(group_write, 0);
    const int64_t before = length_at(path);
    int done = verdict == verdict_fail ? -1 : 0;
    if (verdict == verdict_go) done = real(path);
    const int error = errno;
    if (verdict == verdict_go && done == 0) give_back(before);
    if (verdict == verdict_go && done == 0) note('u', began, ours, "", 0, "", 0);
    pthread_mutex_unlock(&one_by_one);
    errno = error;
    return done;
}

int rename(const char* from, const char* to) {
    REAL("rename", int, const char*, const char*);
    const char* ours = below(from);
    const char* target = below(to);
    if (ours == NULL || target == NULL) return real(from, to);
    pthread_mutex_lock(&one_by_one);
    const int64_t began = now_ns();
    const enum verdict verdict = judge(group_write, 0);
    const int64_t before = length_at(to);
    int done = verdict == verdict_fail ? -1 : 0;
    if (verdict == verdict_go) done = real(from, to);
    const int error = errno;
    if (verdict == verdict_go && done == 0) give_back(before);
    if (verdict == verdict_go && done == 0) note('r', began, ours, target, 0, "", 0);
    pthread_mutex_unlock(&one_by_one);
    errno = error;
    return done;
}

static int watched_open(const char* path, int flags, int mode) {
    const char* ours = below(path);
    if (ours == NULL) return open_really(path, flags, mode);
    pthread_mutex_lock(&one_by_one);
    const int64_t began = now_ns();
    struct stat before;
    const int was_there = stat(path, &before) == 0;
    const int file = open_really(path, flags, mode);
    const int error = errno;
    if (file >= 0 && !was_there) note('c', began, ours, "", 0, "", 0);
    if (file >= 0 && was_there && (flags & O_TRUNC) != 0) {
        note('t', began, ours, "", 0, "", 0);
        give_back((int64_t)before.st_size);
    }
    pthread_mutex_unlock(&one_by_one);
    errno = error;
    return file;
}

static int mode_of(int flags, va_list arguments) { return (flags & (O_CREAT | __O_TMPFILE)) != 0 ? (int)va_arg(arguments, unsigned) : 0; }

int open(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const int mode = mode_of(flags, arguments);
    va_end(arguments);
    return watched_open(path, flags, mode);
}
int open64(const char* path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const int mode = mode_of(flags, arguments);
    va_end(arguments);
    return watched_open(path, flags, mode);
}
