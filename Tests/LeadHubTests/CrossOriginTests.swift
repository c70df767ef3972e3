import HTTP
import HTTPTypes
import Store
import Testing

@testable import LeadHub

/// Which web pages may call from a browser (https://fetch.spec.whatwg.org).
@Suite struct CrossOriginTests {
    private static let leads = "/api/v1/leads"
    private static let page = "https://app.example.com"
    private static let exposed = [
        "ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-RateLimit-Limit",
        "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id",
    ]

    @Test func allowsNobodyUnlessOriginsAreListed() throws {
        for list in [nil, "", ",", " , "] {
            try run(list) { worker in
                for origin in [nil, Self.page, "null", "*", ""] {
                    let answer = try send(.get, worker, origin: origin)
                    #expect(answer.status == 200)
                    expectNothing(answer)
                    #expect(answer.header("Vary") == nil)
                    let preflight = try send(.options, worker, origin: origin, asksFor: "GET", key: nil)
                    #expect(preflight.status == 401)
                    expectNothing(preflight)
                }
            }
        }
    }

    @Test func allowsEveryPageToSendAForm() throws {
        try run(nil) { worker in
            let form = "/api/inbound/forms/lhf_unknown"
            let preflight = try send(.options, worker, form, origin: Self.page, asksFor: "POST", key: nil)
            #expect(preflight.status == 204)
            #expect(preflight.header("Access-Control-Allow-Origin") == Self.page)
            let answer = try send(.post, worker, form, origin: Self.page, key: nil)
            #expect(answer.status == 401)
            #expect(answer.header("Access-Control-Allow-Origin") == Self.page)
            #expect(answer.header("Vary") == "Origin")
            let other = "/api/inbound/integrations/lhi_unknown"
            expectNothing(try send(.post, worker, other, origin: Self.page, key: nil))
        }
    }

    /// What is listed, who asks, and whether that is allowed.
    @Test(
        arguments: [
            (page, page, true), (page, "https://other.example.com", false), (page, "http://app.example.com", false),
            (page, "https://app.example.com:8443", false), (page, "https://app.example.com.evil.com", false),
            (page, "null", false), (page, "", false), (page, "*", false), (page, "HTTPS://APP.EXAMPLE.COM", false),
            (page, page + "/", false), (page, "\(page),https://evil.com", false), (page, nil, false),
            ("https://a.example, \(page) ,https://b.example", page, true),
            ("https://a.example,\(page)", "https://a.example", true),
            ("https://a.example,\(page)", "https://a.example,\(page)", false),
            ("*", page, true), ("*", "null", true), ("*", nil, false), ("https://a.example,*", page, true),
        ] as [(String, String?, Bool)])
    func allowsThoseThatAreListed(list: String, origin: String?, isAllowed: Bool) throws {
        try run(list) { worker in
            let answer = try send(.get, worker, origin: origin)
            #expect(answer.status == 200)
            #expect(answer.header("Vary") == "Origin", "a cache must keep the answers to two origins apart")
            let preflight = try send(.options, worker, origin: origin, asksFor: "PATCH", key: nil)
            #expect(preflight.header("Vary") == "Origin")
            #expect(preflight.status == (isAllowed ? 204 : 401))
            guard isAllowed else {
                expectNothing(answer)
                expectNothing(preflight)
                return
            }
            for allowed in [answer, preflight] {
                #expect(allowed.header("Access-Control-Allow-Origin") == origin)
                #expect(allowed.header("Access-Control-Allow-Credentials") == nil)
            }
            let names = try #require(answer.header("Access-Control-Expose-Headers")).split(separator: ", ").map(
                String.init)
            #expect(names == Self.exposed)
        }
    }

    @Test(arguments: [
        ("/api/v1/leads", ["GET", "HEAD", "OPTIONS", "POST"]),
        ("/api/v1/leads/1", ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"]),
        ("/api/v1/leads/1/tags", ["OPTIONS", "POST"]), ("/api/v1/leads/1/tags/a%2Fb", ["DELETE", "OPTIONS"]),
        ("/api/v1/leads/1/activities?page=1", ["GET", "HEAD", "OPTIONS"]),
        ("/api/v1/health", ["GET", "HEAD", "OPTIONS"]),
    ])
    func answersThePreflightWithoutAKey(target: String, methods: [String]) throws {
        try run(Self.page) { worker in
            let answer = try send(.options, worker, target, origin: Self.page, asksFor: "PUT", key: nil)
            #expect(answer.status == 204)
            #expect(answer.text == "")
            #expect(answer.header("X-RateLimit-Limit") == nil)
            #expect(answer.header("X-Request-Id") == "worker-request")
            #expect(answer.header("Access-Control-Max-Age") == "3600")
            let allowed = try #require(answer.header("Access-Control-Allow-Methods"))
            #expect(allowed.split(separator: ", ").map(String.init).sorted() == methods)
            let headers = try #require(answer.header("Access-Control-Allow-Headers"))
            for name in ["Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match"] {
                #expect(headers.split(separator: ", ").contains(Substring(name)))
            }
        }
    }

    /// A preflight opens nothing, and OPTIONS that is none needs a key like everything else.
    @Test func letsNothingElseThroughWithoutAKey() throws {
        try run("*") { worker in
            #expect(try send(.options, worker, origin: Self.page, key: nil).status == 401)
            #expect(try send(.get, worker, origin: Self.page, asksFor: "GET", key: nil).status == 401)
            #expect(try send(.post, worker, origin: Self.page, asksFor: "POST", key: nil).status == 401)
            let options = try send(.options, worker, origin: Self.page)
            #expect(options.status == 204)
            #expect(options.header("Allow") == "GET, POST, HEAD, OPTIONS")
            #expect(options.header("Access-Control-Allow-Methods") == nil)
        }
    }

    /// A page must be able to read why it was refused.
    @Test(arguments: [
        (leads + "?page=0", true, 422), (leads + "/9", true, 404), ("/nowhere", true, 404), ("/%", true, 400),
        (leads, false, 401), ("/nowhere", false, 401),
    ])
    func letsThePageReadRefusals(target: String, hasKey: Bool, status: Int) throws {
        try run(Self.page) { worker in
            let answer = try send(.get, worker, target, origin: Self.page, key: hasKey ? worker.key : nil)
            #expect(answer.status == status)
            #expect(answer.header("Access-Control-Allow-Origin") == Self.page)
            #expect(answer.header("Access-Control-Expose-Headers") == Self.exposed.joined(separator: ", "))
            #expect(answer.header("Vary") == "Origin")
        }
    }

    private func expectNothing(_ answer: Answer) {
        for field in answer.fields {
            #expect(!field.name.canonicalName.hasPrefix("access-control-"), "\(field)")
        }
    }

    private func run(_ list: String?, _ body: (OtherWorker) throws -> Void) throws {
        try Workbench.run { bench in
            let settings = list.map { ["LEADHUB_CORS_ORIGINS": $0] } ?? [:]
            try Workbench.worker(
                in: bench.folder, key: bench.key, settings: settings, on: bench.connection, body,
            )
        }
    }

    /// Asks with the worker's own key, where none is named.
    private func send(
        _ method: HTTPRequest.Method, _ worker: OtherWorker, _ target: String = leads, origin: String?,
        asksFor wanted: String? = nil, key: String? = "own",
    ) throws -> Answer {
        var fields = HTTPFields()
        fields[.origin] = origin
        fields[.accessControlRequestMethod] = wanted
        return try worker.send(method, target, key: key == "own" ? worker.key : key, fields: fields)
    }
}
