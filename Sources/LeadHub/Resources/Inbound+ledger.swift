import Foundation
import GRDB
import HTTP
import HTTPTypes

/// The ledger of what came, as it is read and taken once more.
extension Inbound {
    static let readingRoutes: [Route] = [
        Route(
            .get, "/inbound", .readLeads, "List what came in", about: "Newest first; kept for 30 days. Without bodies.",
            parameters: parameters, gives: .page(Inbound.self), list,
        ),
        Route(.get, "/inbound/{id}", .readLeads, "Get what came in", gives: .record(Inbound.self)) { call in
            call.ok(try find(call.id(), workspace: call.workspace, call.connection.database), fields)
        },
        Route(
            .post, "/inbound/{id}/replay", .writeLeads, "Take in once more what came",
            about: """
                For what was refused, or went to the wrong fields, once the form or the integration's field map was \
                mended. What made or found a lead brings its values to that one, as long as it is there; what else was \
                refused is taken as if it came now. What cannot be read stays as it is: 409.
                """,
            gives: .record(Inbound.self), replay,
        ),
    ]

    private static let parameters =
        Page.parameters + [
            Parameter(.choice("outcome", Outcome.allCases.map(\.rawValue), default: "", about: "Of this outcome.")),
            Parameter(Field("integration_id", .id, about: "Of this integration.")),
            Parameter(Field("created_after", .time, about: "Come after this moment.")),
        ]

    /// In the fields' order, with two places for the body.
    private static let columns = """
        id, way, form_id, integration_id, key_id, content_type, ?, ?, outcome, lead_id, error, created_at
        """

    private static func list(_ call: Call) throws -> Response {
        try call.connection.read { database in
            var found = "FROM inbound WHERE workspace_id = ?"
            var arguments: StatementArguments = [call.workspace]
            let noBody: StatementArguments = [nil, nil]
            if let outcome = call.query.texts("outcome").first {
                found += " AND outcome = ?"
                arguments += [outcome]
            }
            for (name, condition) in [("integration_id", "integration_id = ?"), ("created_after", "created_at > ?")] {
                guard let number = call.query.integer(name) else { continue }
                found += " AND \(condition)"
                arguments += [number]
            }
            let count = try database.cachedStatement(sql: "SELECT count(*) \(found)")
            let total = try Int64.fetchOne(count, arguments: arguments) ?? 0
            return try call.page(total: total) { writer, limit, offset in
                let statement = try database.cachedStatement(
                    sql: "SELECT \(columns) \(found) ORDER BY id DESC LIMIT ? OFFSET ?"
                )
                let rows = try Row.fetchAll(statement, arguments: noBody + arguments + [limit, offset])
                for row in rows { writer.record(row, fields) }
                return Int64(rows.count)
            }
        }
    }

    /// One body that came, a column for each field.
    ///
    /// - Throws: 404 where the workspace has none of this id.
    private static func find(_ id: Int64, workspace: Int64, _ database: Database) throws -> Row {
        let entry = try Entry(id, workspace: workspace, database, now: 0)
        let body = entry.request.completeBytes
        let text = body.contains(0) ? nil : String(validating: body, as: UTF8.self)
        let shown: StatementArguments =
            entry.isForged
            ? [nil, nil] : [text == nil ? "base64" : "text", text ?? Data(body).base64EncodedString()]
        let statement = try database.cachedStatement(
            sql: "SELECT \(columns) FROM inbound WHERE workspace_id = ? AND id = ?"
        )
        guard let row = try Row.fetchOne(statement, arguments: shown + [workspace, id]) else {
            throw HTTPError.notFound
        }
        return row
    }

    // MARK: - Once more

    private static func replay(_ call: Call) throws -> Response {
        let (id, database) = (try call.id(), call.connection.database)
        let entry = try Entry(id, workspace: call.workspace, database, now: call.now)
        guard !entry.isForged else { throw HTTPError.conflict("What was forged has not been kept.") }
        let reader = try reader(of: entry, call)
        do {
            return try entry.keepingRefused(call.connection) {
                let take = try reader()
                return try call.write { database in
                    try take(database)
                    return try find(id, workspace: call.workspace, database)
                } answer: { row in
                    call.ok(row, fields)
                }
            }
        } catch let error as HTTPError where [.badRequest, .unsupportedMediaType].contains(error.status) {
            throw HTTPError.conflict("What came cannot be read: \(error.message)")
        }
    }

    /// What reads a body as it was read when it came, and gives what takes it in.
    ///
    /// - Throws: 409 where what it came to is gone.
    private static func reader(of entry: Entry, _ call: Call) throws -> () throws -> (Database) throws -> Void {
        let database = call.connection.database
        func found<Place>(_ what: String, _ find: () throws -> Place) throws -> Place {
            do { return try find() } catch let error as HTTPError where error.status == .notFound {
                throw HTTPError.conflict("The \(what) that it came to is gone.")
            }
        }
        switch entry.way {
        case .leads:
            return {
                let take = try taking(entry, by: call.actor)
                return { _ = try take($0) }
            }
        case .form(let id):
            let form = try found("form") { try Form.table.find(id, workspace: call.workspace, database) }
            return {
                let reading = try Submission.Reading(
                    of: entry.request.formObject(), for: JSONObject(form, Form.fields),
                )
                return { try Submission.retake(reading, entry, form: id, by: call.actor, $0) }
            }
        case .integration(let id):
            let source = try found("integration") {
                try Integration.source(id, workspace: call.workspace, call.secrets, database)
            }
            return {
                let delivery = Delivery(request: entry.request, config: source.config, now: call.now)
                let take = try taking(source.sender.read(delivery), from: source, entry)
                return { _ = try take($0) }
            }
        }
    }
}

extension Inbound.Entry {
    /// The one that is kept in a row.
    ///
    /// - Throws: 404 where the workspace has no such row.
    init(_ id: Int64, workspace: Int64, _ database: Database, now: Int64) throws {
        let statement = try database.cachedStatement(
            sql: """
                SELECT form_id, integration_id, content_type, body, outcome, repeat_key FROM inbound
                WHERE workspace_id = ? AND id = ?
                """
        )
        guard let row = try Row.fetchOne(statement, arguments: [workspace, id]) else { throw HTTPError.notFound }
        var request = Request(
            method: .post, target: Target(""), body: .complete(Array(row["body"] as Data)), id: "ledger",
        )
        request.fields[.contentType] = row["content_type"]
        let way: Inbound.Way =
            if let form: Int64 = row["form_id"] { .form(form) } else if let integration: Int64 = row["integration_id"] {
                .integration(integration)
            } else { .leads }
        self.init(workspace: workspace, way: way, request: request, id: id, now: now)
        repeatKey = (row["repeat_key"] as Data?).map(Inbound.RepeatKey.init(digest:))
        isForged = row["outcome"] == Inbound.Outcome.forged.rawValue
    }
}
