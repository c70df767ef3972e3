import GRDB
import GRDBSQLite
import Glibc

/// How fast work goes on that nobody waits for: after each piece it rests, so that others have most of the time.
///
/// A priority does not do it. Beside a process that computes all the time, two processors made 0.73 to 0.75 of their
/// creates, and 0.82 to 0.89 where that process had the lowest priority there is; beside one that took a quarter of
/// the time, 0.83 to 0.96.
struct Pace {
    /// Of the time, more than 0 and at most 1.
    let share: Double
    /// Is called before each rest; what it throws ends the work.
    let goOn: () throws -> Void

    /// A piece of work may take very long, on a disk that hangs: nothing is gained by a rest that is longer still.
    private static let longestRest = Duration.seconds(1)

    /// Rests after a piece of work that took so long.
    ///
    /// - Throws: what `goOn` throws.
    func rest(after worked: Duration) throws {
        try goOn()
        let rest = min(worked * (1 / share - 1), Pace.longestRest)
        usleep(useconds_t(rest / .microseconds(1)))
    }

    /// Runs `body`, whose statements on a database take that share of one processor.
    ///
    /// - Throws: what `body` and `goOn` throw.
    func run<Result>(_ database: Database, _ body: () throws -> Result) throws -> Result {
        let brake = Brake(database, self)
        let result = Swift.Result { try withExtendedLifetime(brake, body) }
        if let error = brake.error { throw error }
        return try result.get()
    }
}

/// Stops a connection's statements every so often, for as long as a pace demands.
private final class Brake {
    /// What ended them.
    private(set) var error: (any Error)?
    private let pace: Pace
    private let connection: SQLiteConnection?
    private var restedAt = Brake.processorTime

    /// Of SQLite's virtual machine: some 0.1 ms.
    private static let instructionsBetweenLooks: Int32 = 10_000
    private static let workAtOnce = Duration.milliseconds(5)

    init(_ database: Database, _ pace: Pace) {
        self.pace = pace
        connection = database.sqliteConnection
        sqlite3_progress_handler(
            connection, Brake.instructionsBetweenLooks,
            { context in
                guard let context else { return 0 }
                return Unmanaged<Brake>.fromOpaque(context).takeUnretainedValue().goesOn() ? 0 : 1
            },
            Unmanaged.passUnretained(self).toOpaque(),
        )
    }

    private func goesOn() -> Bool {
        let worked = Brake.processorTime - restedAt
        guard worked >= Brake.workAtOnce else { return true }
        do {
            try pace.rest(after: worked)
        } catch {
            self.error = error
            return false
        }
        restedAt = Brake.processorTime
        return true
    }

    /// Of this thread.
    private static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    deinit {
        sqlite3_progress_handler(connection, 0, nil, nil)
    }
}
