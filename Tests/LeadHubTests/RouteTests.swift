import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What holds of every route, the later ones included: each is taken from the table of routes.
@Suite struct RouteTests {
    private static let routes = RouteTable().routes
    static let guarded = routes.filter { $0.scope != nil }.map(Case.init)
    static let withIDs = guarded.filter { $0.route.path.contains("{") }
    static let lists = guarded.filter { !$0.route.path.contains("{") && $0.route.method == .get }

    /// Which table holds what a path's segment names; nil where it names nothing of a workspace.
    private static let tables: [String: String?] = [
        "activities": "activity", "automations": "automation", "forms": "form", "inbound": "inbound",
        "integrations": "integration",
        "leads": "lead", "pipelines": "pipeline", "stages": "stage", "submissions": "submission", "tags": "tag",
        "replay": nil, "types": nil, "users": "workspace_user",
    ]

    struct Case: CustomTestStringConvertible {
        let route: Route

        var testDescription: String { "\(route.method) \(route.path)" }

        /// The path with the same id wherever one stands.
        func target(id: Int64) -> String { route.path.replacing(/\{[^}]*\}/, with: "\(id)") }
    }

    @Test func existAtAll() {
        #expect(Self.guarded.count >= 3)
        #expect(Self.withIDs.count >= 1)
        #expect(Self.lists.count >= 1)
    }

    @Test func areEachOneMethodAtOnePath() {
        let names = Self.routes.map { "\($0.method) " + $0.path.replacing(/\{[^}]*\}/, with: "{}") }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: guarded)
    func needAKey(_ item: Case) throws {
        try Workbench.run { bench in
            let changes = bench.changes
            let answer = try bench.send(item.route.method, item.target(id: 1), "{}", key: nil)
            #expect(answer.status == 401)
            #expect(bench.changes == changes)
        }
    }

    @Test(arguments: guarded)
    func needTheirScope(_ item: Case) throws {
        try Workbench.run { bench in
            let scope = try #require(item.route.scope)
            let scopes = [scope, item.route.otherScope].compactMap { $0 }
            let wrong = try bench.key(Scope.allCases.filter { !scopes.contains($0) }.map(\.rawValue))
            let changes = bench.changes
            let answer = try bench.send(item.route.method, item.target(id: 1), "{}", key: wrong)
            #expect(answer.status == 403)
            #expect(answer.code == "FORBIDDEN")
            for scope in scopes {
                #expect(answer["message"]?.string?.contains(" \(scope.rawValue)") == true, "\(answer.text)")
            }
            #expect(answer["errors"] == nil)
            #expect(bench.changes == changes)

            for scope in scopes {
                let right = try bench.key([scope.rawValue])
                let allowed = try bench.send(item.route.method, item.target(id: 1), "{}", key: right)
                #expect(allowed.status != 403 && allowed.status != 401, "\(allowed.text)")
            }
        }
    }

    @Test(arguments: withIDs)
    func findNothingOfAnotherWorkspace(_ item: Case) throws {
        try Workbench.run { bench in
            let other = try furnishedWorkspace(bench)
            for table in try Self.tables(in: item.route.path) {
                let owner = try bench.number("SELECT workspace_id FROM \(table) WHERE id = 1")
                #expect(owner == other, "Let furnishedWorkspace make a row of \(table).")
            }
            let changes = bench.changes
            let answer = try bench.send(item.route.method, item.target(id: 1), "{}", key: bench.key)
            #expect(answer.status == 404, "\(answer.text)")
            #expect(answer.code == "NOT_FOUND")
            #expect(answer.text == (try bench.send(item.route.method, item.target(id: 99), "{}", key: bench.key).text))
            #expect(bench.changes == changes)

            let key = try bench.key(["*"], in: other)
            let own = try bench.send(item.route.method, item.target(id: 1), "{}", key: key)
            #expect(own.status != 404, "\(own.text)")
        }
    }

    @Test(arguments: lists)
    func listNothingOfAnotherWorkspace(_ item: Case) throws {
        try Workbench.run { bench in
            let other = try furnishedWorkspace(bench)
            guard try !Self.tables(in: item.route.path).isEmpty else { return }
            #expect(try bench.get(item.route.path).ids == [])
            #expect(try bench.get(item.route.path)["meta", "total"] == 0)
            #expect(try bench.get(item.route.path, key: try bench.key(["*"], in: other)).ids == [1])
        }
    }

    @Test(arguments: guarded)
    func nameTheirMethodsWhereAnotherIsUsed(_ item: Case) throws {
        try Workbench.run { bench in
            let target = item.target(id: 1)
            let allowed = Self.guarded.filter { $0.route.path == item.route.path }.map(\.route.method)
            let names = Set(allowed.map(\.rawValue) + (allowed.contains(.get) ? ["HEAD"] : []) + ["OPTIONS"])
            let brew = try #require(HTTPRequest.Method("BREW"))
            let refused = try bench.send(brew, target, key: bench.key)
            #expect(refused.status == 405)
            #expect(refused.code == "METHOD_NOT_ALLOWED")
            let options = try bench.send(.options, target, key: bench.key)
            #expect(options.status == 204)
            #expect(options.text == "")
            for answer in [refused, options] {
                let listed = try #require(answer.header("Allow")).split(separator: ", ").map(String.init)
                #expect(Set(listed) == names)
                #expect(listed.count == names.count)
            }
        }
    }

    /// A workspace with a record of each kind, each of the id 1; a path that names a tag names `1` too.
    ///
    /// - Returns: the workspace's id.
    private func furnishedWorkspace(_ bench: Workbench) throws -> Int64 {
        let other = try bench.workspace("other")
        let key = try bench.key(["*"], in: other)
        _ = try bench.pipeline("Sales", ["Open"], in: other)
        _ = try bench.user("a@example.com", in: other)
        _ = try bench.lead(#"{"first_name": "A", "email": "a@example.com", "tags": ["1"]}"#, key: key)
        #expect(try bench.post("/api/v1/forms", #"{"name": "Contact"}"#, key: key).status == 201)
        let submission = try bench.post("/api/v1/forms/1/submissions", #"{"email": "a@example.com"}"#, key: key)
        #expect(submission["data", "lead_id"] == 1, "\(submission.text)")
        _ = try bench.post("/api/v1/automations", #"{"name": "A", "trigger": {"type": "manual"}}"#, key: key)
        _ = try bench.post("/api/v1/integrations", #"{"type": "zapier", "name": "Zap"}"#, key: key)
        return other
    }

    /// The tables of what a path leads to: of the segment before each id, and of the last.
    private static func tables(in path: String) throws -> [String] {
        let segments = path.split(separator: "/").map(String.init)
        let named = segments.indices.filter { index in
            !segments[index].hasPrefix("{") && (index == segments.endIndex - 1 || segments[index + 1].hasPrefix("{"))
        }
        return try named.compactMap { index in
            try #require(tables[segments[index]], "Say in RouteTests.tables which table holds \(segments[index]).")
        }
    }
}
