import Foundation
import GRDB
import HTTP
import HTTPTypes
import Logging
import RateLimit
import Store
import Testing

@testable import LeadHub

extension Workbench {
    // MARK: - Leads, by their ids

    /// Asks for one lead, or for what lies below it, as the bench's own key.
    func send(
        _ method: HTTPRequest.Method, lead id: Int64, _ more: String = "", _ body: String? = nil,
        fields: HTTPFields = [:], now: Int64 = now,
    ) throws -> Answer {
        try send(method, "/api/v1/leads/\(id)\(more)", body, key: key, fields: fields, now: now)
    }

    /// The lead as it is shown.
    func record(_ id: Int64, now: Int64 = now) throws -> JSONValue {
        let answer = try send(.get, lead: id, now: now)
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer["data"])
    }

    /// What happened to the lead, newest first.
    func history(_ id: Int64) throws -> [JSONValue] {
        let answer = try send(.get, lead: id, "/activities?per_page=100")
        try #require(answer.status == 200, "\(answer.text)")
        guard case .array(let entries) = answer["data"] else { return [] }
        return entries
    }

    /// The ids that a filter finds, and that its total says the same.
    func found(_ filter: String) throws -> [Int64] {
        let answer = try get("/api/v1/leads?\(filter)&sort=created_at&direction=asc&per_page=100")
        try #require(answer.status == 200, "\(answer.text)")
        #expect(answer["meta", "total"]?.integer == Int64(answer.ids.count), "\(filter)")
        return answer.ids
    }

    // MARK: - What the files hold

    /// Every row of every table: two equal texts mean that nothing was written in between.
    func contents() throws -> String {
        let tables = try String.fetchAll(
            database, sql: "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY 1",
        )
        return try tables.map { table in
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM \"\(table)\"")
            return "\(table)\n" + rows.map { "\($0.debugDescription)\n" }.joined()
        }.joined()
    }

    /// The counts that are kept and the same counted anew, as `workspace kind value count`.
    func counts() throws -> (kept: [String], counted: [String]) {
        let group = """
            status || ' ' || source || ' ' || coalesce(pipeline_id, 0) || ' ' || coalesce(pipeline_stage_id, 0) || ' '
                || coalesce(assigned_user_id, 0) || ' ' || starred
            """
        let kept = """
            SELECT workspace_id || ' ' || kind || ' ' || value || ' ' || count FROM lead_count
            UNION ALL SELECT workspace_id || ' group ' || \(group) || ' ' || count FROM lead_group ORDER BY 1
            """
        let counted = """
            WITH live AS (SELECT * FROM lead WHERE deleted_at IS NULL), one (workspace, kind, value) AS (
                SELECT workspace_id, 'all', '' FROM live UNION ALL SELECT workspace_id, 'status', status FROM live
                UNION ALL SELECT workspace_id, 'source', source FROM live
                UNION ALL SELECT workspace_id, 'pipeline', pipeline_id FROM live
                UNION ALL SELECT workspace_id, 'stage', pipeline_stage_id FROM live
                UNION ALL SELECT workspace_id, 'user', assigned_user_id FROM live
                UNION ALL SELECT workspace_id, 'created', printf('%010d', created_at / 3600) FROM live
                UNION ALL SELECT workspace_id, 'updated', printf('%010d', updated_at / 3600) FROM live
                UNION ALL SELECT workspace_id, 'group', \(group) FROM live
                UNION ALL SELECT workspace_id, 'tag', tag_id FROM lead_tag WHERE lead_id IN (SELECT id FROM live)
            )
            SELECT workspace || ' ' || kind || ' ' || value || ' ' || count(*) FROM one
            WHERE value IS NOT NULL GROUP BY workspace, kind, value ORDER BY 1
            """
        return (try String.fetchAll(database, sql: kept), try String.fetchAll(database, sql: counted))
    }

    // MARK: - Other workers

    /// Another worker on the files of a bench, with settings of its own; it works while `body` runs.
    static func worker(
        in folder: URL, key: String, settings: [String: String] = [:], on connection: Connection,
        _ body: (OtherWorker) throws -> Void,
    ) throws {
        let counters = folder.appending(path: "counters").path
        var environment = ["LEADHUB_DATABASE": folder.path + "/leadhub.db", "LEADHUB_COUNTERS": counters]
        environment.merge(settings) { $1 }
        try body(
            OtherWorker(
                application: Application(
                    connection: connection,
                    counters: try CounterTable(path: counters, now: Workbench.now) { _ in },
                    settings: try Settings(file: folder.path + "/leadhub.conf", environment: environment),
                    log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
                ),
                key: key,
            )
        )
    }
}

/// A worker beside the bench's own.
struct OtherWorker {
    let application: Application
    let key: String

    func send(
        _ method: HTTPRequest.Method, _ target: String, _ body: String = "", key: String?, fields: HTTPFields = [:],
    ) throws -> Answer {
        var fields = fields
        if let key { fields[.authorization] = "Bearer \(key)" }
        let request = Request(
            method: method, target: Target(target), fields: fields, body: .complete(Array(body.utf8)),
            origin: Workbench.origin, id: "worker-request",
        )
        return try Answer(application.respond(to: request, now: Workbench.now))
    }
}

extension JSONValue {
    /// An object with other values under these names.
    func replacing(_ values: [(name: String, value: JSONValue)]) -> JSONValue {
        guard case .object(let object) = self else { return self }
        return .object(
            JSONObject(
                object.map { member in
                    (member.name, values.first { $0.name == member.name }?.value ?? member.value)
                }
            )
        )
    }

    /// An array's elements.
    var elements: [JSONValue] {
        if case .array(let elements) = self { elements } else { [] }
    }
}
