import GRDB
import HTTP

/// A connection of a workspace with another service: one that sends leads, or one that is sent what happens.
package enum Integration: Resource {
    package static let fields: [Field] = [
        .id,
        Field(
            "type", .choice(IntegrationType.all.map(\.type)), [.required, .fixed],
            about: "What it is connected with, as `/integrations/types` lists them; it stays as it was first given.",
        ),
        .text("name", 1...255, [.required, .folded], about: "What people call it."),
        .boolean("is_active", default: true, about: "Whether it takes and sends anything."),
        Field(
            "config", .record(.beside("type", IntegrationType.all.map { ($0.type, .fields($0.config)) })), .merged,
            initial: .object(JSONObject([])),
            about: """
                What its type needs. A secret reads as a mask with its last four characters: sent back, the mask \
                leaves it as it is. An update changes the members that it names; null removes one.
                """,
        ),
        Field(
            "inbound_url", .address, [.readOnly, .sealed],
            about: "Where a source sends its leads; whoever knows it can. Null for what is only sent to.",
        ),
        .count("events_count", about: "How many times it has taken or sent something."),
        Field("last_event_at", .time, .readOnly, about: "When it last did."),
        .text("last_error", 1...1_000, .readOnly, about: "What was wrong the last time; null once it worked again."),
        .createdAt, .updatedAt,
    ]

    package static let example = JSONObject([
        ("type", "webhook"), ("name", "Data warehouse"), ("inbound_url", .null),
        (
            "config",
            [
                "url": "https://example.com/leads", "events": ["lead.created", "lead.updated"],
                "secret": "a-long-secret-of-your-own",
            ]
        ),
    ])

    package static let routes: [Route] = [
        Route(
            .get, "/integrations", .readIntegrations, "List integrations", parameters: parameters,
            gives: .page(Integration.self), list,
        ),
        Route(
            .post, "/integrations", .writeIntegrations, "Create an integration",
            about: "A source gets its `inbound_url`, which the service is then given.", takes: .new(Integration.self),
            gives: .created(Integration.self), create,
        ),
        Route(
            .get, "/integrations/{id}", .readIntegrations, "Get an integration", gives: .record(Integration.self),
        ) { try $0.show(table) },
        Route(
            .patch, "/integrations/{id}", .writeIntegrations, "Update an integration", about: updating,
            takes: .changes(Integration.self), gives: .record(Integration.self), update,
        ),
        Route(
            .delete, "/integrations/{id}", .writeIntegrations, "Delete an integration",
            about: "Its `inbound_url` takes nothing from then on.", gives: .nothing, remove,
        ),
    ]

    private static let parameters =
        NamedOrder.parameters() + [
            Parameter(.choice("type", IntegrationType.all.map(\.type), default: "", about: "Of this type.")),
            Parameter(.boolean("is_active", default: true, about: "Switched on, or off.")),
        ]

    private static let updating = "Only what is sent changes, in `config` too; its secrets stay where masks are sent."

    package static let migrations: KeyValuePairs = [
        "2026-11-23 11 integration": """
        CREATE TABLE integration (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id  INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            type          TEXT NOT NULL CHECK (length(type) BETWEEN 1 AND 64),
            name          TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded   TEXT NOT NULL,    -- what is searched and sorted by
            is_active     INTEGER NOT NULL CHECK (is_active IN (0, 1)),
            config        TEXT NOT NULL,    -- JSON, as it is sent out: masks stand for its secrets
            secrets       TEXT NOT NULL DEFAULT '{}',  -- JSON: of each secret its name in config and its sealed text
            api_key_id    INTEGER,          -- a source's token, which is counted, expires and is revoked like a key
            token         TEXT,             -- the same, sealed, for the address to be read again
            events_count  INTEGER NOT NULL DEFAULT 0 CHECK (events_count >= 0),
            last_event_at INTEGER,          -- all times are Unix seconds
            last_error    TEXT,
            created_at    INTEGER NOT NULL,
            updated_at    INTEGER NOT NULL,
            UNIQUE (workspace_id, id),
            CHECK ((api_key_id IS NULL) = (token IS NULL)),
            FOREIGN KEY (workspace_id, api_key_id) REFERENCES api_key (workspace_id, id)
        ) STRICT;
        CREATE INDEX integration_api_key ON integration (workspace_id, api_key_id);
        """
    ]

    private static let table = Table(
        "integration", fields,
        computed: [
            "inbound_url": """
            '/api/inbound/integrations/' || unsealed(token, 'integration/' || workspace_id || '/' || id || '/token')
            """
        ],
    )

    /// An integration of one type, for a field of another record.
    static func reference(type: String) -> Field.Reference {
        Field.Reference("integration", where: "type = '\(type)'")
    }

    private static func list(_ call: Call) throws -> Response {
        try call.list(
            table, where: "type = coalesce(?, type) AND is_active = coalesce(?, is_active)",
            [call.query.texts("type").first, call.query.integer("is_active")],
        )
    }

    private static func create(_ call: Call) throws -> Response {
        try call.create(table) { input, database in
            var record = input
            // Secrets are sealed for one integration alone, so its id must be known first.
            record["config"] = .object(JSONObject([]))
            let id = try table.insert(record, workspace: call.workspace, database, now: call.now)
            let type = IntegrationType.named(input.text("type"))
            try store(input["config"], in: id, of: type, call, database)
            if type?.direction == .inbound { try giveAddress(to: id, named: input.text("name"), call, database) }
            return id
        }
    }

    private static func update(_ call: Call) throws -> Response {
        try call.update(table) { input, integration, problems in
            checkBearer(input.object("config"), integration, &problems)
        } change: { integration, input, database in
            let id: Int64 = integration["id"]
            var input = input
            let config = input["config"]
            input["config"] = nil
            _ = try table.update(integration, with: input, workspace: call.workspace, database, now: call.now)
            try store(config, in: id, of: IntegrationType.named(integration["type"]), call, database)
            if let name = input.text("name") { try rename(id, name, workspace: call.workspace, database) }
            // What it waited for may be had now.
            if config != nil || input["is_active"] != nil {
                try Job.hurry(of: id, workspace: call.workspace, database, now: call.now)
            }
        }
    }

    private static func remove(_ call: Call) throws -> Response {
        try call.remove(table) { integration, database in
            let key = try Int64.fetchOne(
                database, sql: "SELECT api_key_id FROM integration WHERE workspace_id = ? AND id = ?",
                arguments: [call.workspace, integration["id"]],
            )
            try Job.remove(of: integration["id"], workspace: call.workspace, database)
            try table.delete(integration["id"], workspace: call.workspace, database)
            try database.execute(
                sql: "DELETE FROM api_key WHERE workspace_id = ? AND id = ?", arguments: [call.workspace, key],
            )
        }
    }

    // MARK: - The address of a source

    /// The token is random, not derived from the key for secrets: the addresses that senders know outlive that key.
    private static func giveAddress(
        to id: Int64, named name: String?, _ call: Call, _ database: Database,
    ) throws {
        let key = try Key.createInbound(name, workspace: call.workspace, database, now: call.now)
        let place = place(of: "token", in: id, workspace: call.workspace)
        try database.execute(
            sql: "UPDATE integration SET api_key_id = ?, token = ? WHERE workspace_id = ? AND id = ?",
            arguments: [key.id, try call.secrets.get().seal(key.token, for: place), call.workspace, id],
        )
    }

    /// The key that counts for a source is shown under the source's name.
    private static func rename(_ id: Int64, _ name: String, workspace: Int64, _ database: Database) throws {
        try database.execute(
            sql: """
                UPDATE api_key SET name = ? WHERE workspace_id = ?
                    AND id = (SELECT api_key_id FROM integration WHERE workspace_id = ? AND id = ?)
                """,
            arguments: [name, workspace, workspace, id],
        )
    }
}
