/* How long a writer waits for the writers' lock while others work: takes the lock again and again, 2 ms apart, until
   something comes on standard input, and prints what it has met. Beside one other process its longest wait is that one's
   longest hold. Given milliseconds, it computes for so long while it has the lock, and for nothing: what one that waits
   beside it meets is the machine's own doing.
   waits FILE [MILLISECONDS] */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define MOST 10000000

static double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

int main(int count, char **arguments) {
    int lock = count == 2 || count == 3 ? open(arguments[1], O_RDONLY | O_CLOEXEC) : -1;
    double hold = count == 3 ? atof(arguments[2]) : 0;
    double *waits = malloc(MOST * sizeof *waits);
    if (lock < 0 || !waits) {
        perror("waits");
        return 1;
    }
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    int tries = 0;
    while (tries < MOST && poll(&input, 1, 2) == 0) {
        double began = milliseconds();
        flock(lock, LOCK_EX);
        double entered = milliseconds();
        waits[tries++] = entered - began;
        while (milliseconds() - entered < hold) {}
        flock(lock, LOCK_UN);
    }
    if (tries == 0) return 1;
    qsort(waits, tries, sizeof *waits, compare);
    printf("p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms\n", waits[tries / 2], waits[tries / 100 * 99],
           waits[(int)(tries * 0.999)], waits[tries - 1]);
    return 0;
}
