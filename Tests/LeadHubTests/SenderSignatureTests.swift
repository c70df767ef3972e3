import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Only what the secret has signed is taken, only for what was signed, and only for a while.
@Suite struct SenderSignatureTests {
    private static let signed = [
        Recording("facebook_lead_ads", "leads.json"), Recording("typeform", "response.json"),
        Recording("calendly", "invitee.created.json"), Recording("wpforms", "entry.json"),
        Recording("webhook_in", "lead.json"),
    ]

    @Test(arguments: signed)
    func takesNothingButTheSecretsOwn(_ recording: Recording) throws {
        let body = try recording.bytes()
        let right = try recording.signature(of: body, at: Workbench.now)
        #expect(try Self.isTaken(recording, body, right))
        #expect(try !Self.isTaken(recording, body, [:]))
        #expect(try !Self.isTaken(recording, body + [0x20], right))
        #expect(try !Self.isTaken(recording, Array(body.dropLast()), right))
        #expect(try !Self.isTaken(recording, [], right))
        let other = try recording.signature(of: body, at: Workbench.now, secret: "another")
        #expect(try !Self.isTaken(recording, body, other))
        let none = try recording.signature(of: body, at: Workbench.now, secret: "")
        #expect(try !Self.isTaken(recording, body, none))
    }

