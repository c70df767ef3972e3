import GRDB
import HTTP

/// Something to be done after the answer, written in the transaction of what it follows from: the runner does it, and
/// does it again where that failed.
enum Job: Resource {
    static let migrations: KeyValuePairs = [
        "2026-11-23 15 job": """
        CREATE TABLE job (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            kind         TEXT NOT NULL CHECK (kind IN ('fetch_lead')),
            name         TEXT NOT NULL,     -- of what it does: while it waits there is no second of the name
            payload      TEXT NOT NULL,     -- a JSON object, minified
            attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            run_at       INTEGER NOT NULL,  -- all times are Unix seconds
            leased_until INTEGER,
            last_error   TEXT,
            created_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, kind, name)
        ) STRICT;
        CREATE INDEX job_run_at ON job (run_at);
        """,
        "2026-11-24 02 job_error": """
        CREATE INDEX job_error ON job (workspace_id, kind, name) WHERE last_error IS NOT NULL;
        """,
    ]

    /// Queues the fetch of a lead that a source has announced; one that waits already is due at once when that is taken
    /// once more.
    ///
    /// - Parameters:
    ///   - announcement: names the lead.
    ///   - source: what announced it.
    ///   - row: of the ledger, that has the announcement.
    ///   - entry: the same, as it is taken in.
    ///   - database: inside a transaction that writes.
    /// - Throws: `DatabaseError`.
    static func add(
        _ announcement: Announcement, of source: Integration.Source, in row: Int64?, _ entry: Inbound.Entry,
        _ database: Database,
    ) throws {
        let payload = JSONObject([
            ("integration_id", .number("\(source.id)")), ("id", .string(announcement.id)),
            ("details", .object(announcement.details)), ("inbound_id", row.map { .number("\($0)") } ?? .null),
        ])
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO job (workspace_id, kind, name, payload, run_at, created_at) VALUES (?, 'fetch_lead', ?, ?, ?, ?)
                ON CONFLICT DO UPDATE SET run_at = excluded.run_at WHERE ?
                """
        )
        try statement.execute(arguments: [
            entry.workspace, "\(source.id)/\(announcement.id)", JSONValue.object(payload).minified, entry.now,
            entry.now,
            entry.id != nil,
        ])
    }

    /// The jobs of one integration: names begin with its id and "/", and "0" is the character after "/".
    static let ofIntegration = """
        workspace_id = :workspace AND kind = 'fetch_lead' AND name >= :integration || '/' AND name < :integration || '0'
        """

    /// Lets an integration's jobs wait no longer.
    static func hurry(of integration: Int64, workspace: Int64, _ database: Database, now: Int64) throws {
        try database.execute(
            sql: "UPDATE job SET run_at = :now WHERE \(ofIntegration) AND run_at > :now",
            arguments: ["now": now, "workspace": workspace, "integration": integration],
        )
    }

    /// Removes the jobs of an integration that goes; the ledger says so of what announced them.
    static func remove(of integration: Int64, workspace: Int64, _ database: Database) throws {
        let arguments: StatementArguments = ["workspace": workspace, "integration": integration]
        try database.execute(
            sql: """
                UPDATE inbound SET outcome = 'refused', error = 'The integration is gone.'
                WHERE workspace_id = :workspace AND outcome = 'queued'
                    AND id IN (SELECT json_extract(payload, '$.inbound_id') FROM job WHERE \(ofIntegration))
                """,
            arguments: arguments,
        )
        try database.execute(sql: "DELETE FROM job WHERE \(ofIntegration)", arguments: arguments)
    }
}
