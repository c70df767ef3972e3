import GRDB
import HTTP
import HTTPTypes

/// A form that was filled in and sent.
enum Submission: Resource {
    static let fields: [Field] = [
        .id,
        .reference("form_id", to: Field.Reference("form"), .readOnly, about: "The form that was filled in."),
        .reference(
            "lead_id", to: Field.Reference("lead"), .readOnly,
            about: "The lead that it made or found.",
        ),
        Field("is_duplicate", .boolean, .readOnly, about: "Whether the lead was there before."),
        Field(
            "values",
            .object(Field.ObjectLimits(keys: 1_000, keyLength: 0...1_048_576, sizeInBytes: 1_048_576, isNested: true)),
            .readOnly,
            about: "What was filled in, also what the form does not ask.",
        ),
        .createdAt,
    ]

    static let example = JSONObject([
        ("is_duplicate", false), ("values", ["first_name": "Sarah", "email": "sarah@example.com"]),
    ])

    static let routes: [Route] = [
        Route(
            .post, "/forms/{id}/submissions", .writeLeads, or: .writeForms, "Submit a form",
            about: """
                The values under their keys, as JSON, URL-encoded or multipart without files. It makes a lead, or finds \
                the one of the same email, else phone, and gives it what it lacks. A client that prefers `text/html` is \
                sent to the form's `redirect_url` (303), or shown its `success_message` (200). A form that is not \
                active: 409.
                """,
            takes: .form, gives: .created(Submission.self), create,
        ),
        Route(
            .post, "/api/inbound/forms/{token}", nil, "Submit a form from a web page",
            about: """
                The address is the form's `submit_url`. It takes and answers what the one with a key does, and every \
                web page may call it.
                """,
            parameters: nil, takes: .form, gives: .created(Submission.self), create,
        ),
        Route(
            .get, "/forms/{id}/submissions", .readForms, "List a form's submissions", about: "Newest first.",
            parameters: Page.parameters, gives: .page(Submission.self), list,
        ),
        Route(
            .get, "/forms/{id}/submissions/{submission_id}", .readForms, "Get a submission",
            gives: .record(Submission.self), show,
        ),
    ]

    static let migrations: KeyValuePairs = [
        "2026-11-23 14 submission": """
        CREATE TABLE submission (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            workspace_id INTEGER NOT NULL,
            form_id      INTEGER NOT NULL,
            lead_id      INTEGER,           -- null only in the transaction that answers a filled honeypot
            is_duplicate INTEGER NOT NULL CHECK (is_duplicate IN (0, 1)),
            content      TEXT NOT NULL,     -- a JSON object, minified
            created_at   INTEGER NOT NULL,  -- Unix seconds
            UNIQUE (workspace_id, id),
            FOREIGN KEY (workspace_id, form_id) REFERENCES form (workspace_id, id) ON DELETE CASCADE,
            FOREIGN KEY (workspace_id, lead_id) REFERENCES lead (workspace_id, id) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX submission_form ON submission (workspace_id, form_id);
        CREATE INDEX submission_lead ON submission (workspace_id, lead_id) WHERE lead_id IS NOT NULL;

        -- form.submissions_count: of leads that are not deleted.
        CREATE TRIGGER submission_insert AFTER INSERT ON submission
            WHEN (SELECT deleted_at IS NULL FROM lead WHERE id = NEW.lead_id)
        BEGIN
            UPDATE form SET submissions_count = submissions_count + 1
                WHERE workspace_id = NEW.workspace_id AND id = NEW.form_id;
        END;
        CREATE TRIGGER submission_delete AFTER DELETE ON submission
            WHEN (SELECT deleted_at IS NULL FROM lead WHERE id = OLD.lead_id)
        BEGIN
            UPDATE form SET submissions_count = submissions_count - 1
                WHERE workspace_id = OLD.workspace_id AND id = OLD.form_id;
        END;
        CREATE TRIGGER submission_lead_hide AFTER UPDATE OF deleted_at ON lead
            WHEN OLD.deleted_at IS NULL AND NEW.deleted_at IS NOT NULL
        BEGIN
            \(recount("-"))
        END;
        CREATE TRIGGER submission_lead_restore AFTER UPDATE OF deleted_at ON lead
            WHEN OLD.deleted_at IS NOT NULL AND NEW.deleted_at IS NULL
        BEGIN
            \(recount("+"))
        END;
        """
    ]

    static let keptCount = KeptCount(
        name: "form.submissions_count",
        kept: "SELECT workspace_id, id, submissions_count FROM form",
        counted: """
            SELECT workspace_id, id, (
                SELECT count(*) FROM submission JOIN lead ON lead.id = lead_id
                WHERE submission.workspace_id = form.workspace_id AND form_id = form.id AND deleted_at IS NULL
            ) FROM form
            """,
        forget: nil,
        put: "UPDATE form SET submissions_count = ?3 WHERE workspace_id = ?1 AND id = ?2",
    )

    private static func recount(_ sign: String) -> String {
        """
        UPDATE form SET submissions_count = submissions_count \(sign) (
            SELECT count(*) FROM submission
            WHERE workspace_id = NEW.workspace_id AND lead_id = NEW.id AND form_id = form.id
        ) WHERE workspace_id = NEW.workspace_id AND id IN (
            SELECT form_id FROM submission WHERE workspace_id = NEW.workspace_id AND lead_id = NEW.id
        );
        """
    }

