import CLinux
import Glibc

/// Puts another database in the place of the one that is there, and keeps that one.
package struct Replacement {
    private let path: String

    /// - Parameter path: of the database that will be replaced; there may be none.
    package init(of path: String) {
        self.path = path
    }

    /// Where the bytes are that SQLite locks, and how many (https://www.sqlite.org/src/file?name=src/os.h): whoever has
    /// the database open holds a shared lock on some of them for as long.
    private static let lockedFrom: off_t = 0x4000_0000
    private static let lockedLength: off_t = 512
    /// For workers that have been told to stop and finish what they have in hand.
    private static let patience = Duration.seconds(5)

    /// Moves the database aside and the new one into its place.
    ///
    /// - Parameters:
    ///   - new: a whole database with no log beside it, on the same file system.
    ///   - kept: where the replaced one goes; nothing is there.
    /// - Returns: whether there was one to keep.
    /// - Throws: `BackupError`, `StoreError`.
    @discardableResult
    package func put(_ new: String, keeping kept: String) throws -> Bool {
        let current = open(path, O_RDWR | O_CLOEXEC)
        defer { if current >= 0 { close(current) } }
        if current >= 0 {
            // From here to the end nobody can open it. Who has begun to, and waits, finds afterwards that another file
            // has its name (`Store.connect`).
            let code = linux_lock_range_until(
                current, Replacement.lockedFrom, Replacement.lockedLength, Int64(Replacement.patience / .nanoseconds(1)),
            )
            guard code == 0 else {
                throw code == ETIMEDOUT ? BackupError.inUse(path) : BackupError.system(path, code)
            }
            guard access(kept, F_OK) != 0, access(kept + "-wal", F_OK) != 0 else {
                throw BackupError.system(kept, EEXIST)
            }
            // The log first: a database without its log lacks something; another one beside it would be destroyed.
            try move(path + "-wal", to: kept + "-wal")
            unlink(path + "-shm")
            try move(path, to: kept)
        } else if errno != ENOENT {
            throw BackupError.system(path, errno)
        }
        try move(new, to: path)
        try Folder.sync(of: path)
        return current >= 0
    }

    private func move(_ from: String, to target: String) throws {
        guard rename(from, target) == 0 || (errno == ENOENT && from.hasSuffix("-wal")) else {
            throw BackupError.system(from, errno)
        }
    }
}
