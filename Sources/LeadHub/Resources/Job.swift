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
        """
    ]

    /// Lets a lead be fetched that a source has announced.
    static func add(
        _ announcement: Announcement, of source: Integration.Source, workspace: Int64, _ database: Database, now: Int64,
    ) throws {
        let payload = JSONObject([
            ("integration_id", .number("\(source.id)")), ("id", .string(announcement.id)),
            ("details", .object(announcement.details)),
        ])
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO job (workspace_id, kind, name, payload, run_at, created_at) VALUES (?, 'fetch_lead', ?, ?, ?, ?)
                ON CONFLICT DO NOTHING
                """
        )
        try statement.execute(arguments: [
            workspace, "\(source.id)/\(announcement.id)", JSONValue.object(payload).minified, now, now,
        ])
    }
}