    /// By the form's id, or by its own address.
    private static func create(_ call: Call) throws -> Response {
        let id = if case .form(let id) = call.actor { id } else { try call.id() }
        let form = try Form.table.find(id, workspace: call.workspace, call.connection.database)
        let entry = Inbound.Entry(call, .form(id))
        return try entry.keepingRefused(call.connection) {
            try call.once { call in
                guard form["is_active"] else { throw HTTPError.conflict("The form takes no submissions now.") }
                let reading = try Reading(of: call.request.formObject(), for: JSONObject(form, Form.fields))
                return try call.write { database in
                    try take(reading, entry, form: id, by: call.actor, database)
                } answer: { submission in
                    reading.page(for: call.request)
                        ?? call.created(submission, fields, at: "/api/v1/forms/\(id)/submissions")
                }
            }
        }
    }

    /// Takes once more what was sent to a form: what made or found a lead brings its values there, and is no second
    /// submission.
    ///
    /// - Throws: 404 where the form has been deleted; `DatabaseError`.
    static func retake(
        _ reading: Reading, _ entry: Inbound.Entry, form id: Int64, by actor: Actor, _ database: Database,
    ) throws {
        guard !reading.isSpam, let known = try entry.known(entry.repeatKey, database) else {
            _ = try take(reading, entry, form: id, by: actor, database)
            return
        }
        _ = try Lead.take(
            reading.intake, into: known.lead, workspace: entry.workspace, by: actor, database, now: entry.now,
        )
        try entry.keep(known.outcome, lead: known.lead, database)
    }

    /// Takes what was sent to a form, and keeps the body with it.
    ///
    /// - Returns: the submission, a column for each field.
    /// - Throws: 404 where the form has been deleted; `DatabaseError`.
    static func take(
        _ reading: Reading, _ entry: Inbound.Entry, form id: Int64, by actor: Actor, _ database: Database,
    ) throws -> Row {
        let form = try Form.table.find(id, workspace: entry.workspace, database)
        guard !reading.isSpam else { return try answerSpam(reading, entry, form: id, database) }
        let (lead, isDuplicate) = try Lead.take(
            reading.intake, workspace: entry.workspace, by: actor, database, now: entry.now,
        )
        let leadID: Int64 = lead["id"]
        let submission = try insert(reading.values, lead: leadID, isDuplicate: isDuplicate, entry, form: id, database)
        let details = JSONObject([
            ("form", .object(JSONObject([("id", .number("\(id)")), ("name", .string(form["name"]))]))),
            ("submission_id", .number("\(submission["id"] as Int64)")), ("values", .object(reading.values)),
        ])
        try Activity.record(
            .formSubmitted, lead: leadID, by: actor, details: details, workspace: entry.workspace, database,
            now: entry.now,
        )
        try entry.keep(isDuplicate ? .duplicate : .created, lead: leadID, database)
        return submission
    }

    /// What a filled honeypot is told looks like any other answer: its id is used up, and nothing has it; the lead is one
    /// that there might be.
    private static func answerSpam(
        _ reading: Reading, _ entry: Inbound.Entry, form: Int64, _ database: Database,
    ) throws -> Row {
        let submission = try insert(reading.values, lead: nil, isDuplicate: false, entry, form: form, database)
        try database.cachedStatement(sql: "DELETE FROM submission WHERE id = ?")
            .execute(arguments: [submission["id"] as Int64])
        try entry.keep(.spam, database)
        return submission
    }

    private static func insert(
        _ values: JSONObject, lead: Int64?, isDuplicate: Bool, _ entry: Inbound.Entry, form: Int64,
        _ database: Database,
    ) throws -> Row {
        let statement = try database.cachedStatement(
            sql: """
                INSERT INTO submission (workspace_id, form_id, lead_id, is_duplicate, content, created_at)
                VALUES (?, ?, ?, ?, ?, ?) RETURNING id, form_id,
                    coalesce(lead_id, (SELECT coalesce(max(id), 0) + 1 FROM lead)) AS lead_id,
                    is_duplicate, content, created_at
                """
        )
        let arguments: StatementArguments = [
            entry.workspace, form, lead, isDuplicate, JSONValue.object(values).minified, entry.now,
        ]
        guard let row = try Row.fetchOne(statement, arguments: arguments) else { throw HTTPError.serverError }
        return row
    }

    /// In the fields' order.
    private static let columns = "id, form_id, lead_id, is_duplicate, content, created_at"

    /// Submissions of a form, those of deleted leads left out: `CROSS JOIN` reads them in their own order.
    private static let found = """
        FROM submission CROSS JOIN (SELECT id AS live_id, deleted_at FROM lead) ON live_id = lead_id
        WHERE deleted_at IS NULL AND workspace_id = ? AND form_id = ?
        """

    private static func list(_ call: Call) throws -> Response {
        try call.connection.read { database in
            let form = try Form.table.find(call.id(), workspace: call.workspace, database)
            return try call.page(total: form["submissions_count"]) { writer, limit, offset in
                let rows = try Row.fetchAll(
                    database.cachedStatement(sql: "SELECT \(columns) \(found) ORDER BY id DESC LIMIT ? OFFSET ?"),
                    arguments: [call.workspace, form["id"] as Int64, limit, offset],
                )
                for row in rows { writer.record(row, fields) }
                return Int64(rows.count)
            }
        }
    }

    private static func show(_ call: Call) throws -> Response {
        let row = try Row.fetchOne(
            call.connection.database.cachedStatement(sql: "SELECT \(columns) \(found) AND id = ?"),
            arguments: [call.workspace, call.id(), call.id("submission_id")],
        )
        guard let row else { throw HTTPError.notFound }
        return call.ok(row, fields)
    }
}
