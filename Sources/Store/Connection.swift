import GRDB
import GRDBSQLite

/// This process's one way into the database, and the one place where anything is written.
///
/// A write takes four steps:
///  1. the writers' lock is taken, so that they queue and none starves;
///  2. `BEGIN IMMEDIATE`, the work, `COMMIT`, which at `synchronous = NORMAL` syncs nothing;
///  3. the lock is released, so that nobody waits for another one's disk;
///  4. `sync`: the log is synced, before the client hears of it.
///
/// Why that is enough: a commit is in the log before the lock is released, and whoever commits or
/// vouches for a commit syncs the log from its beginning, the others' commits included. If the log was
/// checkpointed and restarted in between, SQLite has synced it before and the database after that
/// checkpoint, and then the restarted log's header: what step 4 finds no more in the log is in the
/// synced database. Between steps 2 and 4 others may read what is not yet safe; that is a read, no promise.
package final class Connection {
    package let database: Database
    private var lock: WriteLock
    private var log: Log
    /// After a failed sync nobody knows what the disk holds, and a later sync that succeeds proves
    /// nothing: the kernel reports the loss once. This process then writes no more, and ends.
    package private(set) var isUnsynced = false

    private let deadline: Deadline

    init(_ database: Database, lock: WriteLock) {
        self.database = database
        self.lock = lock
        log = Log(database)
        deadline = Deadline(database)
    }

    /// From now on, and for so long, statements run; one that runs longer is interrupted. The wait for the writers' lock
    /// comes on top.
    package func limit(to duration: Duration) {
        deadline.moment = .now.advanced(by: duration)
    }

    /// Runs `body` on one state of the database.
    package func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try transaction("BEGIN", body)
    }

    /// Steps 1 to 3. All of `body` takes effect, or where it throws, none of it.
    ///
    /// - Throws: `StoreError`, `DatabaseError`, and what `body` throws.
    package func write<Result>(_ body: (Database) throws -> Result) throws -> Result {
        guard !isUnsynced else { throw StoreError.unsynced }
        let began = ContinuousClock.now
        try lock.acquire()
        defer { lock.release() }
        // Who waited for others has its time still.
        deadline.moment = deadline.moment?.advanced(by: began.duration(to: .now))
        return try noticingLoss {
            let result = try transaction("BEGIN IMMEDIATE", body)
            try log.checkpointIfLong(database, .ofWriters)
            return result
        }
    }

    /// Copies the log into the database once it is long enough to be worth it, ahead of the writers, who would have to
    /// when it is longer still. To be called again and again: where the log is short it costs next to nothing.
    ///
    /// - Parameter limit: how long it may be.
    /// - Returns: whether anybody has written since the last call.
    /// - Throws: `StoreError`, `DatabaseError`.
    @discardableResult
    package func keepLogShort(_ limit: LogLimit) throws -> Bool {
        guard !isUnsynced else { throw StoreError.unsynced }
        let hasChanged = log.look()
        guard log.isLong(limit) else { return hasChanged }
        // What of the log is on the disk already need not get there while the writers wait.
        try sync()
        try lock.acquire()
        defer { lock.release() }
        try noticingLoss { try log.checkpointIfLong(database, limit) }
        return hasChanged
    }

    /// How long the log is, as far as this connection has heard.
    package var logSizeInBytes: Int { log.sizeInBytes }

    private func noticingLoss<Result>(_ body: () throws -> Result) throws -> Result {
        do {
            return try body()
        } catch let error as DatabaseError where error.resultCode == .SQLITE_IOERR {
            // SQLite may have met it at a sync of its own, which then counts like one of ours.
            isUnsynced = true
            throw error
        }
    }

    /// Step 4: returns once everything that any process has committed so far survives a power failure.
    ///
    /// - Throws: `StoreError.unsynced`.
    package func sync() throws(StoreError) {
        guard !isUnsynced, log.sync(database) else {
            isUnsynced = true
            throw .unsynced
        }
    }

    private func transaction<Result>(_ begin: String, _ body: (Database) throws -> Result) throws -> Result {
        try database.cachedStatement(sql: begin).execute()
        do {
            let result = try body(database)
            try database.cachedStatement(sql: "COMMIT").execute()
            return result
        } catch {
            // Past the deadline this would be interrupted too.
            deadline.moment = nil
            // SQLite has rolled back by itself after some errors, a full disk among them.
            if database.isInsideTransaction { try database.cachedStatement(sql: "ROLLBACK").execute() }
            throw error
        }
    }
}