    @Test(arguments: signed)
    func readsSignaturesStrictly(_ recording: Recording) throws {
        let body = try recording.bytes()
        let field = try #require(try recording.signature(of: body, at: Workbench.now).first)
        var wrong: [String] = [
            "", " ", "=", ",", "sha256=", "t=,v1=", "sha256", "\(field.value)0", String(field.value.dropLast()),
            String(field.value.dropLast(2)), "\(field.value.dropLast())g", "\(field.value),\(field.value)x=",
            "x\(field.value)", field.value.replacing("=", with: ":", maxReplacements: 1),
            "\(field.value.dropLast())é", String(repeating: "0", count: 100_000),
        ]
        if recording.type != "typeform" {
            let digits = String(field.value.suffix(64))
            let upper = field.value.replacing(digits, with: digits.uppercased())
            #expect(try Self.isTaken(recording, body, [field.name: upper]))
            wrong.append(field.value.replacing(digits, with: String(digits.reversed())))
            wrong.append(field.value.replacing(digits, with: Data(digits.utf8).base64EncodedString()))
        }
        if recording.type != "webhook_in" { wrong.append(String(field.value.drop { $0 != "=" }.dropFirst())) }
        for value in wrong { #expect(try !Self.isTaken(recording, body, [field.name: value]), "\(value.prefix(99))") }
    }

    @Test(arguments: [Recording("calendly", "invitee.created.json"), Recording("wpforms", "entry.json")])
    func refusesOldMomentsAndFutureOnes(_ recording: Recording) throws {
        let body = try recording.bytes()
        for (offset, isFresh) in [(-301, false), (-300, true), (0, true), (300, true), (301, false)] as [(Int64, Bool)]
        {
            let fields = try recording.signature(of: body, at: Workbench.now + offset)
            #expect(try Self.isTaken(recording, body, fields) == isFresh, "\(offset)")
        }
        let field = try #require(try recording.signature(of: body, at: Workbench.now).first)
        let now = "t=\(Workbench.now)"
        for time in [
            "t=\(Workbench.now + 1)", "t=\(Int64.max)", "t=\(Int64.min)", "t=99999999999999999999", "t=", "t=x", "u=1",
        ] {
            let value = field.value.replacing(now, with: time)
            #expect(try !Self.isTaken(recording, body, [field.name: value]), "\(time)")
        }
        // Twice the moment: which one was signed cannot be told.
        #expect(try !Self.isTaken(recording, body, [field.name: "\(now),\(field.value)"]))
        // One of two secrets, while one replaces the other.
        let version = recording.type == "calendly" ? "v1" : "v"
        let wrong = "\(version)=" + String(repeating: "0", count: 64)
        #expect(try Self.isTaken(recording, body, [field.name: "\(field.value), \(wrong)"]))
    }

    /// By its own code WPForms signs the JSON that a form would have been.
    @Test func takesFormsOfWPFormsAsTheyAreSigned() throws {
        let recording = Recording("wpforms", "entry.form")
        let json = #"""
            {"name":"Sarah Johnson","email":"sarah@example.com","phone":"+14155551234","products":"CRM||Forms",\#
            "address":"1 Main St||Berlin, 10115||DE","visit":{"value":"09\/22\/2026 3:00 PM","unix":1790089200},\#
            "files":["https:\/\/acme.example\/a.pdf","https:\/\/acme.example\/b.pdf"],\#
            "comment":"Gr\u00fc\u00dfe \"quoted\"\\ \ud83d\ude00","entry_id":"17"}
            """#
        let fields = try recording.signature(of: Array(json.utf8), at: Workbench.now)
        let body = try recording.bytes()
        #expect(try Self.isTaken(recording, body, fields))
        #expect(try !Self.isTaken(recording, body + Array("&x=1".utf8), fields))
        #expect(try !Self.isTaken(recording, Array(json.utf8.dropLast()) + [0x20, 0x7D], fields))
    }

    @Test func takesUnsignedWhereNoSecretIsSet() throws {
        for recording in [Recording("wpforms", "entry.json"), Recording("webhook_in", "lead.json")] {
            let request = Request(
                method: .post, target: Target("/"), body: .complete(try recording.bytes()), id: "test")
            try recording.sender().verify(Delivery(request: request, config: JSONObject([]), now: Workbench.now))
        }
        for type in ["facebook_lead_ads", "typeform", "calendly", "google_ads"] {
            let request = Request(method: .post, target: Target("/"), body: .complete(Array("{}".utf8)), id: "test")
            let sender = try #require(IntegrationType.named(type)?.sender)
            #expect(throws: HTTPError.self) {
                try sender.verify(Delivery(request: request, config: JSONObject([]), now: Workbench.now))
            }
        }
    }

    @Test func takesABareSignatureFromTheHeaderThatIsNamed() throws {
        let recording = Recording("webhook_in", "lead.json")
        let body = try recording.bytes()
        let value = try #require(try recording.signature(of: body, at: 0).first?.value)
        let bare = String(value.dropFirst("sha256=".count))
        let name = try #require(HTTPField.Name("X-Signature"))
        let request = Request(
            method: .post, target: Target("/"), fields: [name: bare], body: .complete(body), id: "test",
        )
        let config = JSONObject([("signing_secret", .string(IntegrationSample.secret))])
        let sender = try recording.sender()
        try sender.verify(Delivery(request: request, config: config, now: 0))
        let other = JSONObject(Array(config) + [("signature_header", "X-Other")])
        #expect(throws: HTTPError.self) { try sender.verify(Delivery(request: request, config: other, now: 0)) }
    }

    @Test(arguments: [
        "{}", "[]", #"{"google_key": null}"#, #"{"google_key": "wrong"}"#, #"{"google_key": ""}"#,
        #"{"google_key": ["correct-horse-battery-staple"]}"#, #"{"key": "correct-horse-battery-staple"}"#,
        #"{"google_key": "correct-horse-battery-staple "}"#,
    ])
    func takesNothingOfGoogleWithoutItsKey(body: String) throws {
        #expect(try !Self.isTaken(Recording("google_ads", "lead.json"), Array(body.utf8), [:]))
    }

    @Test(arguments: [
        ("hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=correct-horse-battery-staple", 200),
        ("hub.verify_token=correct%2Dhorse-battery-staple&hub.challenge=1158201444&hub.mode=subscribe", 200),
        ("hub_mode=subscribe&hub_challenge=1158201444&hub_verify_token=correct-horse-battery-staple", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong", 403),
        ("hub.mode=subscribe&hub.challenge=1&hub.verify_token=", 403), ("hub.mode=subscribe&hub.challenge=1", 403),
        ("hub.mode=subscribe&hub.verify_token=correct-horse-battery-staple", 403),
        ("hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=correct-horse-battery-staple", 403), ("", 403),
        ("hub.mode=%zz", 400),
    ])
    func greetsMeta(query: String, status: Int) throws {
        let sender = try #require(IntegrationType.named("facebook_lead_ads")?.sender)
        let greet = try #require(sender.greet)
        let config = JSONObject([("verify_token", .string(IntegrationSample.secret))])
        let request = Request(method: .get, target: Target("/x?\(query)"), id: "test")
        do {
            let answer = try greet(Delivery(request: request, config: config, now: 0))
            #expect(answer.status.code == status)
            #expect(String(decoding: answer.body, as: UTF8.self) == "1158201444")
            #expect(answer.fields[.contentType] == "text/plain; charset=utf-8")
        } catch {
            #expect(error.status.code == status)
        }
    }

    /// Whether it is taken for the sender's; if not, the answer must be 401 and say nothing more.
    private static func isTaken(_ recording: Recording, _ body: [UInt8], _ fields: HTTPFields) throws -> Bool {
        var fields = fields
        fields[.contentType] = recording.contentType
        let delivery = try Recording.delivery(recording.type, body, fields)
        let sender = try recording.sender()
        do {
            try sender.verify(delivery)
            return true
        } catch {
            #expect(error.status == .unauthorized)
            let refusal = recording.type == "google_ads" ? HTTPError.wrongKey : .forged
            #expect(error.message == refusal.message)
            return false
        }
    }
}
