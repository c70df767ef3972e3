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
            // As it came, and what had announced it.
            let kept = body.dropLast() + #","announced":{"leadgen_id":"233","page_id":"138"}}"#
            #expect(String(decoding: entry["body"] as Data, as: UTF8.self) == kept)
            #expect(try work.lastError == nil)
        }
    }

    @Test func asksForNothingElseThanTheLead() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            try work.announce("../me?x=1&y#z")
            try work.performJob()
            #expect(
                work.requests.first?.url
                    == "https://graph.example.com/v25.0/%2E%2E%2Fme%3Fx%3D1%26y%23z?\(FacebookLeadAds.query)"
            )
        }
    }

    @Test func makesALeadOnceThatIsAnnouncedTwice() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.reply(200, RunnerBench.lead("233", email: "ada@example.com"))
            for _ in 0..<2 {
                try work.announce("233")
                try work.announce("233")
                while try work.performJob() {}
            }
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
            #expect(try bench.number("SELECT count(*) FROM activity WHERE type = 'received'") == 1)
            #expect(try bench.text("SELECT group_concat(outcome) FROM inbound") == "created,repeated")
        }
    }

    @Test(arguments: Refused.all)
    func saysWhyALeadCannotBeFetched(refused: Refused) throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.answer = refused.answer
            try work.announce("1")
            try work.announce("2")
            try work.performJob()
            let reason = try #require(try work.lastError)
            #expect(reason.contains(refused.reason), "\(reason)")
            let jobs = try work.jobs
            #expect(jobs.map(\.attempts) == [1, 0])
            #expect(jobs[0].error == reason)
            let wait = refused.retryAfter ?? 10
            #expect((wait...wait + 2).contains(jobs[0].wait))
            // What would befall the others alike befalls one alone.
            #expect(jobs[1].wait == (refused.isGeneral ? jobs[0].wait : 0))
            for text in [reason] + bench.lines.all { #expect(!text.contains(RunnerBench.token)) }

            work.now += 2 * wait
            work.reply(200, RunnerBench.lead("1", email: "ada@example.com"))
            while try work.performJob() {}
            #expect(try work.jobs.isEmpty)
            #expect(try work.lastError == nil)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func waitsLongerAndLongerAndGivesUpAfterNinetyDays() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.reply(500, "")
            try work.announce("233")
            var waits: [Int64] = []
            while try work.performJob() {
                guard let wait = try work.jobs.first?.wait else { break }
                waits.append(wait)
                #expect(try bench.number("SELECT count(*) FROM inbound") == 0)
                work.now += wait
            }
            let least: [Int64] = [10, 60, 300, 1_800, 7_200, 21_600, 43_200]
            #expect(zip(waits, least).allSatisfy { ($1...$1 * 6 / 5).contains($0) })
            #expect(waits.dropFirst(7).allSatisfy { (43_200...51_840).contains($0) })
            #expect((90 * 86_400..<91 * 86_400).contains(work.now - Workbench.now))
            let entry = try #require(try Row.fetchOne(bench.database, sql: "SELECT * FROM inbound"))
            #expect(entry["outcome"] == "refused")
            #expect((entry["error"] as String).hasPrefix("Given up: Meta has a failure"))
            #expect(String(decoding: entry["body"] as Data, as: UTF8.self).contains(#""leadgen_id":"233""#))
            #expect(try work.lastError == entry["error"])
            #expect(try work.jobs.isEmpty)
        }
    }

    @Test func keepsWhatCannotBeTakenInTheLedger() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            let body = #"{"id": "233", "field_data": [{"name": "line", "values": ["+33 1 23 45 67"]}]}"#
            work.reply(200, body)
            try work.announce("233")
            try work.performJob()
            #expect(try work.jobs.isEmpty)
            let entry = try #require(try Row.fetchOne(bench.database, sql: "SELECT * FROM inbound"))
            #expect(entry["outcome"] == "refused")
            #expect(String(decoding: entry["body"] as Data, as: UTF8.self).hasPrefix(body.dropLast()))
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
