import GRDB
import HTTP

/// What happened to a lead, when, and by whom; written in the transaction of what happened.
package enum Activity: Resource {
    package static let fields: [Field] = [
        .id,
        .choice("type", Kind.allCases.map(\.rawValue), default: "", about: "What happened."),
        Field(
            "actor",
            .record(
                .fields([
                    .choice(
                        "type", ["key", "automation", "integration", "form", "command_line"], default: "",
                        about: "What kind of actor it was.",
                    ),
                    Field("id", .integer(1...Int64.max), about: "Which one; null for the command line."),
                    .text("name", about: "What that one is called."),
                ])
            ), .required, about: "Who did it.",
        ),
        Field(
            "details",
            .object(Field.ObjectLimits(keys: 100, keyLength: 1...255, sizeInBytes: 1_048_576, isNested: true)),
            initial: .object(JSONObject([])),
            about: "More of what happened, by its type: what changed, from and to what.",
        ),
        .createdAt,
    ]

    package static let example = JSONObject([
        ("type", "tag_added"), ("actor", ["type": "key", "id": 1, "name": "zapier"]),
        ("details", ["tag": "vip-client"]),
    ])

    package static let migrations: KeyValuePairs = [
        "2026-11-23 08 activity": """
        CREATE TABLE activity (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL,
            lead_id      INTEGER NOT NULL,
            type         TEXT NOT NULL,
            actor_type   TEXT NOT NULL CHECK (actor_type IN (
                'key', 'automation', 'integration', 'form', 'command_line'
            )),
            actor_id     INTEGER CHECK ((actor_id IS NULL) = (actor_type = 'command_line')),
            details      TEXT NOT NULL,     -- a JSON object, minified
            created_at   INTEGER NOT NULL,  -- Unix seconds
            FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX activity_lead ON activity (workspace_id, lead_id);
        """
    ]

    package static let routes: [Route] = [
        Route(
            .get, "/leads/{id}/activities", .readLeads, "List a lead's history", about: "Newest first.",
            parameters: Page.parameters, gives: .page(Activity.self), list,
        )
    ]

    enum Kind: String, CaseIterable {
        case created
        /// `changes`: for each field what it was and what it is.
        case updated
        /// `from` and `to`, each with a pipeline and a stage.
        case stageChanged = "stage_changed"
        /// `from` and `to`: users' ids.
        case assigned
        /// `tag`: its name.
        case tagAdded = "tag_added"
        case tagRemoved = "tag_removed"
        /// `form`: its id and name; `submission_id`; `values`: everything that was sent.
        case formSubmitted = "form_submitted"
        /// `values`: everything that came; `integration`: what it came from, where it was one.
        case received
        case deleted
        case restored
    }

    /// Writes one entry of a lead's history; `details` is what its reader wants to know beside the kind.
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

    /// Writes what a change made of a lead that was `before` and is `after`: an entry for its stage, one for its user,
    /// one for each tag, and one for all other fields.
    static func record(
        _ before: Row, _ after: Row, by actor: Actor, workspace: Int64, _ database: Database, now: Int64,
    ) throws {
        let id: Int64 = after["id"]
        let (old, new) = (JSONObject(before, Lead.fields), JSONObject(after, Lead.fields))
        func write(_ kind: Kind, _ details: [JSONObject.Member]) throws {
            let details = JSONObject(details)
            try record(kind, lead: id, by: actor, details: details, workspace: workspace, database, now: now)
        }
        func differs(_ name: String) -> Bool { old[name] != new[name] }
        func change(_ name: String) -> [JSONObject.Member] {
            [("from", old[name] ?? .null), ("to", new[name] ?? .null)]
        }

        let apart = ["pipeline_id", "pipeline_stage_id", "assigned_user_id", "tags", "updated_at"]
        let others = new.filter { !apart.contains($0.name) && differs($0.name) }
        if !others.isEmpty {
            let changes = others.map { (name: $0.name, value: JSONValue.object(JSONObject(change($0.name)))) }
            try write(.updated, [("changes", .object(JSONObject(changes)))])
        }
        if differs("pipeline_id") || differs("pipeline_stage_id") {
            func place(_ lead: JSONObject) -> JSONValue {
                .object(JSONObject(lead.filter { $0.name == "pipeline_id" || $0.name == "pipeline_stage_id" }))
            }
            try write(.stageChanged, [("from", place(old)), ("to", place(new))])
        }
        if differs("assigned_user_id") { try write(.assigned, change("assigned_user_id")) }
        if case .array(let were) = old["tags"], case .array(let are) = new["tags"] {
            for tag in are where !were.contains(tag) { try write(.tagAdded, [("tag", tag)]) }
            for tag in were where !are.contains(tag) { try write(.tagRemoved, [("tag", tag)]) }
        }
    }

    /// A lead's history, newest first.
    private static func list(_ call: Call) throws -> Response {
        try call.connection.read { database in
            let lead = try call.id()
            _ = try Lead.table.find(lead, workspace: call.workspace, database)
            let count = try database.cachedStatement(
                sql: "SELECT count(*) FROM activity WHERE workspace_id = ? AND lead_id = ?"
            )
            let total = try Int64.fetchOne(count, arguments: [call.workspace, lead]) ?? 0
            return try call.page(total: total) { writer, limit, offset in
                let rows = try Row.fetchAll(
                    database.cachedStatement(
                        sql: """
                            SELECT activity.id, activity.type, json_object(
                                    'type', actor_type, 'id', actor_id,
                                    'name', coalesce(api_key.name, integration.name, form.name)
                                ), details, activity.created_at
                            FROM activity
                                LEFT JOIN api_key ON actor_type = 'key' AND api_key.id = actor_id
                                LEFT JOIN integration ON actor_type = 'integration' AND integration.id = actor_id
                                LEFT JOIN form ON actor_type = 'form' AND form.id = actor_id
                            WHERE activity.workspace_id = ? AND lead_id = ?
                            ORDER BY activity.id DESC LIMIT ? OFFSET ?
                            """
                    ),
                    arguments: [call.workspace, lead, limit, offset],
                )
                for row in rows { writer.record(row, fields) }
                return Int64(rows.count)
            }
        }
    }
}

/// Who did something to a lead.
package enum Actor {
    case key(Int64)
    case integration(Int64)
    case form(Int64)
    case commandLine

    var type: String {
        switch self {
        case .key: "key"
        case .integration: "integration"
        case .form: "form"
        case .commandLine: "command_line"
        }
    }

    var id: Int64? {
        switch self {
        case .key(let id), .integration(let id), .form(let id): id
        case .commandLine: nil
        }
    }
}
