import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What the document shows is accepted, and what is answered is what it says.
@Suite struct DocumentedAnswerTests {
    typealias Case = DocumentTests.Case

    @Test(arguments: DocumentTests.cases)
    func takesItsExampleAndAnswersAsDocumented(_ item: Case) throws {
        try Workbench.run { bench in
            try furnish(bench, for: item)
            let answer = try send(item, bench)
            #expect(answer.status / 100 == 2, "\(answer.text)")
            try expectDocumented(answer, item)
        }
    }

    @Test(arguments: DocumentTests.cases.filter { $0.route.scope != nil })
    func refusesAsDocumented(_ item: Case) throws {
        try Workbench.run { bench in
            let readOnly = try bench.key(["none"])
            let spent = try bench.key(["*"], limit: 0)
            for key in [nil, readOnly, spent, bench.key] as [String?] {
                let target = "\(item.target)?nothing=1"
                let answer = try bench.send(item.route.method, target, item.body?.minified, key: key)
                #expect([401, 403, 404, 422, 429].contains(answer.status), "\(answer.text)")
                try expectDocumented(answer, item)
            }
        }
    }

    private func send(_ item: Case, _ bench: Workbench) throws -> Answer {
        try bench.send(item.route.method, try target(of: item, bench), item.body?.minified, key: bench.key)
    }

    /// The path and query with what no example can know: the workspace's name, the token of an address.
    private func target(of item: Case, _ bench: Workbench) throws -> String {
        switch (item.route.path, item.route.method) {
        case ("/api/inbound/leads", _):
            return "\(item.target)?tenant=acme"
        case ("/api/inbound/forms/{token}", _):
            let name = try bench.number("SELECT count(*) FROM form") ?? 0
            return try bench.path(of: bench.form(#"{"name": "Form \#(name)"}"#)["submit_url"])
        case ("/api/inbound/integrations/{token}", .get):
            let config: JSONValue = ["verify_token": "v", "app_secret": "a", "access_token": "t"]
            return try bench.source("facebook_lead_ads", config)
                + "?hub.mode=subscribe&hub.verify_token=v&hub.challenge=1"
        case ("/api/inbound/integrations/{token}", _):
            return try bench.source("zapier")
        default:
            return item.target
        }
    }

    /// Makes what the examples refer to: users, and by its own example one record of every kind but the one that is to
    /// be made.
    private func furnish(_ bench: Workbench, for item: Case) throws {
        for number in 1...5 { _ = try bench.user("user\(number)@example.com") }
        var others = DocumentTests.cases.filter {
            $0.route.method == .post && $0.route.scope != nil && $0.testDescription != item.testDescription
        }
        // A tag that another record brings has another id than one that is made first.
        others.sort { $0.route.path.hasSuffix("/tags") && !$1.route.path.hasSuffix("/tags") }
        // A record may need one of another kind.
        for _ in 1...3 {
            others = try others.filter { try send($0, bench).status / 100 != 2 }
        }
        // A pipeline with leads stays.
        if item.route.method == .delete {
            try bench.execute("UPDATE lead SET pipeline_id = NULL, pipeline_stage_id = NULL")
        }
    }

    private func expectDocumented(_ answer: Answer, _ item: Case) throws {
        let response = item.object?["responses"]?[String(answer.status)].flatMap(DocumentTests.checker.resolved)
        let documented = try #require(response, "\(answer.status): \(answer.text)")
        if let json = answer.json {
            let schema = try #require(documented["content"]?["application/json"]?["schema"])
            let problems = DocumentTests.checker.problems(json, schema)
            #expect(problems.isEmpty, "\(problems)\n\(answer.text)")
            expectNoMore(json, schema)
        }
        let headers = documented["headers"] ?? .null
        for name in headers.names {
            let header = try #require(headers[name].flatMap(DocumentTests.checker.resolved))
            let text = answer.header(name)
            #expect(text != nil || header["required"] != true, "\(name)")
            guard let text, let schema = header["schema"] else { continue }
            let value: JSONValue = schema["type"] == "integer" ? .number(text) : .string(text)
            #expect(DocumentTests.checker.fits(value, schema), "\(name): \(text)")
        }
        let isOfKey = item.route.scope != nil || item.route.path.hasPrefix("/api/inbound/integrations/")
        let isCounted = isOfKey && answer.status != 401
        #expect((answer.header("X-RateLimit-Limit") != nil) == isCounted)
        #expect((headers["X-RateLimit-Limit"] != nil) || !isCounted)
    }

    /// A record has the members that the document gives it, and no others.
    private func expectNoMore(_ json: JSONValue, _ schema: JSONValue) {
        guard let schema = DocumentTests.checker.resolved(schema), let properties = schema["properties"] else { return }
        #expect(Set(json.names).isSubset(of: properties.names), "\(json.names)")
        for name in json.names {
            guard let property = properties[name] else { continue }
            expectNoMore(json[name] ?? .null, property)
            for item in json[name]?.elements ?? [] { expectNoMore(item, property["items"] ?? .null) }
        }
    }
}
