import GRDB
import HTTP

/// A person or firm that may become a customer.
enum Lead: Resource {
    static let fields: [Field] = [
        .id,
        .text("first_name", 1...255, [.required, .folded], about: "The given name."),
        .text("last_name", 1...255, .folded, about: "The family name."),
        .email("email", about: "Compared without case."),
        .phone("phone", about: "Kept as given; compared by its digits, without leading zeros or a leading + or 00."),
        .text("company", about: "The firm that the lead speaks for."),
        .text("job_title", about: "What the lead is there."),
        .text("country", about: "Where the lead is."),
        .text("industry", about: "What the firm does."),
        .text("company_size", about: "How large the firm is."),
        .text("linkedin_url", about: "The lead's page at LinkedIn."),
        .text("source", default: "api", about: "Where the lead came from."),
        .choice("status", statuses, default: "new", about: "How far the lead has come."),
        .reference("pipeline_id", to: Field.Reference("pipeline"), about: "The pipeline that the lead is in."),
        .reference("pipeline_stage_id", to: Field.Reference("stage"), about: "The stage of that pipeline."),
        .reference(
            "assigned_user_id", to: Field.Reference("workspace_user", where: "status <> 'suspended'"),
            about: "The user who takes care of the lead; not one who is suspended.",
        ),
        .integer("lead_score", -1_000_000...1_000_000, default: 0, about: "How promising the lead is."),
        Field(
            "deal_value", .money(-largestDealValue...largestDealValue),
            about: "What it may bring; at most two decimals.",
        ),
        .boolean("starred", default: false, about: "Whether somebody marked it."),
        .text("notes", 1...65_535, about: "Anything else."),
        Field(
            "custom_fields", .object(Field.ObjectLimits(keys: 100, keyLength: 1...64, sizeInBytes: 65_536)),
            initial: .object(JSONObject([])),
            about: "What this workspace wants to know beside: text, numbers, booleans.",
        ),
        Field(
            "tags", .names(1...64, most: 50), initial: .names([]),
            about: "The lead's tags; a new name becomes a tag.",
        ),
        .reference(
            "duplicate_of_id", to: Field.Reference("lead"), .readOnly, about: "The oldest lead that it repeats.",
        ),
        .createdAt, .updatedAt,
    ]

    static let routes: [Route] = [
        Route(.get, "/leads", .readLeads, parameters: listParameters, list),
        Route(.post, "/leads", .writeLeads, create),
        Route(.get, "/leads/{id}", .readLeads, show),
    ]

    static let table = Table("lead", fields, more: ["duplicate_of_id"], where: "deleted_at IS NULL")

    static let statuses = ["new", "contacted", "qualified", "converted", "lost"]

    /// In hundredths. Fifteen digits: what a client that reads numbers as binary doubles can hold exactly.
    private static let largestDealValue: Int64 = 999_999_999_999_999

    // MARK: - Create and show

    private static func create(_ call: Call) throws -> Response {
        let input = try call.input(fields, isNew: true) { input, database, problems in
            try checkStage(input, workspace: call.workspace, database, &problems)
        }
        let lead = try call.connection.write { database in
            let id = try insert(input, workspace: call.workspace, by: call.actor, database, now: call.now)
            return try table.find(id, workspace: call.workspace, database)
        }
        return call.created(lead, fields)
    }

    private static func show(_ call: Call) throws -> Response {
        call.ok(try table.find(call.id(), workspace: call.workspace, call.connection.database), fields)
    }

    /// Makes a lead with everything that belongs to it.
    ///
    /// - Returns: the new lead's id.
    private static func insert(
        _ input: Input, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws -> Int64 {
        var input = input
        try place(&input, workspace: workspace, database)
        var tags: [(id: Int64, name: String)] = []
        if case .names(let names) = input["tags"] {
            tags = try Tag.named(names, workspace: workspace, database, now: now)
            input["tags"] = .names(tags.map(\.name))
        }
        if case .object(let object) = input["custom_fields"] {
            input["custom_fields"] = .object(JSONObject(object.filter { $0.value != .null }))
        }
        let original = try duplicate(of: input, workspace: workspace, database)
        let id = try table.insert(
            input, more: [original.databaseValue], workspace: workspace, database, now: now,
        )
        let addTag = try database.cachedStatement(
            sql: "INSERT INTO lead_tag (workspace_id, lead_id, tag_id) VALUES (?, ?, ?)"
        )
        for tag in tags { try addTag.execute(arguments: [workspace, id, tag.id]) }
        try Activity.record(.created, lead: id, by: actor, workspace: workspace, database, now: now)
        return id
    }

    // MARK: - Pipeline and stage

    /// Adds a problem where the stage is none of the pipeline's.
    private static func checkStage(
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
    private static func place(_ input: inout Input, workspace: Int64, _ database: Database) throws {
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

    // MARK: - Duplicates

    /// The oldest lead with the same email or phone.
    private static func duplicate(of input: Input, workspace: Int64, _ database: Database) throws -> Int64? {
        let matches = try ["email", "phone"].compactMap { name -> Int64? in
            guard let field = fields.first(where: { $0.name == name }), let column = field.comparedColumn,
                let text = input.text(name)
            else { return nil }
            let statement = try database.cachedStatement(
                sql: """
                    SELECT id FROM lead WHERE workspace_id = ? AND \(column) = ? AND deleted_at IS NULL
                    ORDER BY id LIMIT 1
                    """
            )
            return try Int64.fetchOne(statement, arguments: [workspace, field.compared(text)])
        }
        return matches.min()
    }
}
