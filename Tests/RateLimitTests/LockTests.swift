import CLinux
import Foundation
import Testing

/// The locks of CLinux. Serialized: a wait for a file's lock takes a signal of the whole process.
@Suite(.serialized)
struct LockTests {
    let scratch: Scratch
    let holder: Int32
    let waiter: Int32

    init() throws {
        scratch = try Scratch()
        try scratch.write([])
        holder = open(scratch.path, O_RDWR)
        waiter = open(scratch.path, O_RDWR)
        try #require(holder >= 0 && waiter >= 0)
    }

    private func waitForFlock(milliseconds: Int64) -> (code: Int32, duration: Duration) {
        var code: Int32 = 0
        let duration = ContinuousClock().measure {
            code = linux_flock_until(waiter, milliseconds * 1_000_000)
        }
        return (code, duration)
    }

    private func closeBoth() {
        close(holder)
        close(waiter)
    }

    @Test func takesAFreeLockAtOnce() {
        defer { closeBoth() }
        let (code, duration) = waitForFlock(milliseconds: 5000)
        #expect(code == 0)
        #expect(duration < .milliseconds(500))
        #expect(flock(holder, LOCK_EX | LOCK_NB) == -1)
    }

    @Test func givesUpAfterTheTimeout() {
        defer { closeBoth() }
        #expect(flock(holder, LOCK_EX) == 0)
        let (code, duration) = waitForFlock(milliseconds: 200)
        #expect(code == ETIMEDOUT)
        #expect(duration >= .milliseconds(200))
        #expect(duration < .milliseconds(1500))
    }

    @Test(arguments: [0, -1] as [Int64])
    func givesUpAtOnceWithoutATimeout(milliseconds: Int64) {
        defer { closeBoth() }
        #expect(flock(holder, LOCK_SH) == 0)
        #expect(waitForFlock(milliseconds: milliseconds).code == ETIMEDOUT)
    }

    @Test func takesTheLockWhenItIsFreed() {
        defer { closeBoth() }
        #expect(flock(holder, LOCK_EX) == 0)
        let freer = holder
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { flock(freer, LOCK_UN) }
        let (code, duration) = waitForFlock(milliseconds: 30_000)
        #expect(code == 0)
        #expect(duration >= .milliseconds(50))
        #expect(duration < .seconds(5))
    }

    @Test func isNotEndedByOtherSignals() throws {
        defer { closeBoth() }
        #expect(flock(holder, LOCK_EX) == 0)
        var ignoring = sigaction()
        ignoring.__sigaction_handler.sa_handler = { _ in }
        // It stays: a signal that comes late on a busy machine must not end the tests.
        #expect(sigaction(SIGUSR2, &ignoring, nil) == 0)
        let thread = pthread_self()
        let sent = DispatchGroup()
        defer { sent.wait() }
        for turn in 1...5 {
            sent.enter()
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(40 * turn)) {
                pthread_kill(thread, SIGUSR2)
                sent.leave()
            }
        }
        let (code, duration) = waitForFlock(milliseconds: 400)
        #expect(code == ETIMEDOUT)
        #expect(duration >= .milliseconds(400))
    }

    @Test func putsTheSignalsMaskBack() {
        defer { closeBoth() }
        var (maskBefore, maskAfter) = (sigset_t(), sigset_t())
        let ticks = __libc_current_sigrtmin()
        sigaddset(&maskBefore, ticks)
        pthread_sigmask(SIG_BLOCK, &maskBefore, nil)
        defer { pthread_sigmask(SIG_UNBLOCK, &maskBefore, nil) }
        #expect(flock(holder, LOCK_EX) == 0)
        for _ in 0..<20 {
            #expect(waitForFlock(milliseconds: 11).code == ETIMEDOUT)
        }
        pthread_sigmask(SIG_BLOCK, nil, &maskAfter)
        #expect(sigismember(&maskAfter, ticks) == 1)
        var pending = sigset_t()
        sigpending(&pending)
        #expect(sigismember(&pending, ticks) == 0)
    }

    @Test func tellsWhatIsWrongWithADescriptor() {
        defer { closeBoth() }
        #expect(linux_flock_until(-1, 1) == EBADF)
        #expect(linux_lock_range_until(-1, 0, 1, 1_000_000_000) == EBADF)
        #expect(linux_unlock_range(-1, 0, 1) == EBADF)
    }

    @Test func locksOneRangeAndNotTheNext() throws {
        defer { closeBoth() }
        #expect(linux_lock_range_until(holder, 32, 32, 1_000_000_000) == 0)
        #expect(linux_lock_range_until(waiter, 64, 32, 1_000_000_000) == 0)
        let (locker, freer) = (waiter, holder)
        let begun = ContinuousClock().now
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(100)) { linux_unlock_range(freer, 32, 32) }
        #expect(linux_lock_range_until(locker, 63, 1, 1_000_000_000) == 0)
        #expect(ContinuousClock().now - begun >= .milliseconds(50))
    }
}
