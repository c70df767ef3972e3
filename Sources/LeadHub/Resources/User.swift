import GRDB
import HTTP

/// A member of a workspace, whom leads are assigned to.
package enum User: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, .required, about: "The user's full name."),
        .email("email", [.required, .unique, .fixed], about: "The user's address; it stays as it was first given."),
        .choice("role", ["admin", "manager", "agent", "read_only"], default: "agent", about: "What the user may do."),
        .choice(
            "status", ["invited", "active", "suspended"], default: "invited", about: "Whether the user takes part.",
        ),
        Field("last_login_at", .time, .readOnly, about: "When the user last signed in."),
        .createdAt, .updatedAt,
    ]

    // The word `user` is reserved in PostgreSQL.
    package static let migrations: KeyValuePairs = [
        "2026-11-23 03 user": """
        CREATE TABLE workspace_user (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id  INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            email         TEXT NOT NULL CHECK (length(email) BETWEEN 1 AND 254),
            email_folded  TEXT NOT NULL,    -- what is compared
            role          TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'agent', 'read_only')),
            status        TEXT NOT NULL CHECK (status IN ('invited', 'active', 'suspended')),
            last_login_at INTEGER,          -- all times are Unix seconds
            created_at    INTEGER NOT NULL,
            updated_at    INTEGER NOT NULL,
            UNIQUE (workspace_id, email_folded),
            UNIQUE (workspace_id, id)
        ) STRICT
        """
    ]

    private static let table = Table("workspace_user", fields)

    /// Makes a user.
    ///
    /// - Parameters:
    ///   - input: checked against `fields`.
    ///   - workspace: the id of the user's workspace.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: the new user's id.
    /// - Throws: 422 where the workspace has a user of this address.
    package static func create(
        _ input: Input, workspace: Int64, _ database: Database, now: Int64,
    ) throws -> Int64 {
        try table.insert(input, workspace: workspace, database, now: now)
    }
}
