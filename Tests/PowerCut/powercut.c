// Simulates a power failure for one process. To be loaded with LD_PRELOAD.
//
// In the folder named by POWERCUT_FOLDER, every write is remembered with the data it overwrote, until the file is
// synced by fsync or fdatasync. On SIGUSR2, all unsynced writes are undone, newest first, and the process ends at
// once. The disk then contains what a machine would find whose cache never reached the disk. This is the worst case:
// nothing unsynced survives. Creating and removing files is not undone.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

struct change {
    struct change *previous;
    dev_t device;
    ino_t inode;
    off_t offset;
    off_t old_size;
    size_t old_count;
    char path[512];
    unsigned char old_bytes[];
};

static struct change *changes;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static const char *folder;
static volatile sig_atomic_t is_cut;

static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);

static void undo_everything(void) {
    for (struct change *change = changes; change; change = change->previous) {
        int file = open(change->path, O_RDWR);
        if (file < 0) continue;
        struct stat now;
        if (fstat(file, &now) == 0 && now.st_ino == change->inode && now.st_dev == change->device) {
            size_t done = 0;
            while (done < change->old_count) {
                ssize_t count = real_pwrite(file, change->old_bytes + done, change->old_count - done,
                                            change->offset + (off_t)done);
                if (count <= 0) break;
                done += (size_t)count;
            }
            real_ftruncate(file, change->old_size);
        }
        close(file);
    }
}

static void stop_forever(void) {
    while (1) pause();
}

// Takes the lock, unless the power is cut: then nothing that a thread does may reach the disk. A thread that takes the
// lock again and again would also keep it from the thread that undoes the writes, because the mutex is not fair.
static void enter(void) {
    if (is_cut) stop_forever();
    pthread_mutex_lock(&lock);
    if (!is_cut) return;
    pthread_mutex_unlock(&lock);
    stop_forever();
}

static int alarm_pipe[2];

// The signal may interrupt any thread, even one that holds the lock, so another thread does the work.
static void on_signal(int number) {
    (void)number;
    is_cut = 1;
    char byte = 1;
    ssize_t ignored = real_write(alarm_pipe[1], &byte, 1);
    (void)ignored;
}

static void *watch(void *unused) {
    (void)unused;
    char byte;
    while (read(alarm_pipe[0], &byte, 1) != 1) {}
    pthread_mutex_lock(&lock);  // never unlocked, so that no more writes happen
    undo_everything();
    _exit(137);
}

__attribute__((constructor)) static void begin(void) {
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pread = dlsym(RTLD_NEXT, "pread64");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    folder = getenv("POWERCUT_FOLDER");
    if (!folder || pipe(alarm_pipe) != 0) return;
    pthread_t thread;
    pthread_create(&thread, NULL, watch, NULL);
    struct sigaction action = {0};
    action.sa_handler = on_signal;
    sigaction(SIGUSR2, &action, NULL);
}

// The path of a regular file in the folder; 0 for any other file.
static int path_of(int file, char *path, size_t size, struct stat *status) {
    if (!folder || fstat(file, status) != 0 || !S_ISREG(status->st_mode)) return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    ssize_t count = readlink(link, path, size - 1);
    if (count <= 0) return 0;
    path[count] = 0;
    return strncmp(path, folder, strlen(folder)) == 0;
}

// Remembers the old content of a range. Called with the lock held.
static void remember(int file, off_t offset, size_t count) {
    struct stat status;
    char path[512];
    if (!path_of(file, path, sizeof path, &status)) return;
    size_t old = 0;
    if (offset < status.st_size) {
        off_t rest = status.st_size - offset;
        old = rest < (off_t)count ? (size_t)rest : count;
    }
    struct change *change = malloc(sizeof *change + old);
    if (!change) abort();
    int reader = open(path, O_RDONLY);
    size_t done = 0;
    while (reader >= 0 && done < old) {
        ssize_t got = real_pread(reader, change->old_bytes + done, old - done, offset + (off_t)done);
        if (got <= 0) break;
        done += (size_t)got;
    }
    if (reader >= 0) close(reader);
    change->old_count = done;
    change->offset = offset;
    change->old_size = status.st_size;
    change->device = status.st_dev;
    change->inode = status.st_ino;
    strcpy(change->path, path);
    change->previous = changes;
    changes = change;
}

// Synced data can no longer be lost. Called with the lock held.
static void forget(int file) {
    struct stat status;
    if (!folder || fstat(file, &status) != 0) return;
    struct change **link = &changes;
    while (*link) {
        struct change *change = *link;
        if (change->inode == status.st_ino && change->device == status.st_dev) {
            *link = change->previous;
            free(change);
        } else {
            link = &change->previous;
        }
    }
}

// Reads must wait while everything is undone, because the database would take what it sees for corruption.
ssize_t pread64(int file, void *bytes, size_t count, off_t offset) {
    enter();
    ssize_t result = real_pread(file, bytes, count, offset);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pread(int file, void *bytes, size_t count, off_t offset) { return pread64(file, bytes, count, offset); }

ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
    enter();
    remember(file, offset, count);
    ssize_t result = real_pwrite(file, bytes, count, offset);
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
    return pwrite64(file, bytes, count, offset);
}

ssize_t write(int file, const void *bytes, size_t count) {
    struct stat status;
    char path[512];
    // A pipe or a socket may block, and must not do so with the lock held.
    if (!path_of(file, path, sizeof path, &status)) return real_write(file, bytes, count);
    enter();
    off_t offset = lseek(file, 0, SEEK_CUR);
    if (offset >= 0) remember(file, offset, count);
    ssize_t result = real_write(file, bytes, count);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate64(int file, off_t size) {
    enter();
    struct stat status;
    if (fstat(file, &status) == 0) {
        size_t lost = status.st_size > size ? (size_t)(status.st_size - size) : 0;
        remember(file, size, lost);
    }
    int result = real_ftruncate(file, size);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int file, off_t size) { return ftruncate64(file, size); }

int fsync(int file) {
    enter();  // held meanwhile: a write beside the sync must not count as synced
    int result = real_fsync(file);
    if (result == 0) forget(file);
    pthread_mutex_unlock(&lock);
    return result;
}

int fdatasync(int file) {
    enter();  // held meanwhile: a write beside the sync must not count as synced
    int result = real_fdatasync(file);
    if (result == 0) forget(file);
    pthread_mutex_unlock(&lock);
    return result;
}
