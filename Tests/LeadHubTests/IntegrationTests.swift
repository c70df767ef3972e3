import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Integrations from their creation to their removal.
@Suite struct IntegrationTests {
    private static let target = "/api/v1/integrations"

    @Test(arguments: IntegrationSample.all)
    func livesFromCreationToRemoval(_ sample: IntegrationSample) throws {
        try Workbench.run { bench in
            let created = try bench.post(Self.target, sample.body)
            try #require(created.status == 201, "\(created.text)")
            #expect(created.header("Location") == "\(Workbench.origin)\(Self.target)/1")
            #expect(
                created["data"]?.names == [
                    "id", "type", "name", "is_active", "config", "inbound_url", "events_count", "last_event_at",
                    "last_error", "created_at", "updated_at",
                ]
            )
            #expect(created["data", "type"] == .string(sample.type))
            #expect(created["data", "name"] == "Sample")
            #expect(created["data", "is_active"] == true)
            #expect(created["data", "events_count"] == 0)
            #expect(created["data", "last_event_at"] == .null)
            #expect(created["data", "last_error"] == .null)
            let sent = try JSONValue(reading: sample.config)
            for name in sent.names {
                let expected = sample.secrets.contains(name) ? .string(IntegrationSample.mask) : sent[name]
                #expect(created["data", "config", name] == expected, "\(name)")
            }

            let shown = try bench.get("\(Self.target)/1")
            #expect(shown.text == created.text)
            #expect(shown.header("ETag") == created.header("ETag"))
            #expect(try bench.get(Self.target)["data", "0"] == created["data"])

            let whole = try #require(created["data"]).minified
            for method in [HTTPRequest.Method.put, .patch] {
                let same = try bench.send(method, "\(Self.target)/1", whole, key: bench.key, now: Workbench.now + 5)
                #expect(same.status == 200, "\(same.text)")
                #expect(same.text == created.text)
            }
            let renamed = try bench.send(
                .patch, "\(Self.target)/1", #"{"name": "Other", "is_active": false}"#, key: bench.key,
                now: Workbench.now + 5,
            )
            #expect(renamed["data", "name"] == "Other")
            #expect(renamed["data", "is_active"] == false)
            #expect(renamed["data", "config"] == created["data", "config"])
            #expect(renamed["data", "inbound_url"] == created["data", "inbound_url"])
            #expect(renamed["data", "updated_at"] != created["data", "updated_at"])

            #expect(try bench.send(.delete, "\(Self.target)/1", key: bench.key).status == 204)
            #expect(try bench.get("\(Self.target)/1").status == 404)
            #expect(try bench.get(Self.target).ids == [])
            #expect(try bench.post(Self.target, sample.body)["data", "id"] == 2)
        }
    }

    @Test(arguments: IntegrationSample.all)
    func missesWhatItsTypeNeeds(_ sample: IntegrationSample) throws {
        try Workbench.run { bench in
            guard case .object(let config) = try JSONValue(reading: sample.config) else { return }
            for name in sample.required {
                for value in [nil, JSONValue.null, ""] {
                    let rest = config.compactMap { member in
                        member.name == name ? value.map { (name: name, value: $0) } : member
                    }
                    // An empty text is nothing where a list is wanted.
                    if name == "events", value == "" { continue }
                    let body = #"{"type": "\#(sample.type)", "name": "x", "config": \#(JSONObject(rest).minified)}"#
                    let answer = try bench.post(Self.target, body)
                    #expect(answer.status == 422, "\(name)")
                    #expect(answer["errors"]?.names == ["config.\(name)"])
                    let title = name.replacing("_", with: " ")
                    #expect(
                        answer["errors", "config.\(name)"] == [.string("The config.\(title) field is required.")]
                    )
                }
            }
            let bare = try bench.post(Self.target, #"{"type": "\#(sample.type)", "name": "x"}"#)
            #expect(bare.status == (sample.required.isEmpty ? 201 : 422), "\(bare.text)")
            let missing = sample.required.map { "config.\($0)" }.sorted()
            #expect((bare["errors"]?.names ?? []).sorted() == missing)
        }
    }

    @Test(arguments: [
        (#"{}"#, ["type", "name"]), (#"{"type": "fax", "name": "x", "config": {"url": 1}}"#, ["type"]),
        (#"{"type": null, "name": "x"}"#, ["type"]), (#"{"type": 5, "name": ""}"#, ["type", "name"]),
        (#"{"type": "zapier", "name": "x", "token": "lhi_1"}"#, ["token"]),
        (#"{"type": "zapier", "name": "x", "is_active": "yes"}"#, ["is_active"]),
        (#"{"type": "zapier", "name": "x", "config": []}"#, ["config"]),
        (#"{"type": "zapier", "name": "x", "config": {"url": "https://example.com"}}"#, ["config.url"]),
        (
            #"{"type": "webhook", "name": "x", "config": {"url": "nowhere", "events": ["lead.born"], "secret": 5}}"#,
            ["config.url", "config.events.0", "config.secret"]
        ),
        (
            #"{"type": "webhook", "name": "x", "config": {"url": "ftp://a.example", "events": [], "secret": "s"}}"#,
            ["config.url", "config.events"]
        ),
        (
            #"{"type": "webhook", "name": "x", "config": {"url": "http://a.b", "events": "", "secret": "********"}}"#,
            ["config.events", "config.secret"]
        ),
        (
            #"{"type": "mailgun", "name": "x", "config": {"api_key": "k", "domain": "a/v3", "from": "x"}}"#,
            ["config.domain", "config.from"]
        ),
        (
            #"{"type": "sendmail", "name": "x", "config": {"from": "a@b.example", "from_name": "a\nBcc: b"}}"#,
            ["config.from_name"]
        ),
        (
            #"{"type": "mailgun", "name": "x", "config": {"api_key": "k", "domain": "a.b", "region": "mars"}}"#,
            ["config.from", "config.region"]
        ),
        (
            #"{"type": "slack", "name": "x", "config": {"webhook_url": "hooks.slack.com"}}"#, ["config.webhook_url"]
        ),
        (
            #"{"type": "webhook_in", "name": "x", "config": {"field_map": {"emial": "a"}}}"#, ["config.field_map"]
        ),
        (
            #"{"type": "webhook_in", "name": "x", "config": {"field_map": {"id": "a"}}}"#, ["config.field_map"]
        ),
        (
            #"{"type": "webhook_in", "name": "x", "config": {"field_map": {"custom_fields.": "a"}}}"#,
            ["config.field_map"]
        ),
        (
            #"{"type": "webhook_in", "name": "x", "config": {"field_map": {"email": 5}}}"#, ["config.field_map"]
        ),
        (
            #"{"type": "webhook_in", "name": "x", "config": {"field_map": {"email": {"a": 1}}}}"#,
            ["config.field_map.email"]
        ),
        (
            #"{"type": "webhook_in", "name": "x", "config": {"signature_header": "a: b"}}"#,
            ["config.signature_header"]
        ),
    ])
    func refuses(body: String, fields: [String]) throws {
        try Workbench.run { bench in
            let changes = bench.changes
            let answer = try bench.post(Self.target, body)
            #expect(answer.status == 422, "\(answer.text)")
            #expect(answer["errors"]?.names.sorted() == fields.sorted(), "\(answer.text)")
            #expect(bench.changes == changes)
        }
    }

    @Test func keepsItsType() throws {
        try Workbench.run { bench in
            _ = try bench.post(Self.target, #"{"type": "zapier", "name": "x"}"#)
            for type in [#""make""#, "null", #""fax""#] {
                let answer = try bench.send(.patch, "\(Self.target)/1", #"{"type": \#(type)}"#, key: bench.key)
                #expect(answer.status == 422)
                #expect(answer["errors", "type"] == ["The type field cannot be changed."])
            }
        }
    }

    @Test func listsByNameTypeAndState() throws {
        try Workbench.run { bench in
            for (type, name, isActive) in [("make", "Éclair", true), ("zapier", "b", false), ("zapier", "A", true)] {
                let body = #"{"type": "\#(type)", "name": "\#(name)", "is_active": \#(isActive)}"#
                try #require(try bench.post(Self.target, body).status == 201)
            }
            for (query, ids) in [
                ("", [3, 2, 1]), ("?direction=desc", [1, 2, 3]), ("?sort=id", [1, 2, 3]), ("?search=ECL", [1]),
                ("?type=zapier", [3, 2]), ("?type=slack", []), ("?is_active=true", [3, 1]), ("?is_active=false", [2]),
                ("?type=zapier&is_active=true&search=a", [3]), ("?per_page=1&page=2", [2]),
            ] as [(String, [Int64])] {
                let answer = try bench.get("\(Self.target)\(query)")
                #expect(answer.ids == ids, "\(query)")
            }
            #expect(try bench.get("\(Self.target)?type=zapier&per_page=1")["meta", "total"] == 2)
            for query in ["type=fax", "is_active=yes", "is_active=1", "category=email", "type=zapier&type=make"] {
                #expect(try bench.get("\(Self.target)?\(query)").status == 422, "\(query)")
            }
        }
    }

    @Test func changesNothingWhereTheClientsStateIsOld() throws {
        try Workbench.run { bench in
            let old = try #require(try bench.post(Self.target, #"{"type": "zapier", "name": "x"}"#).header("ETag"))
            _ = try bench.send(.patch, "\(Self.target)/1", #"{"name": "y"}"#, key: bench.key)
            for method in [HTTPRequest.Method.put, .patch, .delete] {
                let answer = try bench.send(
                    method, "\(Self.target)/1", #"{"name": "z"}"#, key: bench.key, fields: [.ifMatch: old],
                )
                #expect(answer.status == 412)
            }
            #expect(try bench.get("\(Self.target)/1")["data", "name"] == "y")
        }
    }
}

extension JSONObject {
    fileprivate var minified: String { JSONValue.object(self).minified }
}
