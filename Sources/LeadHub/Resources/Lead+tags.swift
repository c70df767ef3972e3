import GRDB
import HTTP

extension Lead {
    static let tagFields: [Field] = [
        .text("tag", 1...Tag.longestName, .required, about: "The tag's name; a new one becomes a tag.")
    ]

    /// Adds one tag; that the lead has it already is no error.
    static func addTag(_ call: Call) throws -> Response {
        _ = try table.find(call.id(), workspace: call.workspace, call.connection.database)
        let name = try call.input(tagFields).text("tag") ?? ""
        return try changeTags(call) { tags in
            tags.contains { Text.folded($0) == Text.folded(name) } ? tags : tags + [name]
        } answer: { lead in
            call.ok(lead, fields)
        }
    }

    /// Takes one tag off a lead.
    static func removeTag(_ call: Call) throws -> Response {
        let name = Text.folded(Text.normalized(call.values["tag"] ?? ""))
        return try changeTags(call) { tags in
            guard tags.contains(where: { Text.folded($0) == name }) else { throw HTTPError.notFound }
            return tags.filter { Text.folded($0) != name }
        } answer: { _ in
            Response(status: .noContent)
        }
    }

    private static func changeTags(
        _ call: Call, _ change: ([String]) throws -> [String], answer: (Row) -> Response,
    ) throws -> Response {
        let id = try call.id()
        return try call.write { database in
            let lead = try table.find(id, workspace: call.workspace, database)
            if call.request.method == .delete { try call.requireUnchanged(lead, fields) }
            var problems = Problems()
            let names = try change(tagNames(lead)).map { JSONValue.string($0) }
            let input = Input(
                JSONObject([(name: "tags", value: .array(names))]), fields: fields, isNew: false, problems: &problems,
            )
            guard problems.isEmpty else { throw HTTPError.validationFailed(problems) }
            return try self.change(
                lead, with: input, workspace: call.workspace, by: call.actor, database, now: call.now,
            )
        } answer: { lead in
            answer(lead)
        }
    }

    /// The tags that the input names, made where they are new; the input then has each one's first spelling. Those that a
    /// lead has already, in whatever order, are no change.
    ///
    /// - Returns: nil where the input says nothing of tags.
    static func tags(
        in input: inout Input, of lead: Row? = nil, workspace: Int64, _ database: Database, now: Int64,
    ) throws -> [(id: Int64, name: String)]? {
        guard case .names(let names) = input["tags"] else { return nil }
        let tags = try Tag.named(names, workspace: workspace, database, now: now)
        let current = lead.map(tagNames) ?? []
        input["tags"] = .names(Set(current) == Set(tags.map(\.name)) ? current : tags.map(\.name))
        return tags
    }

    /// Makes these the lead's tags, and no others.
    static func setTags(
        _ tags: [(id: Int64, name: String)], of lead: Int64, workspace: Int64, _ database: Database,
    ) throws {
        let current = try Int64.fetchSet(
            database.cachedStatement(sql: "SELECT tag_id FROM lead_tag WHERE workspace_id = ? AND lead_id = ?"),
            arguments: [workspace, lead],
        )
        let remove = try database.cachedStatement(
            sql: "DELETE FROM lead_tag WHERE workspace_id = ? AND tag_id = ? AND lead_id = ?"
        )
        for tag in current.subtracting(tags.map(\.id)) { try remove.execute(arguments: [workspace, tag, lead]) }
        let add = try database.cachedStatement(
            sql: "INSERT INTO lead_tag (workspace_id, tag_id, lead_id) VALUES (?, ?, ?)"
        )
        for tag in tags where !current.contains(tag.id) { try add.execute(arguments: [workspace, tag.id, lead]) }
    }

    private static func tagNames(_ lead: Row) -> [String] {
        guard case .array(let names) = JSONObject(lead, fields)["tags"] else { return [] }
        return names.compactMap { if case .string(let name) = $0 { name } else { nil } }
    }

    /// Makes all leads show a tag's new name, those that are deleted among them.
    static func renameTag(
        _ tag: Int64, from before: String, to name: String, workspace: Int64, _ database: Database,
    ) throws {
        try database.execute(
            sql: """
                UPDATE lead SET tags = (SELECT json_group_array(iif(value = ?, ?, value)) FROM json_each(tags))
                WHERE id IN (SELECT lead_id FROM lead_tag WHERE workspace_id = ? AND tag_id = ?)
                """,
            arguments: [before, name, workspace, tag],
        )
    }

    /// Takes a tag that goes off all leads, and their history says so.
    static func leaveTag(
        _ tag: Int64, named name: String, workspace: Int64, by actor: Actor, _ database: Database, now: Int64,
    ) throws {
        try database.execute(
            sql: """
                INSERT INTO activity (workspace_id, lead_id, type, actor_type, actor_id, details, created_at)
                SELECT lead.workspace_id, lead.id, 'tag_removed', ?, ?, json_object('tag', ?), ?
                FROM lead_tag CROSS JOIN lead ON lead.id = lead_id
                WHERE lead_tag.workspace_id = ? AND tag_id = ? AND deleted_at IS NULL
                """,
            arguments: [actor.type, actor.id, name, now, workspace, tag],
        )
        try database.execute(
            sql: """
                UPDATE lead SET
                    tags = (SELECT json_group_array(value) FROM json_each(tags) WHERE value <> ?),
                    updated_at = iif(deleted_at IS NULL, ?, updated_at)
                WHERE id IN (SELECT lead_id FROM lead_tag WHERE workspace_id = ? AND tag_id = ?)
                """,
            arguments: [name, now, workspace, tag],
        )
        try database.execute(
            sql: "DELETE FROM lead_tag WHERE workspace_id = ? AND tag_id = ?", arguments: [workspace, tag],
        )
    }
}
