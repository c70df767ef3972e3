import GRDB
import HTTP

/// What happened to a lead, when, and by whom; written in the transaction of what happened.
package enum Activity: Resource {
    package static let migrations: KeyValuePairs = [
        "2026-11-23 08 activity": """
        CREATE TABLE activity (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL,
            lead_id      INTEGER NOT NULL,
            type         TEXT NOT NULL,
            actor_type   TEXT NOT NULL CHECK (actor_type IN ('key', 'automation', 'integration', 'command_line')),
            actor_id     INTEGER CHECK ((actor_id IS NULL) = (actor_type = 'command_line')),
            details      TEXT NOT NULL,     -- a JSON object, minified
            created_at   INTEGER NOT NULL,  -- Unix seconds
            FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX activity_lead ON activity (workspace_id, lead_id);
        """
    ]

    enum Kind: String {
        case created
    }

    /// Adds to a lead's history; `details` is what its reader wants to know beside the kind.
    static func record(
        _ kind: Kind, lead: Int64, by actor: Actor, details: JSONObject = JSONObject([]),
        workspace: Int64, _ database: Database, now: Int64,
    ) throws {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO activity (workspace_id, lead_id, type, actor_type, actor_id, details, created_at)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
        try statement.execute(arguments: [
            workspace, lead, kind.rawValue, actor.type, actor.id, JSONValue.object(details).minified, now,
        ])
    }
}

/// Who did something to a lead.
enum Actor {
    case key(Int64)

    var type: String {
        switch self {
        case .key: "key"
        }
    }

    var id: Int64? {
        switch self {
        case .key(let id): id
        }
    }
}
