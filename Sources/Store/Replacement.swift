import CLinux
import GRDB
import GRDBSQLite
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
    /// How often the log is emptied while others write to it again before the database is ours alone.
    private static let attempts = 3

    /// Gives the database another name and the new one its place. At every moment a whole database is there, and the
    /// replaced one is whole too: its log is in it.
    ///
    /// - Parameters:
    ///   - new: a whole database with no log beside it, on the same file system.
    ///   - kept: where the replaced one goes; nothing is there.
    /// - Returns: whether there was one to keep.
    /// - Throws: `BackupError`, `StoreError`.
    @discardableResult
    package func put(_ new: String, keeping kept: String) throws -> Bool {
        for _ in 0..<Replacement.attempts {
            if let wasThere = try putIfLogIsEmpty(new, keeping: kept) { return wasThere }
            switch try emptyLog() {
            // Where somebody else has it open the next attempt tells.
            case .SQLITE_OK, .SQLITE_BUSY, .SQLITE_LOCKED: continue
            // It can't be mended by its log, or the disk will not read one of them: both are kept as they are.
            case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_IOERR, .SQLITE_CANTOPEN:
                return try alone { try replace(with: new, keeping: kept, andLog: true) }
            case let code: throw StoreError.cannotOpen(path, Explanation.text(DatabaseError(resultCode: code)))
            }
        }
        throw BackupError.inUse(path)
    }

    /// While we hold SQLite's locks no SQLite can empty the log, this process's neither. So that is done before, and
    /// what is in it counts once nobody can write to it any more.
    ///
    /// - Returns: nil where there is something in the log.
    private func putIfLogIsEmpty(_ new: String, keeping kept: String) throws -> Bool? {
        try alone {
            // SQLite would take a database with nothing in it for a new one, and remove the log.
            let isThere = !isEmpty(path)
            let isLogEmpty = isEmpty(path + "-wal") && isEmpty(path + "-journal")
            // The log of a database that is not there any more is kept as well.
            guard isLogEmpty || !isThere else { return nil }
            return try replace(with: new, keeping: kept, andLog: !isLogEmpty)
        }
    }

    /// Brings what is in the log into the database. SQLite reads the first page only: more may be damaged.
    ///
    /// - Returns: what SQLite says of it.
    /// - Throws: `StoreError`.
    private func emptyLog() throws(StoreError) -> ResultCode {
        // Checkpoints are made under the writers' lock only (`Log.checkpointIfLong`).
        var lock = WriteLock(path: path + ".lock")
        try lock.acquire()
        defer { lock.release() }
        var connection: SQLiteConnection?
        defer { sqlite3_close(connection) }
        var code = sqlite3_open_v2(path, &connection, SQLITE_OPEN_READWRITE, nil)
        // A log that SQLite finds nothing in must not be removed when the database is closed.
        var isToStay: Int32 = 1
        sqlite3_file_control(connection, "main", SQLITE_FCNTL_PERSIST_WAL, &isToStay)
        if code == SQLITE_OK { code = sqlite3_exec(connection, "PRAGMA schema_version", nil, nil, nil) }
        if code == SQLITE_OK {
            code = sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        }
        return ResultCode(rawValue: code & 0xFF)
    }

    /// Runs `body` while nobody can open the database. Who has begun to, and waits, finds afterwards that another file
    /// has its name (`Store.connect`).
    private func alone<Result>(_ body: () throws -> Result) throws -> Result {
        let current = open(path, O_RDWR | O_CLOEXEC)
        guard current >= 0 else {
            guard errno == ENOENT else { throw BackupError.system(path, errno) }
            return try body()
        }
        defer { close(current) }
        let code = linux_lock_range_until(
            current, Replacement.lockedFrom, Replacement.lockedLength, Int64(Replacement.patience / .nanoseconds(1)),
        )
        guard code == 0 else {
            throw code == ETIMEDOUT ? BackupError.inUse(path) : BackupError.system(path, code)
        }
        return try body()
    }

    /// Keeps the log too, where there is one to keep.
    ///
    /// - Returns: whether there was a database to keep.
    private func replace(with new: String, keeping kept: String, andLog: Bool) throws -> Bool {
        if andLog { for suffix in ["-wal", "-journal"] { try link(suffix, to: kept) } }
        let wasThere = try link("", to: kept)
        // Before it loses its first name it has the second one on the disk.
        try Folder.sync(of: path)
        // Beside another database a log would be taken for that one's.
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
        guard rename(new, path) == 0 else { throw BackupError.system(path, errno) }
        try Folder.sync(of: path)
        return wasThere
    }

    /// - Returns: whether there is such a file.
    @discardableResult
    private func link(_ suffix: String, to kept: String) throws -> Bool {
        guard Glibc.link(path + suffix, kept + suffix) != 0 else { return true }
        guard errno == ENOENT else { throw BackupError.system(kept + suffix, errno) }
        return false
    }

    private func isEmpty(_ file: String) -> Bool {
        var status = stat()
        return stat(file, &status) != 0 || status.st_size == 0
    }
}
