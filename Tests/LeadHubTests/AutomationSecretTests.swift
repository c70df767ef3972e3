import Foundation
import HTTP
import HTTPTypes
import Store
import Testing

@testable import LeadHub

/// The secrets of an automation's webhooks go in and never come out.
@Suite struct AutomationSecretTests {
    private static let target = "/api/v1/automations"
    private static let later = Workbench.now + 60
    private static let (a, b) = ("https://a.example/hook", "https://b.example/hook")
    private static let (first, second) = ("first-secret-of-1111", "second-secret-of-1111")
    private static let mask = "********1111"

    // MARK: - Out it reads as a mask

    @Test func standsInNoFileNoLogAndNoAnswer() throws {
        try Workbench.run { bench in
            let body = Self.body([Self.webhook(Self.a, Self.first), Self.note, Self.webhook(Self.b, Self.second)])
            let made = try bench.send(.post, Self.target, body, key: bench.key, fields: [.idempotencyKey: "a"])
            try #require(made.status == 201, "\(made.text)")
            #expect(
                made["data", "steps", "0"]?.minified
                    == #"{"type":"action","action":"send_webhook","config":{"url":"\#(Self.a)","secret":"\#(Self.mask)"}}"#
            )
            #expect(made["data", "steps", "2", "config", "secret"]?.string == Self.mask)
            var answers = [made, try bench.get(Self.target), try bench.get("\(Self.target)/1")]
            for method in [HTTPRequest.Method.put, .patch] {
                answers.append(try bench.send(method, "\(Self.target)/1", body, key: bench.key))
            }
            answers.append(
                try bench.send(.post, Self.target, body, key: bench.key, fields: [.idempotencyKey: "a"]))
            answers.append(try bench.post(Self.target, body.replacing("https://b", with: "ftp://b")))
            #expect(answers.map(\.status) == [201, 200, 200, 200, 200, 201, 422])
            let files = try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
            #expect(files.contains("leadhub.db") && files.contains("leadhub.db-wal"))
            for secret in [Self.first, Self.second] {
                for answer in answers { #expect(!answer.text.contains(secret)) }
                for file in files {
                    let bytes = try Data(contentsOf: bench.folder.appending(path: file))
                    #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(file)")
                }
                for line in bench.lines.all { #expect(!line.contains(secret)) }
            }
            #expect(try Self.kept(bench) == [Self.first, nil, Self.second])
        }
    }

    @Test func isNoneWhereNoneIsGiven() throws {
        try Workbench.run { bench in
            let made = try bench.automation(
                steps: #"[\#(Self.webhook(Self.a, nil)), \#(Self.webhook(Self.b, " "))]"#,
            )
            #expect(made.status == 201, "\(made.text)")
            for step in ["0", "1"] { #expect(made["data", "steps", step, "config", "secret"] == .null) }
            #expect(try Self.kept(bench) == [nil, nil])
            #expect(try bench.text("SELECT secrets FROM automation") == "{}")
        }
    }

    @Test(arguments: [(255, 201), (256, 422)])
    func isAtMostSoLong(length: Int, status: Int) throws {
        try Workbench.run { bench in
            let secret = String(repeating: "é", count: length)
            let made = try bench.automation(steps: "[\(Self.webhook(Self.a, secret))]")
            #expect(made.status == status, "\(made.text)")
            guard status == 201 else {
                return #expect(made["errors"]?.names == ["steps.0.config.secret"])
            }
            #expect(try Self.kept(bench) == [secret])
        }
    }

    // MARK: - The mask sent back leaves it

    @Test func survivesWhatWasReadAndSentBack() throws {
        try Workbench.run { bench in
            let made = try bench.automation(
                steps: "[\(Self.webhook(Self.a, Self.first)), \(Self.webhook(Self.b, Self.second))]"
            )
            let secrets = try bench.text("SELECT secrets FROM automation")
            for method in [HTTPRequest.Method.put, .patch] {
                let whole = try #require(made["data"]).minified
                let answer = try bench.send(method, "\(Self.target)/1", whole, key: bench.key, now: Self.later)
                #expect(answer.text == made.text)
            }
            let renamed = try bench.send(.patch, "\(Self.target)/1", #"{"name": "B"}"#, key: bench.key)
            #expect(renamed["data", "steps"] == made["data", "steps"])
            #expect(try bench.text("SELECT secrets FROM automation") == secrets)
            #expect(try Self.kept(bench) == [Self.first, Self.second])
        }
    }

    /// Steps as they come, and the secrets that they then have.
    static let changes: [(steps: [String], secrets: [String?])] = [
        // In another order, with something between, and one of them gone.
        ([webhook(b, mask), webhook(a, mask)], [second, first]),
        ([note, webhook(b, mask), note, webhook(a, mask)], [nil, second, nil, first]),
        ([webhook(b, mask)], [second]),
        // The address of one changes, or that of both: what its own address does not say, the order says.
        ([webhook("https://c.example", mask), webhook(b, mask)], [first, second]),
        ([webhook(b, mask), webhook("https://c.example", mask)], [second, first]),
        ([webhook("https://c.example", mask), webhook("https://d.example", mask)], [first, second]),
        // A copy has the secret of what it was copied from.
        ([webhook(b, mask), webhook(b, mask), webhook(a, mask)], [second, first, first]),
        ([webhook(a, mask), webhook(b, mask), webhook(b, mask)], [first, second, first]),
        // Another secret, a new one with the same end, and none.
        ([webhook(a, "third-secret-of-3333"), webhook(b, mask)], ["third-secret-of-3333", second]),
        ([webhook(a, "third-secret-of-1111"), webhook(b, mask)], ["third-secret-of-1111", second]),
        ([webhook(a, nil), webhook(b, mask)], [nil, second]),
        ([note], [nil]), ([], []),
    ]

    @Test(arguments: changes)
    func staysWithItsStep(steps: [String], secrets: [String?]) throws {
        try Workbench.run { bench in
            _ = try bench.automation(
                steps: "[\(Self.webhook(Self.a, Self.first)), \(Self.webhook(Self.b, Self.second))]"
            )
            let body = Self.body(steps)
            let answer = try bench.send(.patch, "\(Self.target)/1", body, key: bench.key, now: Self.later)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer["data", "updated_at"] == "2026-09-21T14:14:20+00:00")
            #expect(try Self.kept(bench) == secrets)
            let shown = answer["data", "steps"]?.elements.map { $0["config"]?["secret"]?.string }
            #expect(shown == secrets.map { $0.map(Mask.of) })
            let sealed = try JSONValue(reading: try #require(try bench.text("SELECT secrets FROM automation")))
            #expect(sealed.names.count == secrets.compactMap { $0 }.count)
        }
    }

    /// Nothing tells them apart but their order.
    @Test func staysInPlaceWhereAddressesAreTheSame() throws {
        try Workbench.run { bench in
            _ = try bench.automation(
                steps: "[\(Self.webhook(Self.a, Self.first)), \(Self.webhook(Self.a, Self.second))]"
            )
            let body = Self.body([Self.webhook(Self.a, Self.mask), Self.note, Self.webhook(Self.a, Self.mask)])
            #expect(try bench.send(.patch, "\(Self.target)/1", body, key: bench.key).status == 200)
            #expect(try Self.kept(bench) == [Self.first, nil, Self.second])
        }
    }

    @Test func refusesMasksThatStandForNothing() throws {
        try Workbench.run { bench in
            let message = "must be the secret itself, not its mask."
            let none = Self.body([Self.note, Self.webhook(Self.a, Self.mask)])
            let created = try bench.post(Self.target, none)
            #expect(created.status == 422)
            #expect(
                created["errors"]?.minified
                    == #"{"steps.1.config.secret":["The steps.1.config.secret field \#(message)"]}"#
            )
            _ = try bench.automation(steps: "[\(Self.webhook(Self.a, Self.first)), \(Self.webhook(Self.b, nil))]")
            let other = try bench.post(Self.target, Self.body([Self.webhook(Self.a, "other-secret-of-2222")]))
            #expect(other.status == 201)
            for mask in ["********2222", "********", "********1112", " \(Self.mask)"] {
                let body = Self.body([Self.webhook(Self.a, Self.mask), Self.webhook(Self.b, mask)])
                for method in [HTTPRequest.Method.put, .patch] {
                    let answer = try bench.send(method, "\(Self.target)/1", body, key: bench.key)
                    #expect(answer.status == 422, "\(answer.text)")
                    #expect(answer["errors"]?.names == ["steps.1.config.secret"])
                }
            }
            #expect(try Self.kept(bench) == [Self.first, nil])
        }
    }

    /// What else is wrong in such a step is found all the same.
    @Test func checksWhatStandsBesideAMask() throws {
        try Workbench.run { bench in
            _ = try bench.automation(steps: "[\(Self.webhook(Self.a, Self.first))]")
            for (url, path) in [("ftp://a.example", "steps.0.config.url"), ("", "steps.0.config.url")] {
                let body = Self.body([Self.webhook(url, Self.mask)])
                let answer = try bench.send(.patch, "\(Self.target)/1", body, key: bench.key)
                #expect(answer.status == 422, "\(answer.text)")
                #expect(answer["errors"]?.names == [path])
            }
        }
    }

    // MARK: - On disk it is sealed

    @Test func opensForItsOwnAutomationAlone() throws {
        try Workbench.run { bench in
            for secret in [Self.first, Self.second] {
                _ = try bench.automation(steps: "[\(Self.webhook(Self.a, secret))]")
            }
            #expect(try bench.text("SELECT secrets FROM automation")?.hasPrefix(#"{"0":"v1."#) == true)
            try bench.execute(
                "UPDATE automation SET secrets = (SELECT secrets FROM automation WHERE id = 1) WHERE id = 2"
            )
            #expect(try Self.kept(bench) == [Self.first])
            #expect(throws: SecretsError.self) { try Self.kept(bench, of: 2) }
        }
    }

    @Test func needsTheKeyOnlyWhereItIsSealed() throws {
        try Workbench.run { bench in
            let made = try bench.automation(steps: "[\(Self.webhook(Self.a, Self.first))]")
            let keyless = try bench.restarted(keyFile: nil)
            #expect(try keyless.get("\(Self.target)/1").text == made.text)
            let body = Self.body([Self.note, Self.webhook(Self.a, Self.mask)])
            let moved = try keyless.send(.patch, "\(Self.target)/1", body, key: bench.key)
            #expect(moved.status == 200, "\(moved.text)")
            #expect(try Self.kept(bench) == [nil, Self.first])
            for (method, target) in [(HTTPRequest.Method.post, Self.target), (.patch, "\(Self.target)/1")] {
                let body = Self.body([Self.webhook(Self.a, "third-secret-of-3333")])
                let refused = try keyless.send(method, target, body, key: bench.key)
                #expect(refused.status == 503, "\(refused.text)")
            }
            #expect(try Self.kept(bench) == [nil, Self.first])
            #expect(try bench.number("SELECT count(*) FROM automation") == 1)
        }
    }

    // MARK: - Writing steps

    private static let note = #"{"type": "action", "action": "add_note", "config": {"text": "Hi"}}"#

    private static func webhook(_ url: String, _ secret: String?) -> String {
        let member = secret.map { #", "secret": "\#($0)""# } ?? ""
        return #"{"type": "action", "action": "send_webhook", "config": {"url": "\#(url)"\#(member)}}"#
    }

    private static func body(_ steps: [String]) -> String {
        #"{"name": "A", "trigger": {"type": "manual"}, "steps": [\#(steps.joined(separator: ", "))]}"#
    }

    /// The steps' secrets as they are.
    private static func kept(_ bench: Workbench, of id: Int64 = 1) throws -> [String?] {
        let secrets = try Secrets.read(bench.folder.path + "/secret-key").get()
        let steps = try Automation.steps(of: id, workspace: bench.workspace, secrets, bench.database)
        return steps.map { $0["config"]?["secret"]?.string }
    }
}
