import GRDB
import Glibc
import HTTP
import Logging
import Outgoing
import Store

/// Does what comes after the answers: jobs that are due, checkpoints ahead of the workers, the removal of what is past its
/// time. Any number of runners may run beside each other.
package final class Runner {
    package typealias Send = (OutgoingRequest) throws(OutgoingError) -> OutgoingAnswer

    private let connection: Connection
    private let secrets: Result<Secrets, SecretsError>
    private let log: Logger
    private let send: Send
    private let clock: () -> Int64
    private var cleanUpAt = ContinuousClock.now
    private var complainAt = ContinuousClock.now
    private var rest = Runner.shortestRest

    private static let shortestRest = Duration.milliseconds(20)
    private static let longestRest = Duration.seconds(1)
    private static let restAfterAnError = Duration.seconds(5)
    private static let timeBetweenCleanUps = Duration.seconds(3_600)
    private static let timeBetweenComplaints = Duration.seconds(600)
    /// Past it somebody should hear of the log.
    private static let longLogInBytes = 1_073_741_824

    /// - Parameters:
    ///   - connection: of this process.
    ///   - settings: where the key for secrets is.
    ///   - log: one line for each attempt.
    ///   - clock: gives Unix seconds.
    ///   - send: asks another server.
    package init(
        connection: Connection, settings: Settings, log: Logger, clock: @escaping () -> Int64,
        send: @escaping Send,
    ) {
        (self.connection, self.log, self.send, self.clock) = (connection, log, send, clock)
        secrets = Secrets.read(settings.secretKeyFile)
        if case .failure(let error) = secrets {
            log.warning("secrets can be neither kept nor used: \(error); \(SecretsError.advice)")
        }
    }

    /// Works until it is told to stop. What keeps the database from being written for a while does not end it.
    ///
    /// - Parameters:
    ///   - signals: a descriptor that is readable once a signal to stop has come.
    ///   - alive: runs before each thing that it does, and at least every `restAfterAnError`.
    /// - Throws: `StoreError.unsynced`.
    package func run(until signals: Int32, alive: () -> Void = {}) throws {
        var pause = Duration.zero
        while !Runner.isReadable(signals, within: pause) {
            alive()
            do {
                pause = try turn()
            } catch {
                if connection.isUnsynced { throw StoreError.unsynced }
                log.error("the runner waits", metadata: ["failure": "\(Runner.text(error))"])
                pause = Runner.restAfterAnError
            }
        }
    }

    /// Does one thing of each kind that is due.
    ///
    /// - Returns: how long there is nothing to do, as far as is known.
    /// - Throws: `StoreError`, `DatabaseError`.
    package func turn() throws -> Duration {
        // While others write, the log is looked at often: it grows by megabytes in a tenth of a second.
        rest = try connection.keepLogShort(.ofRunner) ? Runner.shortestRest : min(rest * 2, Runner.longestRest)
        complainOfLongLog()
        let hasWorked = try performJob()
        if ContinuousClock.now >= cleanUpAt { try cleanUp() }
        return hasWorked ? .zero : max(.zero, min(rest, ContinuousClock.now.duration(to: cleanUpAt)))
    }

    private func complainOfLongLog() {
        guard connection.logSizeInBytes > Runner.longLogInBytes, ContinuousClock.now >= complainAt else { return }
        complainAt = .now.advanced(by: Runner.timeBetweenComplaints)
        log.warning(
            "the database's log is long: somebody reads all the time; look for a backup or a query that hangs",
            metadata: ["bytes": .stringConvertible(Int64(connection.logSizeInBytes))],
        )
    }

    // MARK: - Jobs

    /// Does the job that has waited longest.
    ///
    /// - Returns: whether there was one.
    /// - Throws: `StoreError`, `DatabaseError`: the job stays leased, and is taken up again.
    package func performJob() throws -> Bool {
        guard try Job.isAnyDue(connection.database, now: clock()),
            let job = try connection.write({ try Job.lease($0, now: clock()) })
        else { return false }
        // Nothing is done that a power failure could take back.
        try connection.sync()
        let began = ContinuousClock.now
        var failure: String?
        do {
            failure = try attempt(job)
        } catch is Job.LeaseLost {
            failure = "another runner has taken it over"
        }
        write(job, failure: failure, took: began.duration(to: .now))
        return true
    }

    /// - Returns: why it failed, nil where it is done.
    private func attempt(_ job: Job.Lease) throws -> String? {
        guard let fetch = LeadFetch(job) else {
            try connection.write { try job.finish($0) }
            return "its payload cannot be read"
        }
        do {
            let take = try fetch.perform(secrets, connection.database, send, clock: clock)
            try connection.write { database in
                try job.finish(database)
                try take(database)
            }
            return nil
        } catch OutgoingError.stopped {
            try connection.write { try job.giveBack($0) }
            return "\(OutgoingError.stopped)"
        } catch {
            let failure = try Runner.failure(error)
            try connection.write { try fetch.fail(failure, $0, now: clock()) }
            return failure.reason
        }
    }

    /// What of an error is the job's own; all others are thrown on, for the database may be well again soon.
    private static func failure(_ error: any Error) throws -> JobFailure {
        switch error {
        case let failure as JobFailure: return failure
        case let error as HTTPError: return JobFailure(error.text, isGeneral: false)
        case let error as DatabaseError where HTTPError(error).status != .serviceUnavailable:
            return JobFailure("What Meta gave could not be stored.", isGeneral: false)
        default: throw error
        }
    }

    /// One line for each attempt: no secret, no personal datum.
    private func write(_ job: Job.Lease, failure: String?, took: Duration) {
        var metadata: Logger.Metadata = [
            "job": .stringConvertible(job.id), "workspace": .stringConvertible(job.workspace),
            "attempt": .stringConvertible(job.attempt),
            "microseconds": .stringConvertible(Int64(took / .microseconds(1))),
        ]
        if let failure { metadata["failure"] = "\(failure)" }
        log.log(level: failure == nil ? .info : .warning, "job", metadata: metadata)
    }

    // MARK: - The clean-up

    /// One step, and as long a pause for the writers.
    private func cleanUp() throws {
        let began = ContinuousClock.now
        let isDone =
            try CleanUp.step(connection, now: clock()) == 0
            && !(try connection.write { try Lead.mergeSearchIndex($0) })
        cleanUpAt = .now.advanced(by: isDone ? Runner.timeBetweenCleanUps : began.duration(to: .now))
    }

    // MARK: -

    private static func isReadable(_ descriptor: Int32, within time: Duration) -> Bool {
        var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let milliseconds = (time / .milliseconds(1)).rounded(.up)
        return poll(&watched, 1, Int32(milliseconds)) > 0
    }

    private static func text(_ error: any Error) -> String {
        (error as? DatabaseError).map(Explanation.text) ?? "\(error)"
    }
}
