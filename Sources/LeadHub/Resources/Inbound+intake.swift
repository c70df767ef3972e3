import Crypto
import Foundation
import GRDB
import HTTP
import HTTPTypes

/// The addresses that leads are sent to.
extension Inbound {
    static let intakeRoutes: [Route] = [
        Route(
            .post, "/api/inbound/leads", .writeLeads, "Send a lead",
            about: """
                Any fields, as JSON, URL-encoded or multipart; `email` is required, `full_name` and `name` are taken \
                apart. Nothing else is refused: what fits no field of a lead goes to its `custom_fields`, and what is \
                past their limits to its `notes`. A lead of the same email, else phone, is found (200): it is given \
                what it lacks, and nothing of it is overwritten.
                """,
            parameters: [
                Parameter(
                    .text(
                        "tenant", 1...63, .required, about: "The slug of the key's workspace, so that none is mixed up."
                    )
                )
            ],
            takes: .lead, gives: .taken, sendLead,
        ),
        Route(
            .post, "/api/inbound/integrations/{token}", nil, "Send a service's message",
            about: """
                For services that send leads in their own shape: the address is an integration's `inbound_url`. What \
                the service signs is checked (401). A message that came before does nothing again, and is answered as \
                it was.
                """,
            parameters: nil, takes: .message, gives: .object("Receipt", receipt), receive,
        ),
        Route(
            .get, "/api/inbound/integrations/{token}", nil, "Prove an address to a service",
            about: "Meta asks with `hub.challenge` and `hub.verify_token`, and is given the challenge back.",
            parameters: nil, gives: .document("text/plain"), greet,
        ),
    ]

    static let receipt: [Field] = [
        Field(
            "status", .choice(["created", "duplicate", "queued", "test", "ignored"]), .required,
            about: "What became of it.",
        ),
        Field("lead_id", .integer(1...Int64.max), about: "The lead; null where there is none, or not yet."),
        Field("is_duplicate", .boolean, .required, about: "Whether the lead was there before."),
    ]

    /// What became of a message.
    struct Taken {
        let outcome: Outcome
        let lead: Int64?

        /// The same for the first message and for its repetitions.
        var response: Response {
            var writer = JSONWriter(reserving: 80)
            writer.beginObject()
            writer.member("status", outcome.rawValue)
            writer.member("lead_id", lead)
            writer.key("is_duplicate")
            writer.boolean(outcome == .duplicate)
            writer.endObject()
            return Response(status: .ok, json: writer.bytes)
        }
    }

    // MARK: - With a key

    private static func sendLead(_ call: Call) throws -> Response {
        let entry = Entry(call, .leads)
        return try entry.keepingRefused(call.connection) {
            try checkTenant(call)
            let take = try taking(entry, by: call.actor)
            return try call.write(take) { taken in
                var response = taken.response
                if taken.outcome == .created { response.status = .created }
                return response
            }
        }
    }

    private static func checkTenant(_ call: Call) throws {
        guard let slug = call.query.texts("tenant").first else {
            throw HTTPError.validationFailed(Problems("tenant", "The tenant field is required."))
        }
        let workspace = try Workspace.find(slug: slug, call.connection.database)
        guard workspace == call.workspace else {
            throw HTTPError.forbidden("The API key is not of the workspace that tenant names.")
        }
    }

    /// Reads a lead that was sent with a key, and gives what takes it in.
    static func taking(_ entry: Entry, by actor: Actor) throws -> (Database) throws -> Taken {
        let body = try entry.request.formObject()
        guard let email = body["email"].flatMap(Intake.text) else {
            throw HTTPError.validationFailed(Problems("email", "The email field is required."))
        }
        guard Intake.isEmail(email) else {
            throw HTTPError.validationFailed(Problems("email", "The email field must be a valid email address."))
        }
        var intake = Intake()
        for member in body { intake.add(member.value, as: member.name) }
        return { database in
            try take(intake, details: [("values", .object(body))], entry, by: actor, repeatKey: nil, database)
        }
    }

    /// Makes or finds the lead, and writes into its history and the ledger how it came.
    private static func take(
        _ intake: Intake, details: [JSONObject.Member], _ entry: Entry, by actor: Actor, repeatKey: Data?,
        _ database: Database,
    ) throws -> Taken {
        var intake = intake
        if intake.input["source"] == nil { intake.input["source"] = .text("inbound") }
        let (workspace, now) = (entry.workspace, entry.now)
        let (lead, isDuplicate) = try Lead.take(intake, workspace: workspace, by: actor, database, now: now)
        let taken = Taken(outcome: isDuplicate ? .duplicate : .created, lead: lead["id"])
        try Activity.record(
            .received, lead: lead["id"], by: actor, details: JSONObject(details), workspace: workspace, database,
            now: now,
        )
        try entry.keep(taken.outcome, lead: taken.lead, repeatKey: repeatKey, database)
        return taken
    }

    // MARK: - With an integration's address

