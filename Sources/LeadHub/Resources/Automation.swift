import GRDB
import HTTP

/// What is done with a lead by itself, step by step, once something has happened to it.
package enum Automation: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, [.required, .folded], about: "What the automation is called."),
        .text("description", 1...65_535, about: "What it is for."),
        // What is sent cannot be called back: like elsewhere nothing runs before somebody says so.
        .boolean("is_active", default: false, about: "Whether what triggers it begins a run."),
        Field("trigger", .record(trigger), .required, about: "What begins a run."),
        Field(
            "steps", .records(step, most: mostSteps), initial: .array([]),
            about: """
                What is done, in this order. An update replaces them all. A webhook's secret reads as a mask with its \
                last four characters: sent back, the mask leaves it as it is, also where the steps' order changes.
                """,
        ),
        .count("runs_count", about: "How many runs were begun."),
        Field("last_run_at", .time, .readOnly, about: "When the last of them was begun."),
        .createdAt, .updatedAt,
    ]

    package static let example = JSONObject([
        ("name", "Welcome"),
        ("trigger", ["type": "lead_created", "config": ["sources": ["website"]]]),
        (
            "steps",
            [
                ["type": "condition", "config": ["field": "email", "operator": "is_not_empty"]],
                ["type": "delay", "config": ["value": 1, "unit": "hours"]],
                [
                    "type": "action", "action": "send_email",
                    "config": [
                        "to": "lead", "subject": "Welcome, {{lead.first_name}}", "body": "Thank you for writing to us.",
                    ],
                ],
            ]
        ),
    ])

    private static let mostSteps = 50

    package static let routes: [Route] = [
        Route(
            .get, "/automations", .readAutomations, "List automations", parameters: NamedOrder.parameters(),
            gives: .page(Automation.self),
        ) { try $0.list(table) },
        Route(
            .post, "/automations", .writeAutomations, "Create an automation",
            about: "It is not active unless `is_active` says so. \(referring)", takes: .new(Automation.self),
            gives: .created(Automation.self), create,
        ),
        Route(.get, "/automations/{id}", .readAutomations, "Get an automation", gives: .record(Automation.self)) {
            try $0.show(table)
        },
        Route(
            .patch, "/automations/{id}", .writeAutomations, "Update an automation", about: updating,
            takes: .changes(Automation.self), gives: .record(Automation.self), update,
        ),
        Route(.delete, "/automations/{id}", .deleteAutomations, "Delete an automation", gives: .nothing) {
            try $0.remove(table)
        },
    ]

    private static let referring = "Whatever `trigger` and `steps` refer to must exist in the workspace."
    private static let updating = "`trigger` and `steps` are replaced as wholes. \(referring)"

    package static let migrations: KeyValuePairs = [
        "2026-11-23 15 automation": """
        CREATE TABLE automation (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded  TEXT NOT NULL,     -- what is searched and sorted by
            description  TEXT CHECK (length(description) BETWEEN 1 AND 65535),
            is_active    INTEGER NOT NULL CHECK (is_active IN (0, 1)),
            trigger      TEXT NOT NULL,     -- a JSON object, minified
            steps        TEXT NOT NULL,     -- a JSON array of objects, minified: masks stand for their secrets
            secrets      TEXT NOT NULL DEFAULT '{}',  -- JSON: under a step's number, from 0, its sealed secret
            runs_count   INTEGER NOT NULL DEFAULT 0 CHECK (runs_count >= 0),
            last_run_at  INTEGER,           -- all times are Unix seconds
            created_at   INTEGER NOT NULL,
            updated_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, id)
        ) STRICT
        """
    ]

    private static let table = Table("automation", fields)

    private static func create(_ call: Call) throws -> Response {
        try call.create(table) { input, database in
            var record = input
            // Secrets are sealed for one automation alone, so its id must be known first.
            record["steps"] = .array([])
            let id = try table.insert(record, workspace: call.workspace, database, now: call.now)
            try store(input["steps"], in: id, call, database)
            return id
        }
    }

    private static func update(_ call: Call) throws -> Response {
        try call.update(table) { automation, input, database in
            var record = input
            record["steps"] = nil
            _ = try table.update(automation, with: record, workspace: call.workspace, database, now: call.now)
            try store(input["steps"], in: automation["id"], call, database)
        }
    }
}
