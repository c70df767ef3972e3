import GRDB
import HTTP

extension Lead {
    /// Adds a problem where the stage is none of the pipeline's.
    static func checkStage(
        _ input: Input, workspace: Int64, _ database: Database, _ problems: inout Problems,
    ) throws {
        guard let stage = input.integer("pipeline_stage_id"), let pipeline = input["pipeline_id"],
            let found = try stageRow(stage, workspace: workspace, database)
        else { return }
        let belongsTo: Int64 = found["pipeline_id"]
        if pipeline != .integer(belongsTo) {
            problems.add("pipeline_stage_id", "The selected pipeline stage id is invalid.")
        }
    }

    /// Completes what a new lead says of its place: a stage brings its pipeline, a pipeline its first stage,
    /// and neither the default pipeline's first stage. A won or lost stage brings its status.
    static func place(_ input: inout Input, workspace: Int64, _ database: Database) throws {
        if input["pipeline_id"] == nil && input.integer("pipeline_stage_id") == nil {
            let pipeline = try Int64.fetchOne(
                database.cachedStatement(sql: "SELECT id FROM pipeline WHERE workspace_id = ? AND is_default = 1"),
                arguments: [workspace],
            )
            input["pipeline_id"] = pipeline.map { .integer($0) }
        }
        if let pipeline = input.integer("pipeline_id"), input["pipeline_stage_id"] == nil {
            let stage = try Int64.fetchOne(
                database.cachedStatement(
                    sql: """
                        SELECT id FROM stage WHERE workspace_id = ? AND pipeline_id = ?
                        ORDER BY sort_order LIMIT 1
                        """
                ),
                arguments: [workspace, pipeline],
            )
            input["pipeline_stage_id"] = stage.map { .integer($0) }
        }
        guard let stage = input.integer("pipeline_stage_id"),
            let row = try stageRow(stage, workspace: workspace, database)
        else { return }
        input["pipeline_id"] = .integer(row["pipeline_id"])
        if input["status"] == nil && row["is_won"] { input["status"] = .text("converted") }
        if input["status"] == nil && row["is_lost"] { input["status"] = .text("lost") }
    }

    private static func stageRow(_ id: Int64, workspace: Int64, _ database: Database) throws -> Row? {
        try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT pipeline_id, is_won, is_lost FROM stage WHERE workspace_id = ? AND id = ?"
            ),
            arguments: [workspace, id],
        )
    }

    /// Completes what an update says of a lead's place: leaving the pipeline is leaving its stage, and moving is as
    /// for a new lead. What stays where it was brings nothing along.
    static func move(_ input: inout Input, from lead: Row, workspace: Int64, _ database: Database) throws {
        if let stage = input.integer("pipeline_stage_id"), stage == lead["pipeline_stage_id"] as Int64? { return }
        if input["pipeline_id"] == .null {
            input["pipeline_stage_id"] = .null
        } else if input.integer("pipeline_stage_id") != nil {
            try place(&input, workspace: workspace, database)
        } else if let pipeline = input.integer("pipeline_id"), pipeline != lead["pipeline_id"] as Int64? {
            try place(&input, workspace: workspace, database)
            if input["pipeline_stage_id"] == nil { input["pipeline_stage_id"] = .null }
        }
    }

    /// The oldest lead with the same email or phone.
    static func duplicate(of input: Input, workspace: Int64, _ database: Database) throws -> Int64? {
        try matches(input, workspace: workspace, database).min()
    }

    /// The oldest lead with the same email, then the oldest with the same phone, where there are such.
    static func matches(_ input: Input, workspace: Int64, _ database: Database) throws -> [Int64] {
        try ["email", "phone"].compactMap { name -> Int64? in
            guard let field = fields.first(where: { $0.name == name }), let column = field.comparedColumn,
                let text = input.text(name).map(field.compared), !text.isEmpty
            else { return nil }
            let statement = try database.cachedStatement(
                sql: """
                    SELECT id FROM lead WHERE workspace_id = ? AND \(column) = ? AND deleted_at IS NULL
                    ORDER BY id LIMIT 1
                    """
            )
            return try Int64.fetchOne(statement, arguments: [workspace, text])
        }
    }

    /// Takes all leads out of a stage that goes; they stay in its pipeline, and their history says so.
    static func leaveStage(
        _ stage: Int64, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO activity (workspace_id, lead_id, type, actor_type, actor_id, details, created_at)
                SELECT workspace_id, id, 'stage_changed', ?, ?, json_object(
                    'from', json_object('pipeline_id', pipeline_id, 'pipeline_stage_id', pipeline_stage_id),
                    'to', json_object('pipeline_id', pipeline_id, 'pipeline_stage_id', NULL)
                ), ? FROM lead WHERE workspace_id = ? AND pipeline_stage_id = ? AND deleted_at IS NULL
                """,
            arguments: [actor.type, actor.id, now, workspace, stage],
        )
        try database.execute(
            sql: """
                UPDATE lead SET pipeline_stage_id = NULL, updated_at = iif(deleted_at IS NULL, ?, updated_at)
                WHERE workspace_id = ? AND pipeline_stage_id = ?
                """,
            arguments: [now, workspace, stage],
        )
    }
}
