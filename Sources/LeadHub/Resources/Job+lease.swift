import GRDB
import HTTP

extension Job {
    /// How long a runner has for an attempt; then another one may take the job over.
    static let secondsOfLease: Int64 = 60

    /// A job that one runner alone may do, until its lease runs out.
    struct Lease {
        let id: Int64
        let workspace: Int64
        let payload: JSONValue
        /// Which attempt this is, from 1; a runner whose lease ran out and was taken over knows it by this.
        let attempt: Int64
        /// Unix seconds.
        let createdAt: Int64
    }

    /// It was taken over, or removed: what this runner made of it does not count.
    struct LeaseLost: Error {}

    /// Whether there is anything to be done.
    static func isAnyDue(_ database: Database, now: Int64) throws -> Bool {
        let statement = try database.cachedStatement(sql: "SELECT 1 FROM job WHERE \(isDue) LIMIT 1")
        return try Row.fetchOne(statement, arguments: ["now": now]) != nil
    }

    private static let isDue = "run_at <= :now AND (leased_until IS NULL OR leased_until <= :now)"

    /// Takes the job that has waited longest.
    ///
    /// - Parameters:
    ///   - database: within a write.
    ///   - now: Unix seconds.
    /// - Returns: nil where none is due.
    /// - Throws: `DatabaseError`.
    static func lease(_ database: Database, now: Int64) throws -> Lease? {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE job SET leased_until = :now + \(secondsOfLease), attempts = attempts + 1
                WHERE id = (SELECT id FROM job WHERE \(isDue) ORDER BY run_at, id LIMIT 1)
                RETURNING id, workspace_id, payload, attempts, created_at
                """
        )
        // All of its rows, so that the statement has ended when the transaction does.
        guard let row = try Row.fetchAll(statement, arguments: ["now": now]).first else { return nil }
        return Lease(
            id: row["id"], workspace: row["workspace_id"],
            payload: try JSONValue(parsing: Array((row["payload"] as String).utf8)), attempt: row["attempts"],
            createdAt: row["created_at"],
        )
    }
}

extension Job.Lease {
    /// Ends the job, within the write of what came of it.
    ///
    /// - Throws: `Job.LeaseLost`.
    func finish(_ database: Database) throws {
        let statement = try database.cachedStatement(sql: "DELETE FROM job WHERE id = ? AND attempts = ?")
        try statement.execute(arguments: [id, attempt])
        if database.changesCount == 0 { throw Job.LeaseLost() }
    }

    /// Leaves the job for later.
    ///
    /// - Parameters:
    ///   - moment: from when on it is due again, in Unix seconds.
    ///   - error: why this attempt failed.
    ///   - database: within a write.
    /// - Throws: `Job.LeaseLost`.
    func postpone(to moment: Int64, error: String, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE job SET leased_until = NULL, run_at = ?, last_error = ? WHERE id = ? AND attempts = ?"
        )
        try statement.execute(arguments: [moment, error, id, attempt])
        if database.changesCount == 0 { throw Job.LeaseLost() }
    }

    /// Gives the job back as if it had not been begun.
    func giveBack(_ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: "UPDATE job SET leased_until = NULL, attempts = attempts - 1 WHERE id = ? AND attempts = ?"
        )
        try statement.execute(arguments: [id, attempt])
    }

    /// Lets the other leads of an integration wait as long as this one, where all would fail alike: so one of them finds
    /// out whether it works again, and a service that answers slowly or not at all holds up nobody else's.
    func postponeOthers(of integration: Int64, to moment: Int64, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                UPDATE job SET run_at = :moment WHERE id IN (
                    SELECT id FROM job WHERE \(Job.ofIntegration) AND run_at < :moment LIMIT \(Job.Lease.mostOthers)
                )
                """
        )
        try statement.execute(arguments: ["moment": moment, "workspace": workspace, "integration": integration])
    }

    /// At once, so that the writers' lock is not held for long.
    private static let mostOthers = 500
}
