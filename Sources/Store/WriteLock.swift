import CLinux
import Glibc

/// The queue of all writers: an exclusive flock(2) on a file beside the database.
///
/// SQLite's own waiting starves: of four writers one got a single transaction while another got 13,000.
/// The kernel gives this lock out nearly in turn, and frees it when its holder dies.
struct WriteLock {
    private let path: String
    private var descriptor: Int32 = -1

    /// How long a writer waits before its client is told to come back.
    static let patience = Duration.seconds(5)

    init(path: String) {
        self.path = path
    }

    /// Waits for the lock.
    ///
    /// - Throws: `StoreError.busy` after `patience`, `StoreError.cannotLock`.
    mutating func acquire() throws(StoreError) {
        let deadline = ContinuousClock.now.advanced(by: WriteLock.patience)
        repeat {
            if descriptor < 0 {
                descriptor = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o660)
                guard descriptor >= 0 else { throw .cannotLock(path, Explanation.text(errno)) }
            }
            let rest = ContinuousClock.now.duration(to: deadline) / .nanoseconds(1)
            switch linux_flock_until(descriptor, Int64(rest)) {
            case 0: break
            case ETIMEDOUT: throw .busy
            case let code: throw .cannotLock(path, Explanation.text(code))
            }
            // A lock on a file that was removed keeps nobody out.
            if OpenFile.isAt(path, descriptor) { return }
            close(descriptor)
            descriptor = -1
        } while ContinuousClock.now < deadline
        throw .busy
    }

    func release() {
        flock(descriptor, LOCK_UN)
    }
}
