#define _GNU_SOURCE

#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#ifndef sigev_notify_thread_id /* glibc before 2.41 has the member, not its name */
#define sigev_notify_thread_id _sigev_un._tid
#endif

#define NANOSECONDS_PER_SECOND INT64_C(1000000000)
#define TICK_NANOSECONDS 10000000

/* ---- locks on byte ranges ---- */

static int change_range(int fd, int command, short type, off_t start, off_t length) {
    struct flock range = {
        .l_type = type,
        .l_whence = SEEK_SET,
        .l_start = start,
        .l_len = length,
        .l_pid = 0, /* open-file-description locks demand it */
    };
    while (fcntl(fd, command, &range) != 0) {
        if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int linux_lock_range(int fd, off_t start, off_t length) {
    return change_range(fd, F_OFD_SETLKW, F_WRLCK, start, length);
}

int linux_unlock_range(int fd, off_t start, off_t length) {
    return change_range(fd, F_OFD_SETLK, F_UNLCK, start, length);
}

/* ---- signals ---- */

int linux_signal_descriptor(const sigset_t *signals) {
    return signalfd(-1, signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* ---- flock with a deadline ---- */

/* What a waiting thread changed, and has to put back. */
struct alarm {
    int signal_number;
    timer_t timer;
    struct sigaction action_before;
    sigset_t mask_before;
};

static void ignore_tick(int signal_number) {
    (void)signal_number; /* its arrival is the message: it interrupts flock() */
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
    event.sigev_signo = alarm->signal_number;
    event.sigev_notify_thread_id = gettid();
    return timer_create(CLOCK_MONOTONIC, &event, &alarm->timer) == 0 ? 0 : errno;
}

/* Ticks at the deadline and every 10 ms after it: one that came just before flock() began is not the last. */
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

static void tick_set(const struct alarm *alarm, sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, alarm->signal_number);
}

static int install_handler(struct alarm *alarm) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = ignore_tick; /* without SA_RESTART, or flock() would go on waiting */
    sigemptyset(&action.sa_mask);
    if (sigaction(alarm->signal_number, &action, &alarm->action_before) != 0) {
        return errno;
    }
    sigset_t tick;
    tick_set(alarm, &tick);
    return pthread_sigmask(SIG_UNBLOCK, &tick, &alarm->mask_before);
}

/* A tick may still be queued: it is taken before the old handler returns, whose default would end the process. */
static void put_back(struct alarm *alarm) {
    const struct timespec at_once = {0, 0};
    sigset_t tick;
    tick_set(alarm, &tick);
    pthread_sigmask(SIG_BLOCK, &tick, NULL);
    timer_delete(alarm->timer);
    while (sigtimedwait(&tick, NULL, &at_once) > 0 || errno == EINTR) {
    }
    sigaction(alarm->signal_number, &alarm->action_before, NULL);
    pthread_sigmask(SIG_SETMASK, &alarm->mask_before, NULL);
}

static int wait_for_flock(int fd, int64_t deadline) {
    while (flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            return errno;
        }
        if (monotonic_nanoseconds() >= deadline) {
            return ETIMEDOUT;
        }
    }
    return 0;
}

int linux_flock_until(int fd, int64_t timeout_nanoseconds) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
        return 0;
    }
    if (errno != EWOULDBLOCK && errno != EINTR) {
        return errno;
    }
    if (timeout_nanoseconds <= 0) {
        return ETIMEDOUT;
    }
    int64_t begun = monotonic_nanoseconds();
    int64_t deadline = timeout_nanoseconds > INT64_MAX - begun ? INT64_MAX : begun + timeout_nanoseconds;
    struct alarm alarm = {.signal_number = SIGRTMIN};
    int failure = create_timer(&alarm);
    if (failure != 0) {
        return failure;
    }
    failure = install_handler(&alarm);
    if (failure != 0) {
        timer_delete(alarm.timer);
        return failure;
    }
    failure = start_timer(&alarm, deadline);
    if (failure == 0) {
        failure = wait_for_flock(fd, deadline);
    }
    put_back(&alarm);
    return failure;
}
