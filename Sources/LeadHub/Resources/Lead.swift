import GRDB
import HTTP

/// A person or firm that may become a customer.
package enum Lead: Resource {
    package static let fields: [Field] = [
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
            "assigned_user_id", to: User.assignable,
            about: "The user who takes care of the lead; not one who is suspended.",
        ),
        .integer("lead_score", -1_000_000...1_000_000, default: 0, about: "How promising the lead is."),
        Field(
            "deal_value", .money(-largestDealValue...largestDealValue),
            about: "What it may bring; at most two decimals.",
        ),
        .boolean("starred", default: false, about: "Whether somebody marked it."),
        .text("notes", 1...mostNotes, about: "Anything else."),
        Field(
            "custom_fields", .object(customFieldLimits),
            initial: .object(JSONObject([])),
            about: "What this workspace wants to know beside: text, numbers, booleans.",
        ),
        Field(
            "tags", .names(1...Tag.longestName, most: mostTags), initial: .names([]),
            about: "The lead's tags; a new name becomes a tag.",
        ),
        .reference(
            "duplicate_of_id", to: Field.Reference("lead"), .readOnly, about: "The oldest lead that it repeats.",
        ),
        .createdAt, .updatedAt,
    ]

    /// The reference's own.
    package static let example = JSONObject([
        ("first_name", "Sarah"), ("last_name", "Johnson"), ("email", "sarah@example.com"), ("phone", "+14155551234"),
        ("source", "website"), ("status", "new"), ("pipeline_id", 1), ("pipeline_stage_id", 2),
        ("assigned_user_id", 5), ("notes", "Interested in the enterprise plan."),
        ("custom_fields", ["budget": "10000"]), ("tags", ["hot-lead", "enterprise"]),
    ])

    static let mostTags = 50
    static let customFieldLimits = Field.ObjectLimits(
        keys: 100, keyLength: customFieldKeyLength, sizeInBytes: 65_536,
    )
    static let mostNotes = 65_535

    package static let routes: [Route] = [
        Route(
            .get, "/leads", .readLeads, "List leads",
            about: """
                All filters must hold. With `cursor` instead of `page` the list is read by position: no lead whose sort \
                value did not change is skipped or seen twice while others write.
                """,
            parameters: listParameters, gives: .page(Lead.self), list,
        ),
        Route(
            .post, "/leads", .writeLeads, "Create a lead",
            about: """
                A lead with an email or a phone that another one has is created, and `duplicate_of_id` is the oldest \
                match's id.
                """,
            takes: .new(Lead.self), gives: .created(Lead.self), create,
        ),
        Route(.get, "/leads/{id}", .readLeads, "Get a lead", gives: .record(Lead.self)) { try $0.show(table) },
        Route(
            .patch, "/leads/{id}", .writeLeads, "Update a lead", about: updating, takes: .changes(Lead.self),
            gives: .record(Lead.self), update,
        ),
        Route(
            .delete, "/leads/{id}", .deleteLeads, "Delete a lead",
            about: "It is hidden at once and can be restored with `leadhub lead restore` for 30 days.",
            gives: .nothing, remove,
        ),
        Route(
            .post, "/leads/{id}/tags", .writeLeads, "Add a tag to a lead",
            about: "A new name becomes a tag. That the lead has the tag already is no error.",
            takes: .object("LeadTag", tagFields), gives: .record(Lead.self), addTag,
        ),
        Route(
            .delete, "/leads/{id}/tags/{tag}", .writeLeads, "Remove a tag from a lead",
            about: "The tag's name, percent-encoded; compared without case.", gives: .nothing, removeTag,
        ),
    ]

    private static let updating = """
        Only what is sent changes; `custom_fields` is merged key by key, and null takes a key away; `tags` replaces the \
        set. A stage that is won or lost sets the status, unless the request does.
        """

    static let table = Table(
        "lead", fields,
        // A lead that is deleted is hidden from the one that repeats it, too.
        computed: [
            "duplicate_of_id": """
            SELECT original.id FROM lead AS original
            WHERE original.id = lead.duplicate_of_id AND original.deleted_at IS NULL
            """
        ],
        more: ["duplicate_of_id", "company_folded", "search_text"], where: "deleted_at IS NULL",
    )

    static let statuses = ["new", "contacted", "qualified", "converted", "lost"]

    /// In hundredths. Fifteen digits: what a client that reads numbers as binary doubles can hold exactly.
    private static let largestDealValue: Int64 = 999_999_999_999_999

    private static func create(_ call: Call) throws -> Response {
        try call.create(table) { input, database in
            try insert(input, workspace: call.workspace, by: call.actor, database, now: call.now)["id"]
        } check: { input, problems in
            try checkStage(input, workspace: call.workspace, call.connection.database, &problems)
        }
    }

    private static func update(_ call: Call) throws -> Response {
        try call.update(table) { input, _, problems in
            try checkStage(input, workspace: call.workspace, call.connection.database, &problems)
        } change: { lead, input, database in
            _ = try change(lead, with: input, workspace: call.workspace, by: call.actor, database, now: call.now)
        }
    }

    private static func remove(_ call: Call) throws -> Response {
        try call.remove(table) { lead, database in
            try hide(lead, workspace: call.workspace, by: call.actor, database, now: call.now)
        }
    }

    // MARK: - Writing

    /// Makes a lead with everything that belongs to it.
    ///
    /// - Returns: the new lead, a column for each field.
    static func insert(
        _ input: Input, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws -> Row {
        var input = input
        try place(&input, workspace: workspace, database)
        let tags = try tags(in: &input, workspace: workspace, database, now: now)
        if case .object(let object) = input["custom_fields"] {
            input["custom_fields"] = .object(merged(JSONObject([]), object))
        }
        let original = try duplicate(of: input, workspace: workspace, database)
        let derived = Derived { input.text($0) }
        let id = try table.insert(
            input, more: [original.databaseValue, derived.company, derived.searchText.databaseValue],
            workspace: workspace, database, now: now,
        )
        try setTags(tags ?? [], of: id, workspace: workspace, database)
        let lead = try table.find(id, workspace: workspace, database)
        try reindex(id, from: .nothing, to: indexed(lead, derived.searchText), workspace: workspace, database)
        try Activity.record(.created, lead: id, by: actor, workspace: workspace, database, now: now)
        return lead
    }

    /// Changes a lead, given as it is, and everything that follows from it; gives it as it is then. Where nothing
    /// changes, nothing is written; custom fields that outgrow their limits are a 422.
    static func change(
        _ lead: Row, with input: Input, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws -> Row {
        let id: Int64 = lead["id"]
        var input = input
        try move(&input, from: lead, workspace: workspace, database)
        let tags = try tags(in: &input, of: lead, workspace: workspace, database, now: now)
        try mergeCustomFields(&input, into: lead)
        let derived = Derived { name in input[name] == nil ? lead[name] : input.text(name) }
        let before = indexed(lead, try searchText(of: id, workspace: workspace, database))
        let isChanged = try table.update(
            lead, with: input,
            more: [("company_folded", derived.company), ("search_text", derived.searchText.databaseValue)],
            workspace: workspace, database, now: now,
        )
        guard isChanged else { return lead }
        if let tags { try setTags(tags, of: id, workspace: workspace, database) }
        let changed = try table.find(id, workspace: workspace, database)
        let after = indexed(changed, derived.searchText)
        try reindex(id, from: before, to: after, workspace: workspace, database)
        try Activity.record(lead, changed, by: actor, workspace: workspace, database, now: now)
        return changed
    }

    /// Takes a lead out of everything, until it is restored or removed for good.
    private static func hide(
        _ lead: Row, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws {
        let id: Int64 = lead["id"]
        let before = indexed(lead, try searchText(of: id, workspace: workspace, database))
        try reindex(id, from: before, to: .nothing, workspace: workspace, database)
        try setDeleted(now, id, database)
        try Activity.record(.deleted, lead: id, by: actor, workspace: workspace, database, now: now)
    }

    /// How long a deleted lead can be restored.
    package static let daysUntilRemoval = 30

    /// Brings a deleted lead back.
    ///
    /// - Returns: false where no lead of this id was deleted within `daysUntilRemoval`.
    package static func restore(_ id: Int64, _ database: Database, now: Int64) throws -> Bool {
        let oldest = now - Int64(daysUntilRemoval) * 86_400
        let workspace = try Int64.fetchOne(
            database, sql: "SELECT workspace_id FROM lead WHERE id = ? AND deleted_at > ?", arguments: [id, oldest],
        )
        guard let workspace else { return false }
        try setDeleted(nil, id, database)
        let lead = try table.find(id, workspace: workspace, database)
        let after = indexed(lead, try searchText(of: id, workspace: workspace, database))
        try reindex(id, from: .nothing, to: after, workspace: workspace, database)
        try Activity.record(.restored, lead: id, by: .commandLine, workspace: workspace, database, now: now)
        return true
    }

    /// Removes leads for good that were deleted more than `daysUntilRemoval` ago, with all that belongs to them.
    ///
    /// - Parameters:
    ///   - limit: how many at the most, so that no writer waits for long.
    ///   - database: within a write.
    ///   - now: Unix seconds.
    /// - Returns: how many were removed.
    /// - Throws: `DatabaseError`.
    package static func purge(limit: Int, _ database: Database, now: Int64) throws -> Int {
        let latest = now - Int64(daysUntilRemoval) * 86_400
        let leads = try Row.fetchAll(
            database, sql: "SELECT workspace_id, id FROM lead WHERE deleted_at <= ? ORDER BY deleted_at LIMIT ?",
            arguments: [latest, limit],
        )
        for lead in leads {
            let arguments: StatementArguments = [lead["workspace_id"], lead["id"]]
            try database.cachedStatement(
                sql: "UPDATE lead SET duplicate_of_id = NULL WHERE workspace_id = ? AND duplicate_of_id = ?"
            ).execute(arguments: arguments)
            try database.cachedStatement(sql: "DELETE FROM lead WHERE workspace_id = ? AND id = ?")
                .execute(arguments: arguments)
        }
        return leads.count
    }

    private static func setDeleted(_ moment: Int64?, _ id: Int64, _ database: Database) throws {
        try database.cachedStatement(sql: "UPDATE lead SET deleted_at = ? WHERE id = ?")
            .execute(arguments: [moment, id])
    }

    /// Keys that come are set, keys that come with null are taken away, the others stay.
    ///
    /// - Throws: 422 where the whole is past its limits.
    private static func mergeCustomFields(_ input: inout Input, into lead: Row) throws(HTTPError) {
        guard case .object(let given) = input["custom_fields"], !given.isEmpty else { return }
        guard let field = fields.first(where: { $0.name == "custom_fields" }),
            case .object(let current) = JSONObject(lead, fields)["custom_fields"]
        else { return }
        let whole = merged(current, given)
        var problems = Problems()
        _ = Input(
            JSONObject([(name: field.name, value: .object(whole))]), fields: [field], isNew: false, problems: &problems,
        )
        guard problems.isEmpty else { throw .validationFailed(problems) }
        input["custom_fields"] = .object(whole)
    }

    private static func merged(_ current: JSONObject, _ given: JSONObject) -> JSONObject {
        let kept = current.map { (name: $0.name, value: given[$0.name] ?? $0.value) }
        let added = given.filter { current[$0.name] == nil }
        return JSONObject((kept + added).filter { $0.value != .null })
    }
}
