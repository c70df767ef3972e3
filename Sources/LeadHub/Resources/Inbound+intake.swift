import GRDB
import HTTP
import HTTPTypes

/// The addresses that leads are sent to.
extension Inbound {
    static let intakeRoutes: [Route] = [
        Route(
            .post, "/api/inbound/leads", .writeLeads, or: .writeForms, "Send a lead",
            about: """
                Any fields, as JSON, URL-encoded or multipart; `email` is required, `full_name` and `name` are taken \
                apart. Nothing else is refused: what fits no field of a lead goes to its `custom_fields`, and what is \
                past their limits to its `notes`. A lead of the same email, else phone, is found (200): it is given \
                what it lacks, and nothing of it is overwritten. What comes again with the same `webhook-id` is \
                answered as the first time, for 30 days.
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
            about: "Meta asks so, and is given the challenge back. Other services do not: 405.",
            parameters: [
                Parameter(.text("hub.mode", 1...255, .required, about: "`subscribe`.")),
                Parameter(.text("hub.challenge", 1...255, .required, about: "What it is answered.")),
                Parameter(.text("hub.verify_token", 1...255, .required, about: "The integration's `verify_token`.")),
            ], gives: .document("text/plain"), greet,
        ),
    ]

    static let receipt: [Field] = [
        Field(
            "status", .choice(["created", "duplicate", "queued", "test", "ignored"]), .required,
            about: "What became of it.",
        ),
        Field("lead_id", .integer(1...Int64.max), about: "The lead; null where there is none, or not yet."),
        Field("is_duplicate", .boolean, .required, initial: .integer(0), about: "Whether the lead was there before."),
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
            try call.once { call in
                try checkTenant(call)
                let take = try taking(entry, by: call.actor)
                return try call.write(take) { taken in
                    var response = taken.response
                    if taken.outcome == .created { response.status = .created }
                    return response
                }
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
        let body = try entry.request.formObject(readsBrackets: true)
        var intake = Intake()
        for member in body { intake.add(member.value, as: member.name) }
        guard intake.input["email"] != nil else {
            let rule = body["email"].flatMap(Intake.text) == nil ? "is required." : "must be a valid email address."
            throw HTTPError.validationFailed(Problems("email", "The email field \(rule)"))
        }
        return { database in
            try take(intake, details: [("values", .object(body))], entry, by: actor, entry.repeatKey, database)
        }
    }

    /// Makes or finds the lead, and writes into its history and the ledger how it came: once, however often it comes or
    /// is taken once more.
    private static func take(
        _ intake: Intake, details: [JSONObject.Member], _ entry: Entry, by actor: Actor, _ key: RepeatKey?,
        _ database: Database,
    ) throws -> Taken {
        if entry.id == nil, let key, let first = try entry.first(with: key, database) {
            try entry.keep(.repeated, lead: first.lead, database)
            return first
        }
        var intake = intake
        if intake.input["source"] == nil { intake.input["source"] = .text("inbound") }
        let (workspace, now) = (entry.workspace, entry.now)
        let known = try entry.known(key, database)
        let (lead, isDuplicate) = try Lead.take(
            intake, into: known?.lead, workspace: workspace, by: actor, database, now: now,
        )
        let taken = known ?? Taken(outcome: isDuplicate ? .duplicate : .created, lead: lead["id"])
        if known == nil {
            try Activity.record(
                .received, lead: lead["id"], by: actor, details: JSONObject(details), workspace: workspace, database,
                now: now,
            )
        }
        try entry.keep(taken.outcome, lead: taken.lead, repeatKey: key, database)
        if let id = entry.way.integration { try Integration.note(id, entry, database) }
        return taken
    }

    // MARK: - With an integration's address

    private static func receive(_ call: Call) throws -> Response {
        let source = try Integration.source(of: call)
        let delivery = Delivery(request: call.request, config: source.config, now: call.now)
        var entry = Entry(call, .integration(source.id))
        // What was sent whole is kept without its secrets, and read so, as it is when it is taken once more; what was not
        // is refused below.
        if case .complete = call.request.body {
            entry.request.body = .complete(source.sender.kept(delivery))
        }
        let shown = Delivery(request: entry.request, config: source.config, now: call.now)
        return try entry.keepingRefused(call.connection) {
            try source.sender.verify(delivery)
            guard source.isActive else { throw HTTPError.conflict("The integration is switched off.") }
            return try call.once { call in
                let message = try source.sender.read(shown)
                let take = try taking(message, from: source, entry, hasKey: call.idempotency != nil)
                return try call.write(take) { $0.response }
            }
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
    /// - Returns: what writes it, and gives what became of it.
    /// - Throws: 422 for a lead that can be reached by nothing.
    static func taking(
        _ message: Message, from source: Integration.Source, _ entry: Entry, hasKey: Bool = false,
    ) throws -> (Database) throws -> Taken {
        switch message {
        case .lead(let details, let id):
            return try taking(details, id: id, from: source, entry, hasKey: hasKey)
        case .announced(let announcements, let error):
            return { database in
                let row = try entry.keep(.queued, error: error, database)
                for announcement in announcements
                where try entry.first(with: RepeatKey(id: announcement.id), database) == nil {
                    try Job.add(announcement, of: source, in: row, entry, database)
                }
                try Integration.note(source.id, error: error, entry, database)
                return Taken(outcome: .queued, lead: nil)
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
        let key = id.map(RepeatKey.init(id:)) ?? entry.repeatKey ?? (hasKey ? nil : RepeatKey(values: details))
        let said: [JSONObject.Member] = [
            (
                "integration",
                ["id": .number("\(source.id)"), "type": .string(source.type), "name": .string(source.name)]
            ),
            ("values", .object(Detail.object(details))),
        ]
        return { try take(intake, details: said, entry, by: .integration(source.id), key, $0) }
    }
}
