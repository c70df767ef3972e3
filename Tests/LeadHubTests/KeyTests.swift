import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

@Suite struct KeyTests {
    private static let target = "/api/v1/leads"

    /// Whoever shows a key that opens nothing learns nothing about why.
    @Test func givesOneAnswerToEveryKeyThatOpensNothing() throws {
        try Workbench.run { bench in
            let revoked = try bench.key(["*"])
            try bench.execute("UPDATE api_key SET revoked_at = ? WHERE id = 2", [Workbench.now - 1])
            let expired = try bench.key(["*"], expiresAt: Workbench.now)
            let suspended = try bench.key(["*"], in: try bench.workspace("other"))
            try bench.execute("UPDATE workspace SET suspended_at = ? WHERE slug = 'other'", [Workbench.now])
            let flipped = String(bench.key.dropLast()) + (bench.key.hasSuffix("A") ? "B" : "A")
            let credentials: [String?] = [
                nil, "", "Bearer", "Bearer ", "Bearer lh_", "Basic YTpi", "Digest \(bench.key)", bench.key,
                "Bearer \(flipped)", "Bearer \(bench.key)x", "Bearer \(bench.key.dropLast())",
                "Bearer \(bench.key.dropFirst(3))", "Bearer LH_\(bench.key.dropFirst(3))", "Bearer \(bench.key) x",
                "Bearer \(bench.key), Bearer \(bench.key)", "Bearer lh_\(String(repeating: "é", count: 20))",
                "Bearer \(revoked)", "Bearer \(expired)", "Bearer \(suspended)",
            ]
            let first = try ask(bench, nil)
            #expect(first.status == 401)
            #expect(first.code == "UNAUTHORIZED")
            #expect(first.json?.names == ["status", "message", "code"])
            #expect(first.header("WWW-Authenticate") == "Bearer")
            #expect(first.header("Cache-Control") == "private, no-cache")
            #expect(first.header("X-RateLimit-Limit") == nil)
            for value in credentials {
                let answer = try ask(bench, value)
                #expect(answer.status == 401, "\(value ?? "none")")
                #expect(answer.text == first.text, "\(value ?? "none")")
                #expect(answer.fields == first.fields, "\(value ?? "none")")
            }
        }
    }

    @Test(arguments: ["Bearer", "bearer", "BEARER"])
    func takesTheSchemeInAnyCase(scheme: String) throws {
        try Workbench.run { bench in
            let answer = try ask(bench, "\(scheme) \(bench.key)")
            #expect(answer.status == 200)
        }
    }

    @Test func expiresAtItsMoment() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], expiresAt: Workbench.now + 10)
            #expect(try bench.get(Self.target, key: key, now: Workbench.now + 9).status == 200)
            #expect(try bench.get(Self.target, key: key, now: Workbench.now + 10).status == 401)
        }
    }

    @Test func opensAgainWhatIsResumed() throws {
        try Workbench.run { bench in
            try bench.execute("UPDATE workspace SET suspended_at = 1")
            #expect(try bench.get(Self.target).status == 401)
            try bench.execute("UPDATE workspace SET suspended_at = NULL")
            #expect(try bench.get(Self.target).status == 200)
        }
    }

    @Test func staysSecret() throws {
        try Workbench.run { bench in
            let key = try bench.key(["read:leads"])
            #expect(key.wholeMatch(of: /lh_[0-9A-Za-z]{40}/) != nil)
            #expect(key != bench.key)
            let columns = "hash || last_four || name || scopes"
            let stored = try bench.text("SELECT group_concat(\(columns)) FROM api_key") ?? ""
            #expect(!stored.contains(key.dropFirst(3).prefix(8)))
            #expect(try bench.text("SELECT last_four FROM api_key WHERE id = 2") == String(key.suffix(4)))
            #expect(try bench.number("SELECT length(hash) FROM api_key WHERE id = 2") == 32)
        }
    }

    /// The log names the key and the route, and holds no secret, no query and nothing of a lead.
    @Test func staysOutOfTheLog() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "Sarah", "email": "sarah@example.com"}"#)
            _ = try bench.get("/api/v1/leads/1")
            _ = try bench.get("/api/v1/leads?source=website")
            _ = try bench.post(Self.target, #"{"first_name": "Sarah", "email": "sarah@"}"#)
            _ = try bench.get(Self.target, key: bench.key + "x")
            let lines = bench.lines.all
            #expect(lines.count == 5)
            for line in lines {
                #expect(line.contains("request_id=test-request"))
                for secret in [bench.key, String(bench.key.suffix(20)), "Sarah", "sarah", "website"] {
                    #expect(!line.contains(secret), "\(line)")
                }
            }
            #expect(lines[1].contains(#" route=/api/v1/leads/{id} status=200"#), "\(lines[1])")
            #expect(lines[1].contains(" workspace=1"))
        }
    }

    @Test(arguments: [
        ("read:leads", Scope.readLeads, true), ("read:leads", .writeLeads, false), ("read:*", .readLeads, true),
        ("read:*", .readTags, true), ("read:*", .writeLeads, false), ("write:*", .writeLeads, true),
        ("write:*", .deleteLeads, false), ("delete:*", .deleteUsers, true), ("*", .deleteForms, true),
        ("read:tags write:leads", .writeLeads, true), ("read:tags write:leads", .readLeads, false),
        ("", .readLeads, false),
        ("read:lead", .readLeads, false), ("read:leads*", .readLeads, false), ("READ:leads", .readLeads, false),
    ])
    func allowsWhatItsScopesSay(grants: String, scope: Scope, isAllowed: Bool) {
        #expect(Grants(grants).allows(scope) == isAllowed)
    }

    @Test func knowsItsScopesAndWildcards() {
        let all = Scope.allCases.map(\.rawValue) + Grants.wildcards
        #expect(Grants(all.joined(separator: " ")).unknown == [])
        #expect(Grants("read:leads reed:leads read: *:leads **").unknown == ["reed:leads", "read:", "*:leads", "**"])
    }

    private func ask(_ bench: Workbench, _ credentials: String?) throws -> Answer {
        var fields = HTTPFields()
        fields[.authorization] = credentials
        return try bench.send(.get, Self.target, key: nil, fields: fields)
    }
}
