import GRDB
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

    private static let workAtOnce = Duration.milliseconds(5)

    /// Rests after a piece of work that took so long.
    ///
    /// - Throws: what `goOn` throws.
    func rest(after worked: Duration) throws {
        try goOn()
        let (seconds, attoseconds) = min(worked * (1 / share - 1), Pace.longestRest).components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        // A signal that cuts it short does no harm: the next piece of work has its own.
        nanosleep(&time, nil)
    }

    /// Runs `body`, whose statements on a database take that share of one processor.
    ///
    /// - Throws: what `body` and `goOn` throw.
    func run<Result>(_ database: Database, _ body: () throws -> Result) throws -> Result {
        var (failure, restedAt) = (nil as (any Error)?, Pace.processorTime)
        let handler = ProgressHandler(database) {
            let worked = Pace.processorTime - restedAt
            guard worked >= Pace.workAtOnce else { return true }
            do { try rest(after: worked) } catch { failure = error }
            restedAt = Pace.processorTime
            return failure == nil
        }
        let result = Swift.Result { try withExtendedLifetime(handler, body) }
        if let failure { throw failure }
        return try result.get()
    }

    /// Of this thread.
    static var processorTime: Duration {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}
