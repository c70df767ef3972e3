import GRDB
import GRDBSQLite

/// Is asked every so often, while a connection's statements run, whether they may go on; where not, the one that runs is
/// interrupted (https://www.sqlite.org/c3ref/progress_handler.html). A connection has one of them.
final class ProgressHandler {
    private let mayGoOn: () -> Bool
    private let connection: SQLiteConnection?

    /// Of SQLite's virtual machine: some 0.1 ms.
    private static let instructionsBetweenQuestions: Int32 = 10_000

    init(_ database: Database, mayGoOn: @escaping () -> Bool) {
        self.mayGoOn = mayGoOn
        connection = database.sqliteConnection
        sqlite3_progress_handler(
            connection, ProgressHandler.instructionsBetweenQuestions,
            { context in
                guard let context else { return 0 }
                return Unmanaged<ProgressHandler>.fromOpaque(context).takeUnretainedValue().mayGoOn() ? 0 : 1
            },
            Unmanaged.passUnretained(self).toOpaque(),
        )
    }

    deinit {
        sqlite3_progress_handler(connection, 0, nil, nil)
    }
}
