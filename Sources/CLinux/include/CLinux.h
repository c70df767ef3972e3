/* What Linux offers and Swift's Glibc module does not show. A function gives 0 or an errno, unless it says otherwise. */
#ifndef CLINUX_H
#define CLINUX_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

/**
 * Takes an open-file-description write lock on `length` bytes from `start`, and gives up after `timeout_nanoseconds`:
 * then ETIMEDOUT. The lock belongs to the open file, not to the process: the kernel frees it when the last descriptor
 * is closed. `fd` must be open for writing; the bytes need not exist. It waits as linux_flock_until() does.
 */
int linux_lock_range_until(int fd, off_t start, off_t length, int64_t timeout_nanoseconds);

/** Gives a lock of linux_lock_range_until() back. */
int linux_unlock_range(int fd, off_t start, off_t length);

/**
 * A descriptor that is readable while one of these signals, which must be blocked, waits for the process
 * (signalfd(2)). Gives -1 with errno where there is none to be had.
 */
int linux_signal_descriptor(const sigset_t *signals);

/**
 * Takes an exclusive flock(2) on the file, and gives up after `timeout_nanoseconds`: then ETIMEDOUT.
 * Signals do not end the wait. SIGRTMIN is taken for its timer, and must not be used for anything else.
 */
int linux_flock_until(int fd, int64_t timeout_nanoseconds);

/**
 * Writes what the memory has of `length` bytes of the file from `start` to the disk, and waits for it
 * (sync_file_range(2)). It promises nothing about a power failure: fsync(2) does.
 */
int linux_write_back(int fd, off_t start, off_t length);

/**
 * Sends one datagram to a unix socket; a path that begins with @ is a name in the kernel's abstract space. It does not
 * wait for one who reads none.
 */
int linux_send_datagram(const char *path, const char *text);

#endif
