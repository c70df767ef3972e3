import GRDB
import GRDBSQLite

/// How long the log may be until it is copied into the database, so that it starts again. While it is, all writers wait:
/// some 12 ms for 4 MiB, 2 ms for half a MiB; but a page that was written often within it is copied once.
package struct LogLimit {
    let bytes: Int
    /// How long a checkpoint, and with it every writer, may wait for readers: a list takes some milliseconds, and for what
    /// takes longer nobody waits.
    let patienceInMilliseconds: Int32

    /// Past this length a checkpoint waits longer for readers: a log without end is worse.
    static let longLogInBytes = 64 * mebibyte
    static let longPatienceInMilliseconds: Int32 = 50

    private static let mebibyte = 1_048_576
    /// Of a writer that has just committed.
    static let ofWriters = LogLimit(bytes: 16 * mebibyte, patienceInMilliseconds: 5)
    /// Of the runner, ahead of the writers.
    package static let ofRunner = LogLimit(bytes: 4 * mebibyte, patienceInMilliseconds: 20)
    /// Of work that can wait, for which nobody else shall.
    package static let ofCleanUp = LogLimit(bytes: mebibyte / 2, patienceInMilliseconds: 5)
}

/// The write-ahead log behind a connection: how long it is, its sync, its checkpoints.
struct Log {
    private let length: Length
    /// The length in frames at which readers were in the way of a checkpoint, and until when another one is not tried.
    private var stuck: (at: Int32, until: ContinuousClock.Instant)?

    init(_ database: Database) {
        length = Length(database)
    }

    /// Syncs the log's data (not its times) to the disk, through SQLite's own descriptor: opening the file
    /// by another and closing that one would drop SQLite's locks. Costs some 40 µs where there is nothing to do.
    ///
    /// - Returns: whether the disk has it.
    func sync(_ database: Database) -> Bool {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let code = sqlite3_file_control(
            database.sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &file,
        )
        guard code == SQLITE_OK, let file, let sync = file.pointee.pMethods?.pointee.xSync else { return false }
        return sync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY) == SQLITE_OK
    }

    /// Whether the log is past a limit, as far as this connection has heard, and a checkpoint may succeed.
    func isLong(_ limit: LogLimit) -> Bool {
        guard length.frames > Log.frames(limit.bytes) else { return false }
        guard let stuck else { return true }
        // One that is shorter than it was is another one.
        return length.frames < stuck.at || length.frames > stuck.at + stuck.at / 2 || .now >= stuck.until
    }

    /// Each worker tries for itself while all others wait, and beside one long reader all of them in vain: trying after
    /// each 4 MiB, for up to 50 ms, left writers 0.15 of their rate.
    private static let timeUntilRetry = Duration.milliseconds(500)

    /// How long it is, as far as this connection has heard.
    var sizeInBytes: Int { Int(length.frames) * Log.sizeOfFrame }

    /// Hears of what others have written, without writing anything.
    ///
    /// - Returns: whether the log has changed.
    func look() -> Bool {
        let before = length.frames
        length.look()
        return length.frames != before
    }

    /// Copies the log into the database where it is past a limit. To be called by a holder of the
    /// writers' lock and by nobody else: SQLite before 3.51.3 can corrupt a database when a checkpoint
    /// begins while a writer starts a fully copied log again.
    ///
    /// - Throws: `DatabaseError` where the disk refuses; readers in the way are no error.
    mutating func checkpointIfLong(_ database: Database, _ limit: LogLimit) throws {
        guard isLong(limit) else { return }
        let isVeryLong = sizeInBytes > LogLimit.longLogInBytes
        sqlite3_busy_timeout(
            database.sqliteConnection,
            isVeryLong ? LogLimit.longPatienceInMilliseconds : limit.patienceInMilliseconds,
        )
        defer { sqlite3_busy_timeout(database.sqliteConnection, Store.busyTimeoutInMilliseconds) }
        let code = sqlite3_wal_checkpoint_v2(
            database.sqliteConnection, "main", SQLITE_CHECKPOINT_RESTART, nil, nil,
        )
        switch code & 0xFF {
        case SQLITE_OK: stuck = nil
        case SQLITE_IOERR: throw DatabaseError(resultCode: ResultCode(rawValue: code))
        // Readers, or a full disk: the log holds everything still.
        default: stuck = (length.frames, .now.advanced(by: Log.timeUntilRetry))
        }
    }

    /// A frame is one page of the database and a header (https://www.sqlite.org/fileformat2.html#walformat).
    private static let sizeOfFrame = 4_096 + 24

    private static func frames(_ bytes: Int) -> Int32 {
        Int32(bytes / sizeOfFrame)
    }
}

/// The log's length as SQLite tells it after each commit of this connection, whoever wrote the frames, and whenever it is
/// looked at.
private final class Length {
    private(set) var frames: Int32 = 0
    private let connection: SQLiteConnection?

    init(_ database: Database) {
        connection = database.sqliteConnection
        sqlite3_wal_hook(
            connection,
            { context, _, _, frames in
                if let context { Unmanaged<Length>.fromOpaque(context).takeUnretainedValue().frames = frames }
                return SQLITE_OK
            },
            Unmanaged.passUnretained(self).toOpaque(),
        )
    }

    /// Reads the length from the log's index, which SQLite keeps in memory that all share: the last valid frame, and
    /// how many of them the database has already (https://www.sqlite.org/walformat.html#the_wal_index_file_format).
    /// A number that another process is just changing is as good as the one before or after.
    ///
    ///     offset  size  meaning
    ///         16     4  mxFrame, in the machine's byte order
    ///         96     4  nBackfill
    func look() {
        var file: UnsafeMutablePointer<sqlite3_file>?
        var index: UnsafeMutableRawPointer?
        let code = sqlite3_file_control(connection, "main", SQLITE_FCNTL_FILE_POINTER, &file)
        guard code == SQLITE_OK, let file, let map = file.pointee.pMethods?.pointee.xShmMap,
            map(file, 0, Length.sizeOfIndexPart, 0, &index) == SQLITE_OK, let index
        else { return }
        let last = index.load(fromByteOffset: 16, as: UInt32.self)
        let copied = index.load(fromByteOffset: 96, as: UInt32.self)
        frames = last == copied ? 0 : Int32(clamping: last)
    }

    /// In bytes, as SQLite itself maps it.
    private static let sizeOfIndexPart: Int32 = 32_768

    deinit {
        sqlite3_wal_hook(connection, nil, nil)
    }
}
