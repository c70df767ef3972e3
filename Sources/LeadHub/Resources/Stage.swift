import GRDB
import HTTP

/// A step of a pipeline.
package enum Stage: Resource {
    package static let fields: [Field] = [
        .id,
        .reference(
            "pipeline_id", to: Field.Reference("pipeline"), [.readOnly, .always],
            about: "The pipeline that it is a step of.",
        ),
        .text("name", 1...255, [.required, .folded], about: "What the stage is called."),
        .color("color", default: "#6B7280", about: "How it is shown, as #RRGGBB."),
        .boolean("is_won", default: false, about: "Whether a lead that comes here is converted."),
        .boolean(
            "is_lost", default: false, about: "Whether a lead that comes here is lost; not together with `is_won`."),
        Field(
            "sort_order", .integer(1...Int64.max), .always,
            about: "Its place in the pipeline, from 1 and without gaps; at its end where a new one says nothing.",
        ),
        .count("leads_count", about: "How many leads are in it."),
        .createdAt, .updatedAt,
    ]

    package static let example = JSONObject([
        ("name", "Qualified"), ("sort_order", 2),
    ])

    /// As a pipeline has it: where it stands there says its place.
    static let nestedFields = fields.map {
        $0.name == "sort_order" ? Field("sort_order", $0.kind, [.readOnly, .always], about: $0.description) : $0
    }

    package static let routes: [Route] = [
        Route(
            .get, "/pipelines/{pipeline_id}/stages", .readPipelines, "List a pipeline's stages",
            parameters: NamedOrder.parameters(sort: "sort_order"), gives: .page(Stage.self), list,
        ),
        Route(
            .post, "/pipelines/{pipeline_id}/stages", .writePipelines, "Create a stage",
            about: "With a `sort_order` it goes there, and those behind it move on.", takes: .new(Stage.self),
            gives: .created(Stage.self), create,
        ),
        Route(
            .get, "/pipelines/{pipeline_id}/stages/{stage_id}", .readPipelines, "Get a stage",
            gives: .record(Stage.self),
        ) { call in
            call.ok(try find(call, call.connection.database), fields)
        },
        Route(
            .patch, "/pipelines/{pipeline_id}/stages/{stage_id}", .writePipelines, "Update a stage", about: moving,
            takes: .changes(Stage.self), gives: .record(Stage.self), update,
        ),
        Route(
            .delete, "/pipelines/{pipeline_id}/stages/{stage_id}", .writePipelines, "Delete a stage",
            about: "Its leads stay in the pipeline, with no stage.", gives: .nothing, remove,
        ),
    ]

    private static let moving = "With a `sort_order` it moves there, and those between make room."

    package static let migrations: KeyValuePairs = [
        "2026-11-23 05 stage": """
        CREATE TABLE stage (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL,
            pipeline_id  INTEGER NOT NULL,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded  TEXT NOT NULL,     -- what is searched and sorted by
            color        TEXT NOT NULL CHECK (length(color) = 7),
            is_won       INTEGER NOT NULL CHECK (is_won IN (0, 1)),
            is_lost      INTEGER NOT NULL CHECK (is_lost IN (0, 1) AND is_won + is_lost < 2),
            sort_order   INTEGER NOT NULL CHECK (sort_order >= 1),
            created_at   INTEGER NOT NULL,  -- Unix seconds
            updated_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, pipeline_id, id),
            UNIQUE (workspace_id, id),
            FOREIGN KEY (workspace_id, pipeline_id) REFERENCES pipeline (workspace_id, id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX stage_order ON stage (workspace_id, pipeline_id, sort_order);
        """
    ]

    static let table = Table(
        "stage", fields, computed: ["leads_count": Lead.kept("stage", value: "stage.id", of: "stage.workspace_id")],
        more: ["pipeline_id"],
    )

    /// The stage that the path names, in the pipeline that it names.
    private static func find(_ call: Call, _ database: Database) throws -> Row {
        let stage = try table.find(call.id("stage_id"), workspace: call.workspace, database)
        guard stage["pipeline_id"] == (try call.id("pipeline_id")) else { throw HTTPError.notFound }
        return stage
    }

    private static func list(_ call: Call) throws -> Response {
        let pipeline = try call.id("pipeline_id")
        _ = try Pipeline.table.find(pipeline, workspace: call.workspace, call.connection.database)
        return try call.list(table, sort: "sort_order", where: "pipeline_id = ?", [pipeline])
    }

    private static func create(_ call: Call) throws -> Response {
        let pipeline = try call.id("pipeline_id")
        _ = try Pipeline.table.find(pipeline, workspace: call.workspace, call.connection.database)
        return try call.create(table) { input, database in
            _ = try Pipeline.table.find(pipeline, workspace: call.workspace, database)
            return try insert(input, into: pipeline, workspace: call.workspace, database, now: call.now)
        } check: { input, problems in
            checkOutcome(input, &problems)
        }
    }

    private static func update(_ call: Call) throws -> Response {
        _ = try find(call, call.connection.database)
        return try call.update(table, id: "stage_id") { input, stage, problems in
            checkOutcome(input, of: stage, &problems)
        } change: { stage, input, database in
            try change(stage, with: input, workspace: call.workspace, database, now: call.now)
        }
    }

    private static func remove(_ call: Call) throws -> Response {
        _ = try find(call, call.connection.database)
        return try call.remove(table, id: "stage_id") { stage, database in
            let id: Int64 = stage["id"]
            try Lead.leaveStage(id, workspace: call.workspace, by: call.actor, database, now: call.now)
            try table.delete(id, workspace: call.workspace, database)
            let place: Int64 = stage["sort_order"]
            try shift(
                -1, (place + 1)...Int64.max, of: stage["pipeline_id"], workspace: call.workspace, database,
                now: call.now,
            )
        }
    }

    // MARK: - Places

    /// Makes a stage at its place in a pipeline, and gives its id; one too many is a 422.
    static func insert(
        _ input: Input, into pipeline: Int64, workspace: Int64, _ database: Database, now: Int64,
    ) throws -> Int64 {
        let end = try last(of: pipeline, workspace: workspace, database) + 1
        guard end <= Pipeline.mostStages else {
            let message = "The pipeline must not have more than \(Pipeline.mostStages) stages."
            throw HTTPError.validationFailed(Problems("pipeline_id", message))
        }
        let place = min(input.integer("sort_order") ?? end, end)
        try shift(1, place...end, of: pipeline, workspace: workspace, database, now: now)
        var input = input
        input["sort_order"] = .integer(place)
        return try table.insert(input, more: [pipeline.databaseValue], workspace: workspace, database, now: now)
    }

    /// Changes a stage, given as it is, and moves it and those between where its place is another one.
    private static func change(
        _ stage: Row, with input: Input, workspace: Int64, _ database: Database, now: Int64,
    ) throws {
        var input = input
        let (pipeline, before): (Int64, Int64) = (stage["pipeline_id"], stage["sort_order"])
        if let wanted = input.integer("sort_order") {
            let place = min(wanted, try last(of: pipeline, workspace: workspace, database))
            if place < before {
                try shift(1, place...(before - 1), of: pipeline, workspace: workspace, database, now: now)
            } else if place > before {
                try shift(-1, (before + 1)...place, of: pipeline, workspace: workspace, database, now: now)
            }
            input["sort_order"] = .integer(place)
        }
        _ = try table.update(stage, with: input, workspace: workspace, database, now: now)
    }

    private static func last(of pipeline: Int64, workspace: Int64, _ database: Database) throws -> Int64 {
        try Int64.fetchOne(
            database, sql: "SELECT max(sort_order) FROM stage WHERE workspace_id = ? AND pipeline_id = ?",
            arguments: [workspace, pipeline],
        ) ?? 0
    }

    /// Moves the stages at these places up or down by one.
    private static func shift(
        _ step: Int64, _ places: ClosedRange<Int64>, of pipeline: Int64, workspace: Int64, _ database: Database,
        now: Int64,
    ) throws {
        try database.execute(
            sql: """
                UPDATE stage SET sort_order = sort_order + ?, updated_at = ?
                WHERE workspace_id = ? AND pipeline_id = ? AND sort_order BETWEEN ? AND ?
                """,
            arguments: [step, now, workspace, pipeline, places.lowerBound, places.upperBound],
        )
    }

    /// Adds a problem where a stage would be won and lost at once; `stage` is what it is before the change, `path` what
    /// comes before the names of its fields.
    static func checkOutcome(
        _ input: Input, of stage: Row? = nil, at path: String = "", _ problems: inout Problems,
    ) {
        func isSet(_ name: String) -> Bool { (input.integer(name) ?? stage?[name]) == 1 }
        if isSet("is_won") && isSet("is_lost") {
            problems.add("\(path)is_lost", "The \(path)is lost field must be false where is won is true.")
        }
    }
}
