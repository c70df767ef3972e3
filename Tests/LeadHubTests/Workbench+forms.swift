import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

extension Workbench {
    static let urlEncoded = "application/x-www-form-urlencoded"

    /// Makes a form, and gives it as it is shown.
    func form(_ body: String) throws -> JSONValue {
        let answer = try post("/api/v1/forms", body)
        try #require(answer.status == 201, "\(answer.text)")
        return try #require(answer["data"])
    }

    /// Sends something to a form.
    func submit(
        _ body: String, to form: Int64 = 1, type: String = "application/json", accept: String? = nil,
        key name: String? = nil, now: Int64 = now,
    ) throws -> Answer {
        var fields: HTTPFields = [.contentType: type]
        fields[.accept] = accept
        fields[.idempotencyKey] = name
        return try send(.post, "/api/v1/forms/\(form)/submissions", body, key: key, fields: fields, now: now)
    }

    /// What is kept of the bodies that came: `outcome lead error body`, the latest last.
    func ledger() throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT outcome || ' ' || coalesce(lead_id, '-') || ' ' || coalesce(error, '-') || ' ' || CAST(body AS TEXT)
                FROM inbound ORDER BY id
                """,
        )
    }
}
