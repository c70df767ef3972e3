import Foundation
import GRDB
import HTTP
import Outgoing
import Testing

@testable import LeadHub

@Suite struct RunnerTests {
    @Test func fetchesWhatWasAnnounced() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            let body = RunnerBench.lead("233", email: "ada@example.com")
            work.reply(200, body)
            try work.announce("233")
            #expect(try work.performJob())
            #expect(try !work.performJob())

            #expect(work.requests.count == 1)
            let request = try #require(work.requests.first)
            #expect(request.url == "https://graph.example.com/v25.0/233?\(FacebookLeadAds.query)")
            #expect(request.fields.contains { $0 == ("Authorization", "Bearer \(RunnerBench.token)") })
            #expect(!request.url.contains(RunnerBench.token))
            #expect(try bench.number("SELECT count(*) FROM lead WHERE email = 'ada@example.com'") == 1)
            #expect(try work.jobs.isEmpty)
            let entry = try #require(try Row.fetchOne(bench.database, sql: "SELECT * FROM inbound"))
            #expect(entry["outcome"] == "created")
            #expect(entry["integration_id"] == work.integration)
            #expect(entry["content_type"] == "application/json")
            #expect(String(decoding: entry["body"] as Data, as: UTF8.self) == body)
            #expect((entry["error"] as String).contains("email"))
            #expect(try work.lastError == entry["error"])
            #expect(try bench.number("SELECT count(*) FROM lead") == 0)

            let map = #"{"config": {"field_map": {"phone": "line"}}}"#
            #expect(try bench.send(.patch, "/api/v1/integrations/1", map, key: bench.key).status == 200)
            let again = try bench.post("/api/v1/inbound/\(entry["id"] as Int64)/replay", "")
            #expect(again["data", "outcome"] == "created", "\(again.text)")
            #expect(try bench.text("SELECT phone FROM lead") == "+33 1 23 45 67")
            #expect(work.requests.count == 1)
        }
    }

    @Test func waitsWhileTheIntegrationIsSwitchedOff() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.reply(200, RunnerBench.lead("233", email: "ada@example.com"))
            try work.announce("233")
            try bench.execute("UPDATE integration SET is_active = 0")
            try work.performJob()
            #expect(work.requests.isEmpty)
            #expect(try work.jobs.first?.error == "The integration is switched off.")
            try bench.execute("UPDATE integration SET is_active = 1")
            work.now += 12
            try work.performJob()
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func forgetsWhatAnIntegrationAnnouncedThatIsGone() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("233")
            #expect(try bench.send(.delete, "/api/v1/integrations/1", key: bench.key).status == 204)
            try work.performJob()
            #expect(work.requests.isEmpty)
            #expect(try work.jobs.isEmpty)
        }
    }

    @Test(arguments: [nil, "leadhub.conf"])
    func saysThatThereIsNoKeyForSecrets(file: String?) throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("233")
            #expect(try work.runner(keyFile: file).performJob())
            #expect(work.requests.isEmpty)
            #expect(try work.lastError?.contains("no key that fits its secrets") == true)
            #expect(try work.jobs.first?.attempts == 1)
        }
    }

    @Test func leavesTheLeadsOfOtherIntegrationsAlone() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            // 1 and 10 begin alike.
            let others = try (2...10).map { _ in try RunnerBench.integration(bench) }
            work.reply(500, "")
            for source in [work.integration] + others { try work.announce("233", of: source) }
            try work.announce("234", of: work.integration)
            try work.performJob()
            #expect(try work.jobs.map { $0.wait > 0 } == [true] + others.map { _ in false } + [true])
        }
    }
}
