import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

@Suite struct LimitTests {
    private static let target = "/api/v1/leads"
    private static let now = Workbench.now

    @Test func tellsWhatIsLeft() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], limit: 3)
            for (asked, left) in [(0, 2), (10, 1), (3599, 0)] as [(Int64, Int)] {
                let answer = try bench.get(Self.target, key: key, now: Self.now + asked)
                #expect(answer.status == 200)
                #expect(answer.header("X-RateLimit-Limit") == "3")
                #expect(answer.header("X-RateLimit-Remaining") == "\(left)")
                #expect(answer.header("X-RateLimit-Reset") == "\(Self.now + 3600)")
                #expect(answer.header("RateLimit-Policy") == "\"default\";q=3;w=3600")
                #expect(answer.header("RateLimit") == "\"default\";r=\(left);t=\(3600 - asked)")
                #expect(answer.header("Retry-After") == nil)
            }
        }
    }

    @Test func refusesWhatIsTooMuchAndBeginsAnewAfterAnHour() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], limit: 1)
            #expect(try bench.get(Self.target, key: key).status == 200)
            for asked in [0, 1, 3599] as [Int64] {
                let changes = bench.changes
                let answer = try bench.post(Self.target, #"{"first_name": "A"}"#, key: key, now: Self.now + asked)
                #expect(answer.status == 429)
                #expect(answer.code == "RATE_LIMITED")
                #expect(answer.header("Retry-After") == "\(3600 - asked)")
                #expect(answer.header("X-RateLimit-Limit") == "1")
                #expect(answer.header("X-RateLimit-Remaining") == "0")
                #expect(answer.header("X-RateLimit-Reset") == "\(Self.now + 3600)")
                #expect(bench.changes == changes)
            }
            let next = try bench.get(Self.target, key: key, now: Self.now + 3600)
            #expect(next.status == 200)
            #expect(next.header("X-RateLimit-Remaining") == "0")
            #expect(next.header("X-RateLimit-Reset") == "\(Self.now + 7200)")
        }
    }

    /// The window opens at the key's first request, not at the hour.
    @Test func opensItsWindowAtTheFirstRequest() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], limit: 1)
            let answer = try bench.get(Self.target, key: key, now: Self.now + 1234)
            #expect(answer.header("X-RateLimit-Reset") == "\(Self.now + 4834)")
        }
    }

    @Test(
        arguments: [
            (HTTPRequest.Method.get, "/api/v1/leads", nil, 200),
            (.post, "/api/v1/leads", #"{"first_name": "A"}"#, 201),
            (.options, "/api/v1/leads", nil, 204),
            (.post, "/api/v1/leads", "{", 400),
            (.get, "/api/v1/leads?source=%", nil, 400),
            (.get, "/api/v1/leads/99", nil, 404),
            (.get, "/api/v1/nowhere", nil, 404),
            (.get, "/api/v1/%", nil, 400),
            (.put, "/api/v1/leads", "{}", 405),
            (.post, "/api/v1/leads", "{}", 422),
            (.get, "/api/v1/leads?page=0", nil, 422),
        ] as [(HTTPRequest.Method, String, String?, Int)])
    func countsEveryAnswer(method: HTTPRequest.Method, target: String, body: String?, status: Int) throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], limit: 10)
            let answer = try bench.send(method, target, body, key: key)
            #expect(answer.status == status, "\(answer.text)")
            #expect(answer.header("X-RateLimit-Remaining") == "9")
            let next = try bench.get(Self.target, key: key)
            #expect(next.header("X-RateLimit-Remaining") == "8")
        }
    }

    @Test func countsWhatLacksAScope() throws {
        try Workbench.run { bench in
            let key = try bench.key(["read:tags"], limit: 10)
            let answer = try bench.get(Self.target, key: key)
            #expect(answer.status == 403)
            #expect(answer.header("X-RateLimit-Remaining") == "9")
        }
    }

    @Test func countsEachKeyAlone() throws {
        try Workbench.run { bench in
            let (one, two) = (try bench.key(["*"], limit: 1), try bench.key(["*"], limit: 1))
            #expect(try bench.get(Self.target, key: one).status == 200)
            #expect(try bench.get(Self.target, key: one).status == 429)
            #expect(try bench.get(Self.target, key: two).status == 200)
        }
    }

    @Test func closesAKeyWhoseLimitIsNothing() throws {
        try Workbench.run { bench in
            let answer = try bench.get(Self.target, key: try bench.key(["*"], limit: 0))
            #expect(answer.status == 429)
            #expect(answer.header("X-RateLimit-Limit") == "0")
            #expect(answer.header("X-RateLimit-Remaining") == "0")
        }
    }

    @Test func countsNothingOfWhatNeedsNoKey() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], limit: 1)
            let health = try bench.get("/api/v1/health", key: key)
            #expect(health.status == 200)
            #expect(health.header("X-RateLimit-Limit") == nil)
            #expect(try bench.get(Self.target, key: key).header("X-RateLimit-Remaining") == "0")
        }
    }
}
