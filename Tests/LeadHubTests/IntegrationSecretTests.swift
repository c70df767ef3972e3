import Foundation
import GRDB
import HTTP
import HTTPTypes
import Logging
import Store
import Testing

@testable import LeadHub

/// What goes into an integration and never comes out.
@Suite struct IntegrationSecretTests {
    private static let target = "/api/v1/integrations"
    private static let webhook = #"""
        {"type": "webhook", "name": "Hook", "config": {"url": "https://example.com/hook", "events": ["lead.created"],
        "secret": "first-secret-of-1111"}}
        """#

    @Test(arguments: IntegrationSample.all)
    func standsInNoFileNoLogAndNoAnswer(_ sample: IntegrationSample) throws {
        try Workbench.run { bench in
            var answers = [
                try bench.send(
                    .post, Self.target, sample.body, key: bench.key, fields: [.idempotencyKey: "a"],
                )
            ]
            try #require(answers[0].status == 201, "\(answers[0].text)")
            let whole = try #require(answers[0]["data"]).minified
            answers.append(try bench.send(.put, "\(Self.target)/1", whole, key: bench.key))
            answers.append(
                try bench.send(.patch, "\(Self.target)/1", #"{"config": \#(sample.config)}"#, key: bench.key))
            answers.append(try bench.post(Self.target, sample.body.replacing("Sample", with: "")))
            answers.append(try bench.get(Self.target))
            answers.append(try bench.get("\(Self.target)/1"))
            var hidden = [IntegrationSample.secret]
            if let url = answers[0]["data", "inbound_url"]?.string { hidden.append(String(url.suffix(44))) }
            for answer in answers { #expect(!answer.text.contains(IntegrationSample.secret)) }
            for name in try FileManager.default.contentsOfDirectory(atPath: bench.folder.path)
            where name != "secret-key" {
                let bytes = try Data(contentsOf: bench.folder.appending(path: name))
                for secret in hidden { #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(name)") }
            }
            for line in bench.lines.all { #expect(!hidden.contains { line.contains($0) }) }
            let config = try Self.config(1, bench)
            for name in sample.secrets {
                #expect(config[name]?.string?.hasSuffix(IntegrationSample.secret) == true, "\(name)")
            }
        }
    }

    @Test func changesOnlyWhereNoMaskIsSent() throws {
        try Workbench.run { bench in
            try #require(try bench.post(Self.target, Self.webhook).status == 201)
            #expect(try Self.shown(bench) == ["********1111", nil])
            #expect(try Self.kept(bench) == ["first-secret-of-1111", nil])

            // The old one stays beside the new one until receivers know that.
            try Self.patch(bench, #"{"secret": "other-secret-of-2222", "previous_secret": "first-secret-of-1111"}"#)
            #expect(try Self.shown(bench) == ["********2222", "********1111"])
            #expect(try Self.kept(bench) == ["other-secret-of-2222", "first-secret-of-1111"])

            try Self.patch(bench, #"{"url": "https://example.com/other"}"#)
            try Self.patch(bench, #"{"secret": "********2222"}"#)
            #expect(try Self.kept(bench) == ["other-secret-of-2222", "first-secret-of-1111"])
            #expect(try bench.get("\(Self.target)/1")["data", "config", "url"] == "https://example.com/other")

            try Self.patch(bench, #"{"previous_secret": null}"#)
            #expect(try Self.shown(bench) == ["********2222", nil])
            #expect(try Self.kept(bench) == ["other-secret-of-2222", nil])
            #expect(try bench.text("SELECT secrets FROM integration")?.contains("previous") == false)
        }
    }

    @Test(arguments: ["********9999", "********", " ********2222", "********1111 "])
    func refusesMasksThatAreNotItsOwn(mask: String) throws {
        try Workbench.run { bench in
            try #require(try bench.post(Self.target, Self.webhook.replacing("1111", with: "3333")).status == 201)
            for member in ["secret", "previous_secret"] {
                let body = #"{"config": {"\#(member)": "\#(mask)"}}"#
                let answer = try bench.send(.patch, "\(Self.target)/1", body, key: bench.key)
                #expect(answer.status == 422, "\(answer.text)")
                #expect(answer["errors"]?.names == ["config.\(member)"])
            }
            #expect(try Self.kept(bench) == ["first-secret-of-3333", nil])
        }
    }

    /// Its mask is the same, and it is another one: the record has changed.
    @Test func takesAnotherSecretWithTheSameEnd() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, Self.webhook)
            let body = #"{"config": {"secret": "other-secret-of-1111"}}"#
            let answer = try bench.send(.patch, "\(Self.target)/1", body, key: bench.key, now: Workbench.now + 60)
            #expect(answer["data", "config", "secret"] == "********1111")
            #expect(answer["data", "updated_at"] == "2026-09-21T14:14:20+00:00")
            #expect(try Self.kept(bench).first == "other-secret-of-1111")
        }
    }

    /// A secret and its mask always belong together, whoever else writes at the same moment.
    @Test func mergesWithWhatIsThereWhenItWrites() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, Self.webhook)
            let rounds = 30
            try Worker.run(0..<4, on: bench) { number, worker in
                for round in 0..<rounds {
                    let body =
                        switch number {
                        case 0: #"{"config": {"secret": "first-secret-of-\#(1_000 + round)"}}"#
                        case 1: #"{"config": {"previous_secret": "older-secret-of-\#(2_000 + round)"}}"#
                        case 2: #"{"config": {"url": "https://example.com/\#(round)"}}"#
                        default: #"{"config": {"events": ["lead.\#(round % 2 == 0 ? "updated" : "deleted")"]}}"#
                        }
                    let answer = try worker.send(.patch, "\(Self.target)/1", body)
                    try #require(answer.status == 200, "\(answer.text)")
                }
            }
            #expect(try Self.shown(bench) == ["********1029", "********2029"])
            #expect(try Self.kept(bench) == ["first-secret-of-1029", "older-secret-of-2029"])
            let config = try #require(try bench.get("\(Self.target)/1")["data", "config"])
            #expect(config["url"] == "https://example.com/29")
            #expect(config["events"] == ["lead.deleted"])
        }
    }

    // MARK: - What the files hold

    @Test func opensNothingThatWasChangedOrMoved() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, Self.webhook)
            _ = try bench.post(Self.target, Self.webhook.replacing("1111", with: "2222"))
            let other = try bench.workspace("other")
            _ = try bench.post(Self.target, Self.webhook, key: try bench.key(["*"], in: other))
            let own = try #require(try bench.text("SELECT secrets FROM integration WHERE id = 1"))
            for id in [2, 3] {
                try bench.execute(
                    "UPDATE integration SET secrets = (SELECT secrets FROM integration WHERE id = ?) WHERE id = 1", [id]
                )
                #expect(throws: SecretsError.self) { try Self.kept(bench) }
            }
            for text in [
                own.replacing("v1.", with: "v2."), own.replacing(#""secret""#, with: #""previous_secret""#),
                String(own.reversed().map { $0 == "A" ? "B" : $0 == "B" ? "A" : $0 }.reversed()),
            ] where text != own {
                try bench.execute("UPDATE integration SET secrets = ? WHERE id = 1", [text])
                #expect(throws: (any Error).self, "\(text)") {
                    try #require(try Self.config(1, bench)["secret"] == "first-secret-of-1111")
                }
            }
            try bench.execute("UPDATE integration SET secrets = ? WHERE id = 1", [own])
            #expect(try Self.kept(bench).first == "first-secret-of-1111")
        }
    }

    // MARK: - Without the key

    @Test func canBeReadButNotWrittenWithoutAKey() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, Self.webhook)
            _ = try bench.post(Self.target, #"{"type": "zapier", "name": "Zap"}"#)
            try Data("short".utf8).write(to: bench.folder.appending(path: "short"))
            for file in [nil, bench.folder.path + "/missing", bench.folder.path + "/short"] {
                let keyless = try bench.restarted(keyFile: file)
                #expect(
                    keyless.lines.all.contains { $0.hasPrefix("warning") && $0.contains("LEADHUB_SECRET_KEY_FILE") })
                let list = try keyless.get(Self.target)
                #expect(list.ids == [1, 2])
                #expect(list["data", "0", "config", "secret"] == "********1111")
                #expect(list["data", "1", "inbound_url"] == .null)

                // What seals nothing goes on.
                #expect(try keyless.post("/api/v1/leads", #"{"first_name": "A"}"#).status == 201)
                #expect(try keyless.post(Self.target, Self.sendmail).status == 201)
                let whole = try #require(list["data", "0"]).minified.replacing("Hook", with: "New name")
                let renamed = try keyless.send(.put, "\(Self.target)/1", whole, key: bench.key)
                #expect(renamed["data", "name"] == "New name", "\(renamed.text)")

                let rows = try bench.text("SELECT group_concat(name || config || secrets) FROM integration")
                for (method, target, body) in [
                    (HTTPRequest.Method.post, Self.target, Self.webhook),
                    (.post, Self.target, #"{"type": "make", "name": "Make"}"#),
                    (.patch, "\(Self.target)/1", #"{"name": "x", "config": {"secret": "new"}}"#),
                ] {
                    let refused = try keyless.send(method, target, body, key: bench.key)
                    #expect(refused.status == 503, "\(refused.text)")
                    #expect(refused.code == "SERVICE_UNAVAILABLE")
                    #expect(refused.header("Retry-After") != nil)
                    #expect(refused["message"]?.string?.contains("no key that fits its secrets") == true)
                    #expect(!refused.text.contains(bench.folder.path))
                    #expect(keyless.lines.all.last?.contains("key for secrets") == true)
                }
                #expect(try bench.text("SELECT group_concat(name || config || secrets) FROM integration") == rows)
                try bench.execute("UPDATE integration SET name = 'Hook' WHERE id = 1")
                try bench.execute("DELETE FROM integration WHERE type = 'sendmail'")
            }
        }
    }

    @Test func saysThatAnotherKeyDoesNotFit() throws {
        try Workbench.run { bench in
            let created = try bench.send(
                .post, Self.target, #"{"type": "zapier", "name": "Zap"}"#, key: bench.key,
                fields: [.idempotencyKey: "a"],
            )
            let file = bench.folder.path + "/other-key"
            try Data(repeating: 7, count: 32).write(to: URL(filePath: file))
            let other = try bench.restarted(keyFile: file)
            #expect(try other.get("\(Self.target)/1")["data", "inbound_url"] == .null)
            #expect(
                other.lines.all.contains {
                    $0.hasPrefix("error integration/1/1/token cannot be shown: a secret was sealed with the key ")
                }
            )
            let repeated = try other.send(
                .post, Self.target, #"{"type": "zapier", "name": "Zap"}"#, key: bench.key,
                fields: [.idempotencyKey: "a"],
            )
            #expect(repeated.status == 503)
            #expect(
                try bench.restarted(keyFile: bench.folder.path + "/secret-key").get("\(Self.target)/1").text
                    == created.text)
        }
    }

    @Test func takesSystemdsCredential() throws {
        func file(_ environment: [String: String]) throws -> String? {
            let base = ["LEADHUB_DATABASE": "/a", "LEADHUB_COUNTERS": "/b"].merging(environment) { $1 }
            return try Settings(file: nil, environment: base).secretKeyFile
        }
        #expect(try file([:]) == nil)
        #expect(try file(["CREDENTIALS_DIRECTORY": "/run/c"]) == "/run/c/secret-key")
        #expect(try file(["CREDENTIALS_DIRECTORY": "/run/c", "LEADHUB_SECRET_KEY_FILE": "/k"]) == "/k")
        #expect(throws: SettingsError.self) { try file(["LEADHUB_SECRET_KEY_FILE": "relative"]) }
    }

    private static let sendmail = #"{"type": "sendmail", "name": "Zz", "config": {"from": "a@example.com"}}"#

    /// The secret and the previous one, as they read.
    private static func shown(_ bench: Workbench) throws -> [String?] {
        let config = try bench.get("\(target)/1")["data", "config"]
        return ["secret", "previous_secret"].map { config?[$0]?.string }
    }

    /// The secret and the previous one, as they are.
    private static func kept(_ bench: Workbench) throws -> [String?] {
        let config = try config(1, bench)
        return ["secret", "previous_secret"].map { config[$0]?.string }
    }

    private static func config(_ id: Int64, _ bench: Workbench) throws -> JSONObject {
        let secrets = Secrets.read(bench.folder.path + "/secret-key")
        return try Integration.config(of: id, workspace: bench.workspace, secrets, bench.database)
    }

    private static func patch(_ bench: Workbench, _ config: String) throws {
        let answer = try bench.send(.patch, "\(target)/1", #"{"config": \#(config)}"#, key: bench.key)
        try #require(answer.status == 200, "\(answer.text)")
    }
}
