import GRDB
import HTTP

/// A tenant: it owns everything else, and nothing of it is ever visible to another.
package enum Workspace: Resource {
    package static let fields: [Field] = [
        .id,
        .text(
            "slug", 1...63, .required,
            about: "Names the workspace in addresses; lower-case letters, digits and hyphens.",
        ),
        .text("name", 1...255, .required, about: "What people call it."),
        .createdAt, .updatedAt,
    ]

    package static let migrations: KeyValuePairs = [
        "2026-11-23 01 workspace": """
        CREATE TABLE workspace (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            slug         TEXT NOT NULL UNIQUE CHECK (length(slug) BETWEEN 1 AND 63),
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            suspended_at INTEGER,           -- Unix seconds; its keys open nothing from then on
            created_at   INTEGER NOT NULL,
            updated_at   INTEGER NOT NULL
        ) STRICT
        """
    ]

    /// Whether a text can name a workspace in an address.
    package static func isSlug(_ text: String) -> Bool {
        text.wholeMatch(of: /[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?/) != nil
    }

    /// Makes a workspace.
    ///
    /// - Parameters:
    ///   - input: checked against `fields`; its slug against `isSlug`.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: the new workspace's id.
    /// - Throws: `DatabaseError` where another workspace has the slug.
    package static func create(_ input: Input, _ database: Database, now: Int64) throws -> Int64 {
        try database.execute(
            sql: "INSERT INTO workspace (slug, name, created_at, updated_at) VALUES (?, ?, ?, ?)",
            arguments: [input.text("slug"), input.text("name"), now, now],
        )
        return database.lastInsertedRowID
    }

    /// - Returns: the id behind a slug; nil where there is no such workspace.
    package static func find(slug: String, _ database: Database) throws -> Int64? {
        try Int64.fetchOne(database, sql: "SELECT id FROM workspace WHERE slug = ?", arguments: [slug])
    }
}
