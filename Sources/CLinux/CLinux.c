#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* glibc before 2.41 has the member, not its name */
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define TICK_NANOSECONDS 10000000

/* ---- signals ---- */

int linux_signal_descriptor(const sigset_t *signals) {
    return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- locks with a deadline ---- */

/* What a waiting thread changed, and has to put back. */
struct alarm {
    timer_t timer;
    sigset_t mask_before;
};

static void ignore_tick(int signal_number) {
    (void)signal_number; /* its arrival is the message: it interrupts the waiting call */
}

static int64_t monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NANOSECONDS_PER_SECOND + now.tv_nsec;
}

static int create_timer(struct alarm *alarm) {
    struct sigevent event;
    memset(&event, 0, sizeof event);
    event.sigev_notify = SIGEV_THREAD_ID;
    event.sigev_signo = SIGRTMIN;
    event.sigev_notify_thread_id = gettid();
    return timer_create(CLOCK_MONOTONIC, &event, &alarm->timer) == 0 ? 0 : errno;
}

/* Ticks at the deadline and every 10 ms after it: one that came just before the call began is not the last. */
static int start_timer(struct alarm *alarm, int64_t deadline) {
    struct itimerspec times = {
        .it_value = {
            .tv_sec = deadline / NANOSECONDS_PER_SECOND,
            .tv_nsec = deadline % NANOSECONDS_PER_SECOND,
        },
        .it_interval = {.tv_sec = 0, .tv_nsec = TICK_NANOSECONDS},
    };
    return timer_settime(alarm->timer, TIMER_ABSTIME, &times, NULL) == 0 ? 0 : errno;
}

static void tick_set(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGRTMIN);
}

/* Once, and for good: another thread may be waiting when this one no longer is. */
static void install_handler(void) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ignore_tick; /* without SA_RESTART, or the call would go on waiting */
    sigemptyset(&action.sa_mask);
    sigaction(SIGRTMIN, &action, NULL);
}

static void let_ticks_through(struct alarm *alarm) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, install_handler);
    sigset_t tick;
    tick_set(&tick);
    pthread_sigmask(SIG_UNBLOCK, &tick, &alarm->mask_before);
}

static void put_back(struct alarm *alarm) {
    timer_delete(alarm->timer);
    pthread_sigmask(SIG_SETMASK, &alarm->mask_before, NULL);
}

/* A lock on a whole file (flock) or on some of its bytes (open-file-description lock). */
struct lock {
    int fd;
    int is_range;
    off_t start;
    off_t length;
};

static int change_range(const struct lock *lock, int command, short type) {
    struct flock range = {
        .l_type = type,
        .l_whence = SEEK_SET,
        .l_start = lock->start,
        .l_len = lock->length,
        .l_pid = 0, /* open-file-description locks demand it */
    };
    return fcntl(lock->fd, command, &range);
}

static int take(const struct lock *lock, int waits) {
    if (lock->is_range) {
        return change_range(lock, waits ? F_OFD_SETLKW : F_OFD_SETLK, F_WRLCK);
    }
    return flock(lock->fd, waits ? LOCK_EX : LOCK_EX | LOCK_NB);
}

static int wait_for(const struct lock *lock, int64_t deadline) {
    while (take(lock, 1) != 0) {
        if (errno != EINTR) {
            return errno;
        }
        if (monotonic_nanoseconds() >= deadline) {
            return ETIMEDOUT;
        }
    }
    return 0;
}

static int take_until(const struct lock *lock, int64_t timeout_nanoseconds) {
    if (take(lock, 0) == 0) {
        return 0;
    }
    if (errno != EWOULDBLOCK && errno != EACCES && errno != EINTR) {
        return errno;
    }
    if (timeout_nanoseconds <= 0) {
        return ETIMEDOUT;
    }
    int64_t begun = monotonic_nanoseconds();
    int64_t deadline = timeout_nanoseconds > INT64_MAX - begun ? INT64_MAX : begun + timeout_nanoseconds;
    struct alarm alarm;
    int failure = create_timer(&alarm);
    if (failure != 0) {
        return failure;
    }
    let_ticks_through(&alarm);
    failure = start_timer(&alarm, deadline);
    if (failure == 0) {
        failure = wait_for(lock, deadline);
    }
    put_back(&alarm);
    return failure;
}

int linux_flock_until(int fd, int64_t timeout_nanoseconds) {
    struct lock lock = {.fd = fd, .is_range = 0};
    return take_until(&lock, timeout_nanoseconds);
}

int linux_lock_range_until(int fd, off_t start, off_t length, int64_t timeout_nanoseconds) {
    struct lock lock = {.fd = fd, .is_range = 1, .start = start, .length = length};
    return take_until(&lock, timeout_nanoseconds);
}

int linux_unlock_range(int fd, off_t start, off_t length) {
    struct lock lock = {.fd = fd, .is_range = 1, .start = start, .length = length};
    return change_range(&lock, F_OFD_SETLK, F_UNLCK) == 0 ? 0 : errno;
}

/* ---- files ---- */

int linux_write_back(int fd, off_t start, off_t length) {
    unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    return sync_file_range(fd, start, length, flags) == 0 ? 0 : errno;
}

/* ---- datagrams ---- */

int linux_send_datagram(const char *path, const char *text) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    if (length == 0 || length > sizeof address.sun_path) { /* the kernel needs no zero at its end */
        return EINVAL;
    }
    memcpy(address.sun_path, path, length);
    if (path[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return errno;
    }
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address, size);
    int failure = sent < 0 ? errno : 0;
    close(fd);
    return failure;
}
