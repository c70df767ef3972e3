import GRDB
import HTTP
import HTTPTypes
import Store

/// One request on its way through a handler: what was asked, by whom, and the database.
struct Call {
    let request: Request
    let route: Route
    /// What stands in the path, by the names that the route gives it.
    let values: [String: String]
    let principal: Principal
    let connection: Connection
    /// Scheme and authority of this server as the client knows it.
    let origin: String
    let secrets: Result<Secrets, SecretsError>
    /// Unix seconds: one moment for the whole request.
    let now: Int64
    /// What makes a repetition of this request known; nil where the client gave nothing of the kind.
    private(set) var idempotency: IdempotencyKey?
    private(set) var query = Query()

    init(
        request: Request, route: Route, values: [String: String], principal: Principal, connection: Connection,
        origin: String, secrets: Result<Secrets, SecretsError>, now: Int64,
    ) {
        (self.request, self.route, self.values, self.principal) = (request, route, values, principal)
        (self.connection, self.origin, self.secrets, self.now) = (connection, origin, secrets, now)
    }

    /// Answers a repetition as the first time; else checks the query, and does the work.
    func once(_ work: (Call) throws -> Response) throws -> Response {
        var call = self
        call.idempotency = try IdempotencyKey(request, principal, secrets)
        if let answer = try call.idempotency?.answer(connection.database, now: now) { return answer }
        call.query = try Query(request.target, parameters: route.parameters)
        return try work(call)
    }

    var workspace: Int64 { principal.workspaceID }

    var actor: Actor { principal.actor }

    /// The id in the path.
    ///
    /// - Throws: 404 where the route has none of that name.
    func id(_ name: String = "id") throws(HTTPError) -> Int64 {
        guard let id = values[name].flatMap(Route.id) else { throw .notFound }
        return id
    }

    /// The body, checked against a resource's fields and, where it refers to other records, against the
    /// database: everything that is wrong at once, and before any lock is taken.
    ///
    /// - Parameters:
    ///   - fields: the resource's.
    ///   - check: adds what only this resource knows to be wrong, also in what is right of what was refused.
    /// - Returns: what came, ready for the columns.
    /// - Throws: 400, 413, 415, 422.
    func input(
        _ fields: [Field], check: (Input, Database, inout Problems) throws -> Void = { _, _, _ in },
    ) throws -> Input {
        let body = try request.jsonObject()
        return try connection.read { database in
            try checked(body, fields, changing: nil, database, check: check)
        }
    }

    /// Like `input`, of a body and with the database at hand. An update that brings members to an object is checked so
    /// under the lock, once more: it must bring them to the object as it is then.
    func checked(
        _ body: JSONObject, _ fields: [Field], changing record: Row?, _ database: Database,
        check: (Input, Database, inout Problems) throws -> Void,
    ) throws -> Input {
        var problems = Problems()
        let current = record.map { JSONObject($0, fields) } ?? JSONObject([])
        let input = Input(body, fields: fields, isNew: record == nil, current: current, problems: &problems)
        try input.checkReferences(of: fields, changing: record, workspace: workspace, database, problems: &problems)
        var further = Problems()
        try check(input, database, &further)
        problems.add(further: further)
        guard problems.isEmpty else { throw HTTPError.validationFailed(problems) }
        return input
    }

    /// Writes, and answers with what came of it. The answer is made after the lock is released, unless it is to be
    /// kept for a repetition: then it is part of what is written, and a repetition gets it and writes nothing.
    func write<Outcome>(
        _ work: (Database) throws -> Outcome, answer: (Outcome) -> Response,
    ) throws -> Response {
        guard let idempotency else { return answer(try connection.write(work)) }
        return try connection.write { database in
            if let kept = try idempotency.answer(database, now: now) { return kept }
            let response = answer(try work(database))
            try idempotency.keep(response, database, now: now)
            return response
        }
    }

    /// - Throws: 412 where the client's condition does not hold for the record as it is now.
    func requireUnchanged(_ row: Row, _ fields: [Field]) throws(HTTPError) {
        guard request.permitsChange(of: EntityTag.of(body(row, fields))) else { throw .preconditionFailed }
    }

    /// 200 with one record, or 304 where the client has it.
    func ok(_ row: Row, _ fields: [Field]) -> Response {
        let body = body(row, fields)
        let entityTag = EntityTag.of(body)
        if request.isSafe && request.alreadyHas(entityTag) {
            return Response(status: .notModified, fields: [.eTag: entityTag])
        }
        return Response(status: .ok, fields: [.eTag: entityTag], json: body)
    }

    /// 201 with one record and its address, which begins with `path`: that of the request, unless it is given.
    func created(_ row: Row, _ fields: [Field], at path: String? = nil) -> Response {
        let id: Int64 = row["id"]
        let body = body(row, fields)
        let location = "\(origin)\(path ?? String(request.target.path))/\(id)"
        var response = Response(status: .created, fields: [.location: location, .eTag: EntityTag.of(body)], json: body)
        response.isConfidential = fields.contains { $0.rules.contains(.sealed) }
        return response
    }

    /// 200 with a page of a list of `total` records; `records` writes those of the page, `limit` of them after the
    /// first `offset`, and gives how many they are.
    func page(
        total: Int64, records: (inout JSONWriter, _ limit: Int64, _ offset: Int64) throws -> Int64,
    ) throws -> Response {
        let page = Page(query)
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.key("data")
        writer.beginArray()
        let count = try page.offset(total: total).map { try records(&writer, page.size, $0) }
        writer.endArray()
        page.write(to: &writer, count: count ?? 0, total: total) { query.link(origin: origin, page: $0) }
        writer.endObject()
        return Response(status: .ok, json: writer.bytes)
    }

    private func body(_ row: Row, _ fields: [Field]) -> [UInt8] {
        var writer = JSONWriter(reserving: 1_024)
        writer.beginObject()
        writer.key("data")
        writer.record(row, fields, origin: origin)
        writer.endObject()
        return writer.bytes
    }
}
