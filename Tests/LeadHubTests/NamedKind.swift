import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// One of the resources whose records have names.
struct NamedKind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let list: String
    let fields: [Field]
    /// The field that no two records may share.
    let unique: String?

    static let pipeline = NamedKind("pipeline", "/pipelines", Pipeline.fields, "name")
    static let stage = NamedKind("stage", "/pipelines/1/stages", Stage.fields, nil)
    static let tag = NamedKind("tag", "/tags", Tag.fields, "name")
    static let user = NamedKind("user", "/users", User.fields, "email")
    static let all = [pipeline, stage, tag, user]

    private init(_ name: String, _ list: String, _ fields: [Field], _ unique: String?) {
        (testDescription, self.list, self.fields, self.unique) = (name, list, fields, unique)
    }

    var isStage: Bool { unique == nil }

    /// A new record; `number` makes what must be unique beside the name another one.
    func body(_ name: String, _ number: Int = 1) -> String {
        let email = unique == "email" ? ", \"email\": \"u\(number)@example.com\"" : ""
        return "{\"name\": \"\(name)\"\(email)}"
    }

    /// Sets a workbench up with what a record needs to be there.
    func run(_ body: (Workbench) throws -> Void) throws {
        try Workbench.run { bench in
            if isStage { _ = try bench.pipeline("Home", []) }
            try body(bench)
        }
    }
}

extension Workbench {
    /// Asks for what lies below `/api/v1` as the bench's own key.
    func ask(
        _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil, fields: HTTPFields = [:],
        now: Int64 = now,
    ) throws -> Answer {
        try send(method, "/api/v1" + target, body, key: key, fields: fields, now: now)
    }

    /// The record at a path, or made there with a body.
    func data(_ target: String, _ body: String? = nil, now: Int64 = now) throws -> JSONValue {
        let answer = try ask(body == nil ? .get : .post, target, body, now: now)
        try #require(answer.status == (body == nil ? 200 : 201), "\(answer.text)")
        return try #require(answer["data"])
    }

    /// The names of a list's records, in its order.
    func names(_ target: String) throws -> [String] {
        let answer = try ask(.get, target)
        try #require(answer.status == 200, "\(answer.text)")
        let names = answer["data"]?.elements.compactMap { $0["name"]?.string } ?? []
        #expect(answer["meta", "total"]?.integer == Int64(names.count), "\(target)")
        return names
    }
}
