import GRDB
import HTTP

/// The way that leads of one kind take, stage by stage.
package enum Pipeline: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, [.required, .unique], about: "What the pipeline is called; compared without case."),
        .text("description", 1...65_535, about: "What it is for."),
        .boolean("is_default", default: false, about: "Whether leads that name no pipeline enter this one."),
        Field(
            "stages", .records(.fields(Stage.nestedFields), most: mostStages), .fixed, initial: .array([]),
            about: "Its stages in their order. A new pipeline may bring some; later they have addresses of their own.",
        ),
        .count("leads_count", about: "How many leads are in it."),
        .createdAt, .updatedAt,
    ]

    static let mostStages = 100

    package static let example = JSONObject([
        ("name", "Partnerships"), ("stages", [["name": "New"], ["name": "Won", "is_won": true]]),
    ])

    package static let routes: [Route] = [
        Route(
            .get, "/pipelines", .readPipelines, "List pipelines", parameters: NamedOrder.parameters(),
            gives: .page(Pipeline.self),
        ) { try $0.list(table) },
        Route(
            .post, "/pipelines", .writePipelines, "Create a pipeline",
            about: "It may bring its stages. The first pipeline of a workspace is its default one.",
            takes: .new(Pipeline.self), gives: .created(Pipeline.self), create,
        ),
        Route(.get, "/pipelines/{id}", .readPipelines, "Get a pipeline", gives: .record(Pipeline.self)) {
            try $0.show(table)
        },
        Route(
            .patch, "/pipelines/{id}", .writePipelines, "Update a pipeline", about: defaulting,
            takes: .changes(Pipeline.self), gives: .record(Pipeline.self), update,
        ),
        Route(
            .delete, "/pipelines/{id}", .writePipelines, "Delete a pipeline",
            about: """
                One that leads are in stays: 409. Where it was the default one, the oldest that is left becomes it.
                """,
            gives: .nothing, remove,
        ),
    ]

    private static let defaulting =
        "There is one default pipeline: setting another one moves it, and it cannot be unset."

    package static let migrations: KeyValuePairs = [
        "2026-11-23 04 pipeline": """
        CREATE TABLE pipeline (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded  TEXT NOT NULL,     -- what is compared
            description  TEXT CHECK (length(description) BETWEEN 1 AND 65535),
            is_default   INTEGER NOT NULL CHECK (is_default IN (0, 1)),
            created_at   INTEGER NOT NULL,  -- Unix seconds
            updated_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, name_folded),
            UNIQUE (workspace_id, id)
        ) STRICT;
        CREATE UNIQUE INDEX pipeline_default ON pipeline (workspace_id) WHERE is_default = 1;
        """
    ]

    static let table = Table(
        "pipeline", fields,
        computed: [
            "leads_count": Lead.kept("pipeline", value: "pipeline.id", of: "pipeline.workspace_id"),
            "stages": Stage.table.json(
                where: "stage.workspace_id = pipeline.workspace_id AND stage.pipeline_id = pipeline.id",
                order: "sort_order",
            ),
        ],
    )

    private static func create(_ call: Call) throws -> Response {
        try call.create(table) { input, database in
            try create(input, stages: stages(in: input), workspace: call.workspace, database, now: call.now)
        } check: { input, problems in
            for (index, stage) in stages(in: input).enumerated() {
                Stage.checkOutcome(stage, at: "stages.\(index).", &problems)
            }
        }
    }

    private static func update(_ call: Call) throws -> Response {
        try call.update(table) { input, pipeline, problems in
            if pipeline["is_default"] == 1 && input.integer("is_default") == 0 {
                problems.add(
                    "is_default", "The is default field cannot be unset; make another pipeline the default one.")
            }
        } change: { pipeline, input, database in
            if pipeline["is_default"] == 0 && input.integer("is_default") == 1 {
                try unsetDefault(workspace: call.workspace, database, now: call.now)
            }
            _ = try table.update(pipeline, with: input, workspace: call.workspace, database, now: call.now)
        }
    }

    private static func remove(_ call: Call) throws -> Response {
        try call.remove(table) { pipeline, database in
            let count: Int64 = pipeline["leads_count"]
            guard count == 0 else {
                let leads = count == 1 ? "1 lead is" : "\(count) leads are"
                throw HTTPError.conflict("The pipeline cannot be deleted: \(leads) in it.")
            }
            try remove(pipeline["id"], workspace: call.workspace, database, now: call.now)
        }
    }

    /// Removes a pipeline that no lead is in; leads that are deleted forget that they were. The oldest pipeline that is
    /// left becomes the default one where there is none now.
    private static func remove(_ id: Int64, workspace: Int64, _ database: Database, now: Int64) throws {
        try database.execute(
            sql: """
                UPDATE lead SET pipeline_id = NULL, pipeline_stage_id = NULL WHERE workspace_id = ? AND pipeline_id = ?
                """,
            arguments: [workspace, id],
        )
        try table.delete(id, workspace: workspace, database)
        try database.execute(
            sql: """
                UPDATE pipeline SET is_default = 1, updated_at = ?
                WHERE id = (SELECT min(id) FROM pipeline WHERE workspace_id = ?)
                AND NOT EXISTS (SELECT 1 FROM pipeline WHERE workspace_id = ? AND is_default = 1)
                """,
            arguments: [now, workspace, workspace],
        )
    }

    private static func unsetDefault(workspace: Int64, _ database: Database, now: Int64) throws {
        try database.execute(
            sql: "UPDATE pipeline SET is_default = 0, updated_at = ? WHERE workspace_id = ? AND is_default = 1",
            arguments: [now, workspace],
        )
    }

    /// The stages that a new pipeline brings.
    private static func stages(in input: Input) -> [Input] {
        (input.items("stages") ?? []).map { stage in
            var problems = Problems()
            guard case .object(let object) = stage else { return Input() }
            return Input(object, fields: Stage.nestedFields, isNew: true, problems: &problems)
        }
    }

    /// Makes a pipeline; the first of its workspace becomes the default one.
    ///
    /// - Parameters:
    ///   - input: checked against `fields`.
    ///   - stages: each checked against `Stage.fields`, in their order.
    ///   - workspace: the id of the pipeline's workspace.
    ///   - database: inside a transaction that writes.
    ///   - now: Unix seconds.
    /// - Returns: the new pipeline's id.
    /// - Throws: 422 where the workspace has a pipeline of this name.
    package static func create(
        _ input: Input, stages: [Input], workspace: Int64, _ database: Database, now: Int64,
    ) throws -> Int64 {
        var input = input
        let current = try Int64.fetchOne(
            database, sql: "SELECT id FROM pipeline WHERE workspace_id = ? AND is_default = 1", arguments: [workspace],
        )
        if current == nil {
            input["is_default"] = .integer(1)
        } else if input.integer("is_default") == 1 {
            try unsetDefault(workspace: workspace, database, now: now)
        }
        let id = try table.insert(input, workspace: workspace, database, now: now)
        for stage in stages {
            _ = try Stage.insert(stage, into: id, workspace: workspace, database, now: now)
        }
        return id
    }
}
