import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is of no sender's shape is refused clearly, and nothing that can come is fatal.
@Suite struct SenderRefusalTests {
    @Test(arguments: [
        ("facebook_lead_ads", "{}", 422, "object"), ("facebook_lead_ads", #"{"object": 1}"#, 422, "object"),
        ("facebook_lead_ads", #"{"object": "page"}"#, 422, "entry"),
        ("facebook_lead_ads", #"{"object": "page", "entry": {}}"#, 422, "entry"),
        ("facebook_lead_ads", #"{"object": "page", "entry": [1]}"#, 422, "entry.0"),
        ("facebook_lead_ads", #"{"object": "page", "entry": [{"changes": 1}]}"#, 422, "entry.0.changes"),
        ("facebook_lead_ads", #"{"object": "page", "entry": [{"changes": [1]}]}"#, 422, "entry.0.changes.0"),
        (
            "facebook_lead_ads", #"{"object": "page", "entry": [{"changes": [{"field": "leadgen"}]}]}"#, 422,
            "entry.0.changes.0.value"
        ),
        (
            "facebook_lead_ads", #"{"object": "page", "entry": [{"changes": [{"field": "leadgen", "value": {}}]}]}"#,
            422,
            "entry.0.changes.0.value.leadgen_id"
        ),
        (
            "facebook_lead_ads",
            #"{"object": "page", "entry": [{"changes": [{"field": "leadgen", "value": {"leadgen_id": [1]}}]}]}"#, 422,
            "entry.0.changes.0.value.leadgen_id"
        ),
        ("google_ads", "{}", 422, "user_column_data"),
        ("google_ads", #"{"user_column_data": 5}"#, 422, "user_column_data"),
        ("google_ads", #"{"user_column_data": ["a"]}"#, 422, "user_column_data.0"),
        ("typeform", "{}", 422, "form_response"), ("typeform", #"{"form_response": []}"#, 422, "form_response"),
        ("typeform", #"{"form_response": {"answers": "a"}}"#, 422, "form_response.answers"),
        ("typeform", #"{"form_response": {"answers": [null]}}"#, 422, "form_response.answers.0"),
        ("jotform", "rawRequest=x", 422, "rawRequest"), ("jotform", "rawRequest=%5B%5D", 422, "rawRequest"),
        ("jotform", "rawRequest=%7B", 422, "rawRequest"), ("calendly", "{}", 422, "event"),
        ("calendly", #"{"event": {}}"#, 422, "event"), ("calendly", #"{"event": "invitee.created"}"#, 422, "payload"),
        ("calendly", #"{"event": "invitee.created", "payload": "a"}"#, 422, "payload"),
        ("webhook_in", "", 400, ""), (" webhook_in", " \r\n\t", 400, ""), ("webhook_in", "\u{FEFF}", 400, ""),
        ("webhook_in", "{", 400, ""), ("webhook_in", #"{"a": 1, "a": 2}"#, 400, ""), ("webhook_in", "[]", 422, "body"),
        ("webhook_in", "[{}, {}]", 422, "body"), ("webhook_in", "[1]", 422, "body"),
        ("webhook_in", "[[{}]]", 422, "body"),
    ])
    func refusesOtherShapes(type: String, body: String, status: Int, field: String) throws {
        let type = type.trimmingCharacters(in: .whitespaces)
        let delivery = try Recording.delivery(type, Array(body.utf8), [:])
        let sender = try #require(IntegrationType.named(type)?.sender)
        let error = try #require(Self.refusal(of: sender, delivery))
        #expect(error.status.code == status)
        #expect(field.isEmpty || error.problems.concern(field), "\(error.problems.messages)")
        #expect(!error.message.isEmpty)
    }

    @Test(arguments: IntegrationSample.sources)
    func refusesWhatDidNotComeWhole(_ sample: IntegrationSample) throws {
        let sender = try #require(IntegrationType.named(sample.type)?.sender)
        for (body, status) in [(Request.Body.tooLarge, 413), (.incomplete, 400)] {
            var request = try Recording.delivery(sample.type, [], [:]).request
            request.body = body
            let delivery = Delivery(request: request, config: JSONObject([]), now: 0)
            #expect(Self.refusal(of: sender, delivery)?.status.code == status)
        }
    }

    /// Senders label their bodies wrongly, or not at all.
    @Test(arguments: [
        ("", #"{"email": "a@example.com"}"#), ("text/plain", #" {"email": "a@example.com"}"#),
        ("application/x-www-form-urlencoded", #"{"email": "a@example.com"}"#),
        ("application/json; charset=iso-8859-1", #"{"email": "a@example.com"}"#),
        ("application/json", "\u{FEFF}{\"email\": \"a@example.com\"}"), ("json", #"[{"email": "a@example.com"}]"#),
        (";;;", "email=a%40example.com"), ("text/plain;charset=UTF-8", "email=a@example.com"),
        ("", "email=a@example.com"),
        ("application/json", "email=a%40example.com"),
        ("application/x-www-form-urlencoded; charset=x", "email=a@example.com"),
        (
            "Multipart/Form-Data; boundary=b",
            "--b\r\nContent-Disposition: form-data; name=email\r\n\r\na@example.com\r\n--b--"
        ),
    ])
    func readsWhatIsMislabelled(label: String, body: String) throws {
        var fields = HTTPFields()
        if !label.isEmpty { fields[.contentType] = label }
        let sender = try #require(IntegrationType.named("make")?.sender)
        guard case .lead(let details, _) = try sender.read(Recording.delivery("make", Array(body.utf8), fields)) else {
            return
        }
        #expect(details == [Detail("email", "a@example.com")])
    }

    /// As PHP reads names; what it could not be is kept under its name as it is.
    @Test(arguments: [
        ("a[b]=1&a[c][d]=2", #"{"a":{"b":"1","c":{"d":"2"}}}"#), ("a[0]=1&a[1]=2", #"{"a":["1","2"]}"#),
        ("a[]=1&a[]=2", #"{"a":["1","2"]}"#), ("a[1]=1", #"{"a":{"1":"1"}}"#), ("a=1&a[b]=2", #"{"a":"1","a[b]":"2"}"#),
        ("a[b]=1&a[b][c]=2", #"{"a":{"b":"1","b[c]":"2"}}"#), ("Budget [EUR]=1", #"{"Budget [EUR]":"1"}"#),
        (
            "b]=2&[a]=1&c[=3&d[e=4&f[g]h=5&i[[j]]=6",
            #"{"b]":"2","[a]":"1","c[":"3","d[e":"4","f[g]h":"5","i[[j]]":"6"}"#
        ),
        ("a[][b]=1", #"{"a[][b]":"1"}"#),
    ])
    func readsNamesWithBrackets(form: String, object: String) throws {
        let request = Request(method: .post, target: Target("/"), body: .complete(Array(form.utf8)), id: "test")
        let read = JSONValue.object(try request.serviceObject())
        #expect(read.minified == object)
    }

    /// However a body is damaged, it is read or refused.
    @Test(arguments: Recording.all)
    func survivesDamage(_ recording: Recording) throws {
        let (sender, body) = (try recording.sender(), try recording.bytes())
        var generator = Seeded(state: UInt64(body.count))
        var outcomes = (read: 0, refused: 0)
        for _ in 0..<300 {
            let delivery = try recording.delivery(Self.damaged(body, &generator))
            _ = sender.kept(delivery)
            if let error = Self.refusal(of: sender, delivery) {
                #expect([400, 401, 422].contains(error.status.code))
                outcomes.refused += 1
            } else {
                outcomes.read += 1
            }
        }
        #expect(outcomes.read > 0)
    }

    /// The same with whole values in the place of others: every member of the wrong type, or missing.
    @Test(
        arguments: Recording.all.filter { $0.file.hasSuffix(".json") } + [Recording("facebook_lead_ads", "graph.json")])
    func survivesOtherValues(_ recording: Recording) throws {
        let value = try JSONValue(parsing: try recording.bytes())
        for other in [nil, .null, true, 5, "x", [], [["a": 1]], ["a": "b"], .number("1e999")] as [JSONValue?] {
            for variant in Self.variants(of: value, other) {
                let delivery = try recording.delivery(Array(variant.minified.utf8))
                _ = Self.refusal(of: try recording.sender(), delivery)
                _ = try recording.sender().kept(delivery)
                guard case .object(let object) = variant else { continue }
                _ = Intake(FacebookLeadAds.details(of: object, announced: object), map: object)
            }
        }
    }

    /// Why it is not read; nil where it is.
    private static func refusal(of sender: Sender, _ delivery: Delivery) -> HTTPError? {
        do {
            if case .lead(let details, _) = try sender.read(delivery) {
                _ = Intake(details, map: JSONObject([("email", "a.b"), ("company", "x"), ("full_name", "name")]))
            }
            return nil
        } catch {
            return error
        }
    }

    private static func damaged(_ body: [UInt8], _ generator: inout Seeded) -> [UInt8] {
        var bytes = body
        for _ in 0...generator.below(4) {
            let place = generator.below(max(bytes.count, 1))
            switch generator.below(5) {
            case 0 where !bytes.isEmpty: bytes[place] = UInt8(generator.below(256))
            case 1: bytes.removeSubrange(min(place, bytes.count)..<min(place + generator.below(20), bytes.count))
            case 2:
                bytes.insert(
                    contentsOf: Array(#""[]{}:,&=%\"#.utf8).prefix(generator.below(11)), at: min(place, bytes.count))
            case 3 where generator.below(10) == 0: bytes.removeSubrange(min(place, bytes.count)...)
            default:
                bytes.insert(
                    contentsOf: bytes.dropFirst(place).prefix(generator.below(40)), at: min(place, bytes.count))
            }
        }
        return bytes
    }

    /// The value with each value within it replaced, one at a time; without it where there is no other.
    private static func variants(of value: JSONValue, _ other: JSONValue?) -> [JSONValue] {
        switch value {
        case .object(let object):
            let members = Array(object)
            return members.indices.flatMap { index -> [JSONValue] in
                func with(_ value: JSONValue?) -> JSONValue {
                    var changed = members
                    if let value { changed[index].value = value } else { changed.remove(at: index) }
                    return .object(JSONObject(changed))
                }
                return [with(other)] + variants(of: members[index].value, other).map(with)
            }
        case .array(let items):
            return items.indices.flatMap { index -> [JSONValue] in
                func with(_ value: JSONValue?) -> JSONValue {
                    var changed = items
                    if let value { changed[index] = value } else { changed.remove(at: index) }
                    return .array(changed)
                }
                return [with(other)] + variants(of: items[index], other).map(with)
            }
        default: return []
        }
    }
}

private struct Seeded {
    var state: UInt64

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }
}
