import CSQLite
import GRDB
import GRDBSQLite
import Glibc

/// The database file, opened by this process with one connection.
package struct Store {
    private let queue: DatabaseQueue
    private let path: String
    /// The file that had the database's name before it was opened; empty where there was none.
    private let opened: [UInt64]

    /// Opens a database that `migrate` has made.
    ///
    /// - Throws: `StoreError.cannotOpen` where there is none or it cannot be read.
    package init(path: String) throws(StoreError) {
        guard access(path, F_OK) == 0 else { throw .cannotOpen(path, Explanation.text(errno)) }
        try self.init(creatingAt: path)
    }

    /// Opens a database, making an empty one where there is none.
    ///
    /// - Throws: `StoreError.cannotOpen`.
    package init(creatingAt path: String) throws(StoreError) {
        self.path = path
        opened = Store.identity(of: path)
        do {
            queue = try DatabaseQueue(path: path, configuration: Store.configuration)
        } catch {
            throw .cannotOpen(path, (error as? DatabaseError).map(Explanation.text) ?? "\(error)")
        }
    }

    /// Enters the database's queue and stays there while `body` runs: a worker's whole life, so that no
    /// request pays for entering it.
    ///
    /// - Throws: what `body` throws, and `StoreError.cannotOpen`.
    package func connect<Result>(_ body: (Connection) throws -> Result) throws -> Result {
        try queue.writeWithoutTransaction { database in
            // A read opens the write-ahead log. Then the folder is synced: were the log made by a process
            // that died before it synced anything, a power failure could take the log's name away.
            do {
                _ = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema")
            } catch let error as DatabaseError {
                throw StoreError.cannotOpen(path, Explanation.text(error))
            }
            try Folder.sync(of: path)
            // `Replacement` may have been at work while it was opened, or the read waited.
            guard opened.isEmpty || Store.identity(of: path) == opened else {
                throw StoreError.cannotOpen(path, "it was being replaced; try again")
            }
            return try body(Connection(database, lock: WriteLock(path: path + ".lock")))
        }
    }

    /// Brings the schema up to date, alone among all writers.
    ///
    /// - Throws: `StoreError`, `DatabaseError`.
    package func migrate(_ migrator: DatabaseMigrator) throws {
        try queue.writeWithoutTransaction { database in
            // Kept in the file: whoever opens it later finds it so.
            try database.execute(sql: "PRAGMA journal_mode = WAL")
        }
        var lock = WriteLock(path: path + ".lock")
        try lock.acquire()
        defer { lock.release() }
        guard try !queue.read(migrator.hasCompletedMigrations) else { return }
        try migrator.migrate(queue)
        try queue.writeWithoutTransaction { database in
            do {
                _ = try database.checkpoint(.truncate)
            } catch DatabaseError.SQLITE_BUSY {
                // A reader in the way is no harm: the log holds everything still.
            }
        }
        try Folder.sync(of: path)
    }

    /// Gives the database back; where nobody else has it open its log goes into it, and is removed.
    ///
    /// - Throws: `DatabaseError`.
    package func close() throws {
        try queue.close()
    }

    /// The file that has a name.
    private static func identity(of path: String) -> [UInt64] {
        var status = stat()
        return stat(path, &status) == 0 ? [UInt64(status.st_dev), UInt64(status.st_ino)] : []
    }

    /// The net below the writers' lock: for a program that writes and does not take that lock.
    static let busyTimeoutInMilliseconds: Int32 = 1_000

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.label = "leadhub"
        configuration.busyMode = .timeout(Double(busyTimeoutInMilliseconds) / 1_000)
        configuration.prepareDatabase { database in
            try database.setDefensive(true)
            // A schema that somebody else has written must not run functions with side effects.
            try database.execute(sql: "PRAGMA trusted_schema = OFF")
            // Commits leave the log unsynced; `Connection.sync` does it after the lock is released.
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
            // What a statement needs to be undone by itself stays in memory: a create would make a file for it.
            try database.execute(sql: "PRAGMA temp_store = MEMORY")
            // Read in place, without a copy of each page: leads that lie apart are looked at in half the time (7 to 8 ms
            // for 5,000 of 200,000, against 12 to 15 ms with pages that are read).
            try database.execute(sql: "PRAGMA mmap_size = 1073741824")
            // What it grew to beside a long reader is given back once it starts again.
            try database.execute(sql: "PRAGMA journal_size_limit = 67108864")
            // Checkpoints are made under the writers' lock only; SQLite's own would not take it.
            try database.execute(sql: "PRAGMA wal_autocheckpoint = 0")
        }
        return configuration
    }
}

extension Database {
    /// Lets `body` write to what SQLite otherwise keeps from all SQL: the tables in which a virtual one keeps its data.
    ///
    /// - Throws: `DatabaseError`, and what `body` throws.
    package func withoutDefense<Result>(_ body: () throws -> Result) throws -> Result {
        try setDefensive(false)
        let result = Swift.Result { try body() }
        try setDefensive(true)
        return try result.get()
    }

    fileprivate func setDefensive(_ isOn: Bool) throws {
        guard sqlite_set_defensive(UnsafeMutableRawPointer(sqliteConnection), isOn ? 1 : 0) == SQLITE_OK else {
            throw DatabaseError(message: "SQLITE_DBCONFIG_DEFENSIVE is not to be had")
        }
    }
}

/// What keeps the database from doing as asked.
package enum StoreError: Error, CustomStringConvertible {
    /// The file cannot be opened; its path and why.
    case cannotOpen(String, String)
    /// The writers' lock was not to be had in time.
    case busy
    /// The writers' lock cannot be used; its path and why.
    case cannotLock(String, String)
    /// What was written may or may not survive a power failure; this process must write no more.
    case unsynced

    package var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path) cannot be opened: \(reason)"
        case .busy: "other writers held the database for too long"
        case .cannotLock(let path, let reason): "\(path) cannot be locked: \(reason)"
        case .unsynced: "the database's log could not be written to the disk"
        }
    }
}
