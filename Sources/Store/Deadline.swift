import GRDB
import GRDBSQLite

/// Interrupts statements that run past a moment: SQLite asks every so often whether to go on.
final class Deadline {
    /// nil while there is no limit.
    var moment: ContinuousClock.Instant?
    private let connection: SQLiteConnection?

    /// Of SQLite's virtual machine: some 0.1 ms.
    private static let instructionsBetweenLooks: Int32 = 10_000

    init(_ database: Database) {
        connection = database.sqliteConnection
        sqlite3_progress_handler(
            connection, Deadline.instructionsBetweenLooks,
            { context in
                guard let context else { return 0 }
                let deadline = Unmanaged<Deadline>.fromOpaque(context).takeUnretainedValue()
                return deadline.moment.map { $0 < .now } ?? false ? 1 : 0
            },
            Unmanaged.passUnretained(self).toOpaque(),
        )
    }

    deinit {
        sqlite3_progress_handler(connection, 0, nil, nil)
    }
}