    private static func receive(_ call: Call) throws -> Response {
        let source = try Integration.source(of: call)
        let delivery = Delivery(request: call.request, config: source.config, now: call.now)
        var entry = Entry(call, .integration(source.id))
        // What was sent whole is kept without its secrets; what was not is refused below.
        if case .complete = call.request.body { entry.request.body = .complete(source.sender.kept(delivery)) }
        return try entry.keepingRefused(call.connection) {
            try source.sender.verify(delivery)
            guard source.isActive else { throw HTTPError.conflict("The integration is switched off.") }
            let message = try source.sender.read(delivery)
            let take = try taking(
                message, from: source, entry, hasKey: call.idempotency != nil, header: call.request.fields[.webhookID],
            )
            return try call.write(take) { $0.response }
        }
    }

    private static func greet(_ call: Call) throws -> Response {
        let source = try Integration.source(of: call)
        guard let greet = source.sender.greet else { throw HTTPError.methodNotAllowed(allow: "POST, OPTIONS") }
        return try greet(Delivery(request: call.request, config: source.config, now: call.now))
    }

    /// What a service says, and what takes it in.
    ///
    /// - Parameters:
    ///   - message: as the service's own shape was read.
    ///   - source: the integration.
    ///   - entry: the body that it came in.
    ///   - hasKey: whether an `Idempotency-Key` tells repetitions already.
    ///   - header: the message's id in a header (Standard Webhooks).
    /// - Returns: what writes it, and gives what became of it.
    /// - Throws: 422 for a lead that can be reached by nothing.
    static func taking(
        _ message: Message, from source: Integration.Source, _ entry: Entry, hasKey: Bool = false,
        header: String? = nil,
    ) throws -> (Database) throws -> Taken {
        switch message {
        case .lead(let details, let id):
            return try taking(details, id: id ?? header, from: source, entry, hasKey: hasKey)
        case .announced(let announcements):
            return { database in
                for announcement in announcements
                where try RepeatKey(id: announcement.id).find(source, entry, database) == nil {
                    try Job.add(announcement, of: source, workspace: entry.workspace, database, now: entry.now)
                }
                return try settle(.queued, source, entry, database)
            }
        case .test:
            return { try settle(.test, source, entry, $0) }
        case .other(let what):
            return { try settle(.ignored, error: what, source, entry, $0) }
        }
    }

    private static func settle(
        _ outcome: Outcome, error: String? = nil, _ source: Integration.Source, _ entry: Entry, _ database: Database,
    ) throws -> Taken {
        try entry.keep(outcome, error: error, database)
        try Integration.note(source.id, entry, database)
        return Taken(outcome: outcome, lead: nil)
    }

    private static func taking(
        _ details: [Detail], id: String?, from source: Integration.Source, _ entry: Entry, hasKey: Bool,
    ) throws -> (Database) throws -> Taken {
        let intake = Intake(details, map: source.fieldMap)
        guard intake.input["email"] != nil || intake.input["phone"] != nil else {
            throw HTTPError.validationFailed(
                Problems("email", "The message must have an email address or a phone number; a field map says where.")
            )
        }
        let key: RepeatKey? = id.map(RepeatKey.init(id:)) ?? (hasKey ? nil : RepeatKey(values: details))
        let said: [JSONObject.Member] = [
            (
                "integration",
                ["id": .number("\(source.id)"), "type": .string(source.type), "name": .string(source.name)]
            ),
            ("values", .object(Detail.object(details))),
        ]
        return { database in
            if entry.id == nil, let key, let first = try key.find(source, entry, database) {
                try entry.keep(.repeated, lead: first.lead, database)
                return first
            }
            let taken = try take(
                intake, details: said, entry, by: .integration(source.id), repeatKey: key?.digest, database,
            )
            try Integration.note(source.id, entry, database)
            return taken
        }
    }
}

/// What makes a repetition of a service's message known.
private struct RepeatKey {
    let digest: Data
    /// How old the first may be, in seconds; nil for as long as it is kept.
    private let window: Int64?

    /// The service's own id: it names one message for good.
    init(id: String) {
        digest = Data(SHA256.hash(data: Data("id\n\(id)".utf8)))
        window = nil
    }

    /// What it says, whatever the order: the same again within five minutes is the same.
    init(values: [Detail]) {
        let lines = values.map { JSONValue.array([.string($0.name), $0.value]).minified }.sorted()
        digest = Data(SHA256.hash(data: Data("values\n\(lines.joined(separator: "\n"))".utf8)))
        window = 300
    }

    /// What became of the message that was the first with this key.
    func find(_ source: Integration.Source, _ entry: Inbound.Entry, _ database: Database) throws -> Inbound.Taken? {
        let statement = try database.cachedStatement(
            sql: """
                SELECT outcome, lead_id FROM inbound
                WHERE workspace_id = ? AND integration_id = ? AND repeat_key = ? AND created_at > ?
                ORDER BY id LIMIT 1
                """
        )
        let oldest = window.map { entry.now - $0 } ?? 0
        guard
            let row = try Row.fetchOne(statement, arguments: [entry.workspace, source.id, digest, oldest]),
            let outcome = Inbound.Outcome(rawValue: row[0])
        else { return nil }
        return Inbound.Taken(outcome: outcome, lead: row[1])
    }
}
