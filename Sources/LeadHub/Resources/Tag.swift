import GRDB
import HTTP

/// A label that a workspace puts on its leads.
package enum Tag: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...longestName, [.required, .unique], about: "What the label says; compared without case."),
        .color("color", default: "#6B7280", about: "How it is shown, as #RRGGBB."),
        .count("leads_count", about: "How many leads have it."),
        .createdAt, .updatedAt,
    ]

    /// Code points of a name.
    static let longestName = 64

    package static let example = JSONObject([
        ("name", "partner"), ("color", "#2563EB"),
    ])

    package static let routes: [Route] = [
        Route(.get, "/tags", .readTags, "List tags", parameters: NamedOrder.parameters(), gives: .page(Tag.self)) {
            try $0.list(table)
        },
        Route(.post, "/tags", .writeTags, "Create a tag", takes: .new(Tag.self), gives: .created(Tag.self)) {
            try $0.create(table)
        },
        Route(.get, "/tags/{id}", .readTags, "Get a tag", gives: .record(Tag.self)) { try $0.show(table) },
        Route(
            .patch, "/tags/{id}", .writeTags, "Update a tag", about: renaming, takes: .changes(Tag.self),
            gives: .record(Tag.self), update,
        ),
        Route(
            .delete, "/tags/{id}", .writeTags, "Delete a tag", about: removing, gives: .nothing, remove,
        ),
    ]

    private static let renaming = "A new name shows on every lead that has the tag; forms and automations know it too."
    private static let removing = """
        It is taken off every lead, and no form gives it any more. Automations that name it stay as they are.
        """

    package static let migrations: KeyValuePairs = [
        "2026-11-23 06 tag": """
        CREATE TABLE tag (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name         TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
            name_folded  TEXT NOT NULL,     -- what is compared
            color        TEXT NOT NULL CHECK (length(color) = 7),
            created_at   INTEGER NOT NULL,  -- Unix seconds
            updated_at   INTEGER NOT NULL,
            UNIQUE (workspace_id, name_folded),
            UNIQUE (workspace_id, id)
        ) STRICT
        """
    ]

    private static let table = Table(
        "tag", fields, computed: ["leads_count": Lead.kept("tag", value: "tag.id", of: "tag.workspace_id")],
    )

    private static func update(_ call: Call) throws -> Response {
        try call.update(table) { tag, input, database in
            let (before, id): (String, Int64) = (tag["name"], tag["id"])
            guard try table.update(tag, with: input, workspace: call.workspace, database, now: call.now),
                let name = input.text("name")
            else { return }
            try Lead.renameTag(id, from: before, to: name, workspace: call.workspace, database)
            let names = [before, name]
            try Form.changeTags(names, workspace: call.workspace, database) { replacing(before, with: name, in: $0) }
            try Automation.changeTags(names, workspace: call.workspace, database) {
                replacing(before, with: name, in: $0)
            }
        }
    }

    private static func remove(_ call: Call) throws -> Response {
        try call.remove(table) { tag, database in
            let (name, id): (String, Int64) = (tag["name"], tag["id"])
            try Lead.leaveTag(
                id, named: name, workspace: call.workspace, by: call.actor, database, now: call.now,
            )
            try Form.changeTags([name], workspace: call.workspace, database, now: call.now) {
                replacing(name, with: nil, in: $0)
            }
            try table.delete(id, workspace: call.workspace, database)
        }
    }

    /// In SQL, whether the JSON in a column has one of the tags that the argument of `namesArgument` names. The database
    /// looks without making values of it all: there may be many megabytes that name none.
    static func isNamed(in column: String) -> String {
        """
        EXISTS (
            SELECT 1 FROM json_tree(\(column)) WHERE type = 'text' AND length(atom) <= \(longestName)
                AND folded(atom) IN (SELECT value FROM json_each(:names))
        )
        """
    }

    static func namesArgument(_ names: [String]) -> String {
        JSONValue.array(names.map { .string(Text.folded($0)) }).minified
    }

    /// Names of tags with one renamed, or taken out where `name` is nil; the new name stands there once.
    private static func replacing(_ tag: String, with name: String?, in names: [JSONValue]) -> [JSONValue] {
        let (old, new) = (Text.folded(tag), name.map(Text.folded))
        var isThere = false
        return names.compactMap { item in
            guard case .string(let text) = item else { return item }
            let folded = Text.folded(text)
            guard folded == old || folded == new else { return item }
            guard let name, !isThere else { return nil }
            isThere = true
            return .string(name)
        }
    }

    /// The workspace's tags of these names; a name that is new becomes one.
    ///
    /// - Returns: for each name its tag's id, and the spelling that it was first given.
    static func named(
        _ names: [String], workspace: Int64, _ database: Database, now: Int64,
    ) throws -> [(id: Int64, name: String)] {
        try names.map { name in
            if let row = try row(name, workspace: workspace, database) { return (row[0], row[1]) }
            var input = Input()
            input["name"] = .text(name)
            return (try table.insert(input, workspace: workspace, database, now: now), name)
        }
    }

    /// - Returns: the id of the workspace's tag of this name; nil where there is none.
    static func find(_ name: String, workspace: Int64, _ database: Database) throws -> Int64? {
        try row(name, workspace: workspace, database)?[0]
    }

    private static func row(_ name: String, workspace: Int64, _ database: Database) throws -> Row? {
        let find = try database.cachedStatement(
            sql: "SELECT id, name FROM tag WHERE workspace_id = ? AND name_folded = ?"
        )
        return try Row.fetchOne(find, arguments: [workspace, Text.folded(name)])
    }
}
