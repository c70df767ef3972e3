import GRDB
import HTTP

/// A member of a workspace, whom leads are assigned to.
package enum User: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, [.required, .folded], about: "The user's full name."),
        .email("email", [.required, .unique, .fixed], about: "The user's address; it stays as it was first given."),
        .choice("role", ["admin", "manager", "agent", "read_only"], default: "agent", about: "What the user may do."),
        .choice(
            "status", ["invited", "active", "suspended"], default: "invited", about: "Whether the user takes part.",
        ),
        Field("last_login_at", .time, .readOnly, about: "When the user last signed in."),
        .createdAt, .updatedAt,
    ]

    package static let example = JSONObject([
        ("name", "Alex Morgan"), ("email", "alex@example.com"), ("role", "manager"),
    ])

    // The word `user` is reserved in PostgreSQL.
    package static let migrations: KeyValuePairs = [
        "2026-11-23 03 user": """
        CREATE TABLE workspace_user (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id  INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded   TEXT NOT NULL,    -- what is searched and sorted by
            email         TEXT NOT NULL CHECK (length(email) BETWEEN 1 AND 254),
            email_folded  TEXT NOT NULL,    -- what is compared
            role          TEXT NOT NULL CHECK (role IN ('admin', 'manager', 'agent', 'read_only')),
            status        TEXT NOT NULL CHECK (status IN ('invited', 'active', 'suspended')),
            last_login_at INTEGER,          -- all times are Unix seconds
            created_at    INTEGER NOT NULL,
            updated_at    INTEGER NOT NULL,
            deleted_at    INTEGER,          -- in no list since then; leads still name the user
            UNIQUE (workspace_id, id)
        ) STRICT;
        CREATE UNIQUE INDEX workspace_user_email ON workspace_user (workspace_id, email_folded)
            WHERE deleted_at IS NULL;
        """
    ]

    package static let routes: [Route] = [
        Route(.get, "/users", .readUsers, "List users", parameters: NamedOrder.parameters(), gives: .page(User.self)) {
            try $0.list(table, searching: ["name", "email"])
        },
        Route(.post, "/users", .writeUsers, "Create a user", takes: .new(User.self), gives: .created(User.self)) {
            try $0.create(table)
        },
        Route(.get, "/users/{id}", .readUsers, "Get a user", gives: .record(User.self)) { try $0.show(table) },
        Route(
            .patch, "/users/{id}", .writeUsers, "Update a user", about: updating, takes: .changes(User.self),
            gives: .record(User.self),
        ) { try $0.update(table) },
        Route(
            .delete, "/users/{id}", .deleteUsers, "Delete a user", about: "Leads keep their `assigned_user_id`.",
            gives: .nothing, remove,
        ),
    ]

    private static let updating = "A user who is suspended can be assigned no more leads."

    private static let table = Table("workspace_user", fields, where: "deleted_at IS NULL")

    /// A user who was not deleted.
    static let any = Field.Reference("workspace_user", where: "deleted_at IS NULL")

    /// A user whom a lead can be assigned to.
    static let assignable = Field.Reference("workspace_user", where: "status <> 'suspended' AND deleted_at IS NULL")

    private static func remove(_ call: Call) throws -> Response {
        try call.remove(table) { user, database in
            try database.execute(
                sql: "UPDATE workspace_user SET deleted_at = ? WHERE workspace_id = ? AND id = ?",
                arguments: [call.now, call.workspace, user["id"] as Int64],
            )
        }
    }

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
