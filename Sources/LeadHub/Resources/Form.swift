import Foundation
import GRDB
import HTTP

/// What a workspace asks on its web pages, and what becomes of the answers.
package enum Form: Resource {
    package static let fields: [Field] = [
        .id,
        .text("name", 1...255, [.required, .folded], about: "What the form is called."),
        Field(
            "slug", .slug(1...longestSlug), .unique,
            about: "Names the form in addresses; made from its name where it is not given.",
        ),
        .text("description", 1...65_535, about: "What it is for."),
        .boolean("is_active", default: true, about: "Whether it takes submissions."),
        Field(
            "fields", .records(.fields(FormField.fields), most: 100), initial: .array(FormField.standard),
            about: "What it asks; names, email, phone and notes where none is given.",
        ),
        Field(
            "settings", .record(.fields(settings)), .merged,
            initial: .object(JSONObject(settings.map { ($0.name, $0.json($0.initial)) })),
            about: "What becomes of a submission. An update changes the members that it brings.",
        ),
        Field(
            "submit_url", .address, [.readOnly, .always],
            about: "Where a web page sends the form, with no key; nobody can guess it.",
        ),
        .count("submissions_count", about: "How many submissions it has had, those of deleted leads left out."),
        .createdAt, .updatedAt,
    ]

    package static let example = JSONObject([
        ("name", "Contact us"),
        (
            "fields",
            [
                ["key": "first_name", "required": true], ["key": "email", "type": "email", "required": true],
                ["key": "budget", "type": "number", "maps_to": "custom_fields.budget"],
            ]
        ),
        ("settings", ["tags": ["web"], "success_message": "Thank you!"]),
    ])

    private static let longestSlug = 63

    /// What becomes of a submission.
    static let settings: [Field] = [
        .reference("pipeline_id", to: Field.Reference("pipeline"), about: "The pipeline that new leads enter."),
        .reference("pipeline_stage_id", to: Field.Reference("stage"), about: "The stage that they enter at."),
        .reference("assigned_user_id", to: User.assignable, about: "The user who takes care of them."),
        .text("source", default: "web_form", about: "Where they came from."),
        Field(
            "tags", .names(1...Tag.longestName, most: Lead.mostTags), initial: .names([]),
            about: "Tags that leads are given.",
        ),
        .text("success_message", 1...1_000, about: "What a browser shows afterwards."),
        Field("redirect_url", .url, about: "Where a browser goes afterwards; then it shows no message."),
        .text(
            "honeypot_field", 1...64,
            about: """
                A field that people do not see: what fills it in is answered as if it had worked, and makes no lead.
                """,
        ),
    ]

    package static let routes: [Route] = [
        Route(.get, "/forms", .readForms, "List forms", parameters: NamedOrder.parameters(), gives: .page(Form.self)) {
            try $0.list(table)
        },
        Route(
            .post, "/forms", .writeForms, "Create a form", takes: .new(Form.self), gives: .created(Form.self), create,
        ),
        Route(.get, "/forms/{id}", .readForms, "Get a form", gives: .record(Form.self)) { try $0.show(table) },
        Route(
            .patch, "/forms/{id}", .writeForms, "Update a form", about: updating, takes: .changes(Form.self),
            gives: .record(Form.self), update,
        ),
        Route(
            .delete, "/forms/{id}", .deleteForms, "Delete a form",
            about: "Its submissions go with it; the leads stay, and their histories keep what was sent.",
            gives: .nothing,
        ) { try $0.remove(table) },
    ]

    private static let updating = "`fields` replaces the list; `settings` is merged member by member."

    package static let migrations: KeyValuePairs = [
        "2026-11-23 12 form": """
        CREATE TABLE form (
            id                INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id      INTEGER NOT NULL REFERENCES workspace (id) ON DELETE CASCADE,
            name              TEXT NOT NULL CHECK (length(name) BETWEEN 1 AND 255),
            name_folded       TEXT NOT NULL,     -- what is searched and sorted by
            slug              TEXT NOT NULL CHECK (length(slug) BETWEEN 1 AND 63),
            description       TEXT CHECK (length(description) BETWEEN 1 AND 65535),
            is_active         INTEGER NOT NULL CHECK (is_active IN (0, 1)),
            fields            TEXT NOT NULL,     -- a JSON array of objects, minified
            settings          TEXT NOT NULL,     -- a JSON object, minified; what it names may be gone
            token             TEXT NOT NULL UNIQUE CHECK (length(token) = 44),
            submissions_count INTEGER NOT NULL DEFAULT 0 CHECK (submissions_count >= 0),
            created_at        INTEGER NOT NULL,  -- Unix seconds
            updated_at        INTEGER NOT NULL,
            UNIQUE (workspace_id, slug),
            UNIQUE (workspace_id, id)
        ) STRICT
        """
    ]

    static let table = Table(
        "form", fields, computed: ["submit_url": "'/api/inbound/forms/' || token"], more: ["token"],
    )

    private static let tokenPrefix = "lhf_"

    private static func create(_ call: Call) throws -> Response {
        try call.create(table) { input, database in
            try table.insert(
                completed(input, name: input.text("name") ?? "", workspace: call.workspace, database),
                more: [Key.secret(tokenPrefix).databaseValue], workspace: call.workspace, database, now: call.now,
            )
        } check: { input, problems in
            try check(input, call, &problems)
        }
    }

    private static func update(_ call: Call) throws -> Response {
        try call.update(table) { input, form, problems in
            try check(input, changing: form, call, &problems)
        } change: { form, input, database in
            let name = input.text("name") ?? form["name"]
            let input = try completed(input, of: form["id"], name: name, workspace: call.workspace, database)
            _ = try table.update(form, with: input, workspace: call.workspace, database, now: call.now)
        }
    }

    /// Changes the tags that leads are given by the forms that name them.
    ///
    /// - Parameters:
    ///   - names: those that may change; forms with none of them stay as they are.
    ///   - workspace: the forms'.
    ///   - database: inside a transaction that writes.
    ///   - now: when the forms changed, in Unix seconds; nil where they are what they were.
    ///   - change: gives the names that a form has then.
    /// - Throws: `DatabaseError`.
    static func changeTags(
        _ names: [String], workspace: Int64, _ database: Database, now: Int64? = nil,
        _ change: ([JSONValue]) -> [JSONValue],
    ) throws {
        let rows = try Row.fetchAll(
            database,
            sql: "SELECT id, settings FROM form WHERE workspace_id = :workspace AND \(Tag.isNamed(in: "settings"))",
            arguments: ["workspace": workspace, "names": Tag.namesArgument(names)],
        )
        for row in rows {
            let settings = try JSONValue(parsing: Array((row["settings"] as String).utf8))
            guard case .array(let tags) = settings["tags"] else { continue }
            let changed = change(tags)
            guard changed != tags else { continue }
            try database.execute(
                sql: """
                    UPDATE form SET settings = ?, updated_at = coalesce(?, updated_at) WHERE workspace_id = ? AND id = ?
                    """,
                arguments: [settings.with(("tags", .array(changed))).minified, now, workspace, row["id"]],
            )
        }
    }

    private static func check(
        _ input: Input, changing form: Row? = nil, _ call: Call, _ problems: inout Problems,
    ) throws {
        if let items = input.items("fields") { FormField.check(items, &problems) }
        checkHoneypot(input, form.map { JSONObject($0, fields) } ?? JSONObject([]), &problems)
        guard let object = input.object("settings") else { return }
        var misfits = Problems()
        try Lead.checkStage(settings(object), workspace: call.workspace, call.connection.database, &misfits)
        if !misfits.isEmpty {
            problems.add("settings.pipeline_stage_id", "The selected settings.pipeline stage id is invalid.")
        }
    }

    /// Adds a problem where people would see the honeypot: each lead of theirs would be lost.
    private static func checkHoneypot(_ input: Input, _ form: JSONObject, _ problems: inout Problems) {
        var honeypot: String?
        if case .object(let current) = form["settings"] { honeypot = current.text("honeypot_field") }
        if let given = input.object("settings") { honeypot = given.text("honeypot_field") }
        guard let honeypot, !honeypot.isEmpty else { return }
        var items = FormField.standard
        if case .array(let current) = form["fields"] { items = current }
        if let given = input.items("fields"), !given.isEmpty { items = given }
        if items.contains(where: { FormField($0).key == honeypot }) {
            let message = "The settings.honeypot field field must not be one of the form's own fields."
            problems.add("settings.honeypot_field", message)
        }
    }

    /// What a form's settings hold; what is unset is not in it.
    static func settings(_ object: JSONObject) -> Input {
        var problems = Problems()
        let isSet = JSONObject(object.filter { $0.value != .null })
        return Input(isSet, fields: settings, isNew: true, problems: &problems)
    }

    /// The input with what a form must have and a client may leave out; `form` is the id of one that changes.
    private static func completed(
        _ input: Input, of form: Int64? = nil, name: String, workspace: Int64, _ database: Database,
    ) throws -> Input {
        var input = input
        if input["slug"] == .null || (form == nil && input["slug"] == nil) {
            input["slug"] = .text(try freeSlug(for: name, of: form, workspace: workspace, database))
        }
        if case .array(let items) = input["fields"] {
            input["fields"] = .array(items.isEmpty ? FormField.standard : items.map(FormField.completed))
        }
        return input
    }

    /// A slug that is like the name, and that no other form of the workspace has.
    private static func freeSlug(
        for name: String, of form: Int64?, workspace: Int64, _ database: Database,
    ) throws -> String {
        let words = Text.folded(name).unicodeScalars.split { !("a"..."z" ~= $0 || "0"..."9" ~= $0) }
            .map { String($0) }.joined(separator: "-")
        let base = words.isEmpty ? "form" : words
        // Room for a hyphen and the number of any form.
        let stem = base.prefix(longestSlug - 20).split(separator: "-").joined(separator: "-")
        let taken = try String.fetchSet(
            database, sql: "SELECT slug FROM form WHERE workspace_id = ? AND instr(slug, ?) = 1 AND id IS NOT ?",
            arguments: [workspace, stem, form],
        )
        var slug = stem
        var number = 1
        while taken.contains(slug) {
            number += 1
            slug = "\(stem)-\(number)"
        }
        return slug
    }
}
