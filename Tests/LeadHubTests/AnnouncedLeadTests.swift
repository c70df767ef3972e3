import HTTP
import HTTPTypes
import Outgoing
import Testing

@testable import LeadHub

/// What Meta announces, from its message to the lead, and all that can be wrong on the way.
@Suite struct AnnouncedLeadTests {
    /// Lets Meta send changes of a page to the first integration.
    private static func send(_ changes: String, _ bench: Workbench) throws -> Answer {
        let shown = try bench.get("/api/v1/integrations/1")
        let body = #"{"object": "page", "entry": [\#(changes)]}"#
        let fields = try Recording("facebook_lead_ads", "leads.json").signature(
            of: Array(body.utf8), at: 0, secret: "s")
        return try bench.deliver(body, to: try bench.path(of: shown["data", "inbound_url"]), fields)
    }

    private static func change(_ id: String, _ more: String = "") -> String {
        #"{"changes": [{"field": "leadgen", "value": {"leadgen_id": "\#(id)"\#(more)}}]}"#
    }

    @Test(arguments: [
        #"{"changes": [{"field": "leadgen"}]}"#, change(""), change(" "),
        #"{"changes": [{"field": "leadgen", "value": {}}]}"#, #""text""#, #"{"changes": null}"#,
        #"{"changes": ["text"]}"#,
    ])
    func takesTheGoodBesideTheBad(bad: String) throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            #expect(try Self.send(bad, bench).status == 422)
            #expect(try work.jobs.isEmpty)
            let answer = try Self.send("\(bad), \(Self.change("1")), \(bad), \(Self.change("2"))", bench)
            #expect(answer["status"] == "queued", "\(answer.text)")
            #expect(try work.jobs.count == 2)
            let row = try bench.get("/api/v1/inbound/2")
            #expect(row["data", "outcome"] == "queued")
            #expect(row["data", "error"]?.string?.contains("entry.0") == true)
            #expect(row["data", "error"]?.string?.contains("entry.2") == true)
            #expect(try work.lastError == row["data", "error"]?.string)
            #expect(try bench.replay(2)["data", "outcome"] == "queued")
            #expect(try work.jobs.count == 2)
            #expect(try bench.replay(1).status == 422)
        }
    }

    @Test func losesNothingOfTheAnnouncementOnAReplay() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            let said = #", "page_id": "138", "form_id": "7", "ad_id": 9, "created_time": 1630087926"#
            let answers = #"[{"name": "line", "values": ["+33 1 23 45 67 89"]}, {"name": "plan", "values": ["A"]}]"#
            work.reply(200, #"{"id": "1", "form_id": "8", "field_data": \#(answers)}"#)
            _ = try Self.send(Self.change("1", said), bench)
            try work.performJob()
            #expect(try bench.leads == 0)
            try bench.configure(#"{"field_map": {"phone": "line"}}"#)
            #expect(try bench.replay(2)["data", "outcome"] == "created")

            // Directly, as another lead.
            work.reply(200, #"{"id": "2", "form_id": "8", "field_data": \#(answers.replacing("+33", with: "+34"))}"#)
            _ = try Self.send(Self.change("2", said), bench)
            try work.performJob()
            let (replayed, direct) = (try bench.shown(1)["custom_fields"], try bench.shown(2)["custom_fields"])
            #expect(direct?["page_id"] == "138")
            #expect(direct?["form_id"] == "8")
            #expect(direct?["created_time"] == 1_630_087_926)
            #expect(direct?["leadgen_id"] == "2")
            #expect(replayed?.with(("leadgen_id", "2")) == direct)
            // It is the same lead to Meta's own repetitions.
            _ = try Self.send(Self.change("1", said), bench)
            #expect(try !work.performJob())
        }
    }

    @Test func keepsTheErrorWhileALeadWaitsForIt() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.answer = { request throws(OutgoingError) in
                let isKnown = request.url.contains("/2?")
                let body = isKnown ? RunnerBench.lead("2", email: "b@example.com") : #"{"error": {"code": 100}}"#
                return OutgoingAnswer(status: isKnown ? 200 : 400, body: Array(body.utf8), retryAfter: nil)
            }
            _ = try Self.send("\(Self.change("1")), \(Self.change("2"))", bench)
            while try work.performJob() {}
            #expect(try bench.leads == 1)
            #expect(try work.lastError?.contains("does not know the lead") == true)
            _ = try Self.send(Self.change("3"), bench)
            #expect(try work.lastError?.contains("does not know the lead") == true)
            work.reply(200, RunnerBench.lead("1", email: "a@example.com"))
            work.now += 20
            while try work.performJob() {}
            #expect(try work.lastError == nil)
        }
    }

    @Test(arguments: ["token", "replay", "switch"])
    func waitsNoLongerOnceItIsMended(how: String) throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.reply(400, #"{"error": {"code": 190}}"#)
            _ = try Self.send("\(Self.change("1")), \(Self.change("2"))", bench)
            while try work.performJob() {}
            #expect(try work.jobs.allSatisfy { $0.wait > 0 })
            let target = "/api/v1/integrations/1"
            #expect(try bench.send(.patch, target, #"{"name": "Other"}"#, key: bench.key).status == 200)
            #expect(try work.jobs.allSatisfy { $0.wait > 0 })
            switch how {
            case "token": try bench.configure(#"{"access_token": "another"}"#)
            case "replay": #expect(try bench.replay(1).status == 200)
            default: #expect(try bench.send(.patch, target, #"{"is_active": true}"#, key: bench.key).status == 200)
            }
            #expect(try work.jobs.map(\.wait) == [0, 0])
        }
    }

    @Test func saysOfWhatWaitsThatTheIntegrationIsGone() throws {
        try Workbench.run { bench in
            let work = try RunnerBench(bench)
            work.reply(200, RunnerBench.lead("1", email: "a@example.com"))
            _ = try Self.send(Self.change("1"), bench)
            try work.performJob()
            _ = try Self.send(Self.change("2"), bench)
            #expect(try bench.send(.delete, "/api/v1/integrations/1", key: bench.key).status == 204)
            #expect(try work.jobs.isEmpty)
            let kept = try bench.ledger().map { $0.prefix(while: { $0 != "{" }) }
            #expect(kept == ["queued - - ", "created 1 - ", "refused - The integration is gone. "])
        }
    }

    // MARK: - Its config

    @Test(arguments: [
        ("https://graph.example.com/v25.0", true), ("HTTPS://graph.example.com", true), ("http://localhost:9", true),
        ("http://127.0.0.1:9000/v25.0", true), ("http://[::1]/", true), ("http://graph.example.com/v25.0", false),
        ("https://graph.example.com/v25.0?x=1", false), ("https://graph.example.com/#x", false),
        ("https://graph.example.com/?\u{301}x", false), ("https://graph.example.com/#\u{200D}x", false),
        ("http://127.0.0.1.example.com/", false), ("http://localhost.example.com/", false),
        ("http://127.0.0.1@example.com/", false),
    ])
    func asksOverTLSAlone(address: String, isTaken: Bool) throws {
        try Workbench.run { bench in
            _ = try RunnerBench(bench)
            let body = #"{"config": {"graph_url": "\#(address)", "access_token": "another-token"}}"#
            let answer = try bench.send(.patch, "/api/v1/integrations/1", body, key: bench.key)
            #expect(answer.status == (isTaken ? 200 : 422), "\(answer.text)")
        }
    }

    /// Whoever may change integrations could else have the token sent to himself.
    @Test func changesTheAddressOnlyWithTheToken() throws {
        try Workbench.run { bench in
            _ = try RunnerBench(bench)
            let before = try #require(try bench.get("/api/v1/integrations/1")["data", "config"])
            let mask = try #require(before["access_token"]?.string)
            for config in [
                #"{"graph_url": "https://evil.example"}"#, #"{"graph_url": null}"#,
                #"{"graph_url": "https://evil.example", "access_token": "\#(mask)"}"#,
                #"{"graph_url": "https://evil.example", "app_secret": "known"}"#,
            ] {
                let answer = try bench.send(
                    .patch, "/api/v1/integrations/1", #"{"config": \#(config)}"#, key: bench.key,
                )
                #expect(answer.status == 422)
                #expect(
                    answer["errors"]?.minified == """
                        {"config.access_token":["The config.access token field is required when the config.graph url \
                        field changes."]}
                        """
                )
            }
            #expect(try bench.get("/api/v1/integrations/1")["data", "config"] == before)
            try bench.configure(#"{"graph_url": "https://graph.example.com", "access_token": "new"}"#)
            try bench.configure(#"{"graph_url": "https://graph.example.com"}"#)
        }
    }

    @Test func keepsSecretsAsTheyWereSent() throws {
        try Workbench.run { bench in
            let secret = " e\u{301}\u{212B} "
            let path = try bench.source("typeform", ["secret": .string(secret)])
            let body = #"{"form_response": {"token": "T", "answers": [], "hidden": {"email": "a@example.com"}}}"#
            let recording = Recording("typeform", "response.json")
            let fields = try recording.signature(of: Array(body.utf8), at: 0, secret: secret)
            #expect(try bench.deliver(body, to: path, fields)["status"] == "created")
            try bench.configure(JSONValue.object(JSONObject([("secret", .string(Mask.of(secret)))])).minified)
            #expect(try bench.deliver(body, to: path, fields)["status"] == "created")
            for blank in ["", " "] {
                let config = #"{"config": {"secret": "\#(blank)"}}"#
                #expect(try bench.send(.patch, "/api/v1/integrations/1", config, key: bench.key).status == 422)
            }
            _ = try RunnerBench(bench)
            let token = #"{"config": {"access_token": "abc\n"}}"#
            #expect(try bench.send(.patch, "/api/v1/integrations/2", token, key: bench.key).status == 422)
        }
    }
}
