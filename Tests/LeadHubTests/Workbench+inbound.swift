import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

extension Workbench {
    /// Makes a source, and gives the path of its address.
    func source(_ type: String, _ config: JSONValue = [:]) throws -> String {
        let body: JSONValue = ["type": .string(type), "name": .string(type), "config": config]
        let answer = try post("/api/v1/integrations", body.minified)
        try #require(answer.status == 201, "\(answer.text)")
        return try path(of: answer["data", "inbound_url"])
    }

    /// The path of an address of this server.
    func path(of address: JSONValue?) throws -> String {
        let address = try #require(address?.string)
        try #require(address.hasPrefix(Workbench.origin))
        return String(address.dropFirst(Workbench.origin.count))
    }

    /// Sends something to an address that needs no key.
    func deliver(
        _ body: String, to path: String, type: String = "application/json", _ more: HTTPFields = [:], now: Int64 = now,
    ) throws -> Answer {
        var fields = more
        fields[.contentType] = type
        return try send(.post, path, body, key: nil, fields: fields, now: now)
    }

    /// Sends a lead with a key of the workspace `acme`.
    func sendLead(
        _ body: String, type: String = "application/json", key name: String? = nil, _ more: HTTPFields = [:],
        now: Int64 = now,
    ) throws -> Answer {
        var fields = more
        fields[.contentType] = type
        fields[.idempotencyKey] = name
        return try send(.post, "/api/inbound/leads?tenant=acme", body, key: key, fields: fields, now: now)
    }

    /// Takes in once more what a row of the ledger has.
    func replay(_ id: Int64) throws -> Answer { try post("/api/v1/inbound/\(id)/replay", "") }

    /// Changes a source's config.
    func configure(_ config: String, of id: Int64 = 1) throws {
        let answer = try send(.patch, "/api/v1/integrations/\(id)", #"{"config": \#(config)}"#, key: key)
        try #require(answer.status == 200, "\(answer.text)")
    }

    /// How many leads there are, deleted ones included.
    var leads: Int64 { get throws { try #require(try number("SELECT count(*) FROM lead")) } }

    /// A lead as it is shown.
    func shown(_ id: Int64?) throws -> JSONValue {
        let answer = try get("/api/v1/leads/\(try #require(id))")
        try #require(answer.status == 200, "\(answer.text)")
        return try #require(answer["data"])
    }

    /// How many entries of a kind there are in all leads' histories.
    func activities(_ kind: String) throws -> Int64 {
        try #require(try number("SELECT count(*) FROM activity WHERE type = '\(kind)'"))
    }
}
