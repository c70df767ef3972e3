import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// `POST /leads/{id}/tags` and `DELETE /leads/{id}/tags/{tag}`.
@Suite struct LeadTagRouteTests {
    private static let later = Workbench.now + 60

    @Test func addsTheTagOfTheReference() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["old"]}"#)
            let before = try bench.record(1)
            let answer = try bench.send(.post, lead: 1, "/tags", #"{ "tag": "vip-client" }"#, now: Self.later)
            #expect(answer.status == 200, "\(answer.text)")
            let expected = before.replacing([
                ("tags", ["old", "vip-client"]), ("updated_at", "2026-09-21T14:14:20+00:00"),
            ])
            #expect(answer["data"] == expected)
            #expect(answer.json?.names == ["data"])
            #expect(answer.header("Location") == nil)
            #expect(try bench.send(.get, lead: 1).text == answer.text)
            #expect(try bench.found("tag=VIP-client") == [1])
            let entry = try #require(try bench.history(1).first)
            #expect(entry["type"] == "tag_added")
            #expect(entry["details"]?.minified == #"{"tag":"vip-client"}"#)
        }
    }

    @Test(arguments: ["vip", " VIP\n", "Crème Brûlée", "creme brulee", "CRE\u{300}ME BRU\u{302}LE\u{301}E"])
    func leavesALeadThatHasTheTagAsItIs(name: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip", "Crème Brûlée"]}"#)
            let (text, changes) = (try bench.send(.get, lead: 1).text, bench.changes)
            let body = JSONValue.object(JSONObject([("tag", .string(name))])).minified
            let answer = try bench.send(.post, lead: 1, "/tags", body, now: Self.later)
            #expect(answer.status == 200, "\(answer.text)")
            #expect(answer.text == text)
            #expect(bench.changes == changes)
        }
    }

    @Test func keepsTheSpellingThatTheWorkspaceHas() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["Hot Lead"]}"#)
            _ = try bench.lead(#"{"first_name": "B"}"#)
            let answer = try bench.send(.post, lead: 2, "/tags", #"{"tag": "HOT LEAD"}"#)
            #expect(answer["data", "tags"] == ["Hot Lead"])
            #expect(try bench.history(2).first?["details"]?["tag"] == "Hot Lead")
            #expect(try bench.number("SELECT count(*) FROM tag") == 1)
            #expect(try bench.found("tag=hot+lead") == [1, 2])
        }
    }

    @Test func refusesTheFiftyFirst() throws {
        try Workbench.run { bench in
            let names = (1...49).map { "\"tag \($0)\"" }.joined(separator: ", ")
            _ = try bench.lead("{\"first_name\": \"A\", \"tags\": [\(names)]}")
            #expect(try bench.send(.post, lead: 1, "/tags", #"{"tag": "tag 50"}"#).status == 200)
            let before = try bench.contents()
            let answer = try bench.send(.post, lead: 1, "/tags", #"{"tag": "tag 51"}"#)
            #expect(answer.status == 422)
            #expect(answer["errors"]?.minified == #"{"tags":["The tags field must not have more than 50 items."]}"#)
            #expect(try bench.contents() == before)
            #expect(try bench.send(.post, lead: 1, "/tags", #"{"tag": "TAG 50"}"#).status == 200)
            #expect(try bench.send(.delete, lead: 1, "/tags/tag%201").status == 204)
            #expect(try bench.send(.post, lead: 1, "/tags", #"{"tag": "tag 51"}"#).status == 200)
        }
    }

    /// A tag's name, and its place in an address, written in more than one way.
    static let addresses: [(name: String, segment: String)] = [
        ("vip-client", "vip-client"), ("vip-client", "VIP-Client"), ("vip-client", "%76ip%2Dclient"),
        ("a/b", "a%2Fb"), ("a/b", "A%2fB"), ("../leads", "..%2Fleads"), ("very important", "very%20important"),
        ("very important", "%20VERY%20important%20"), ("Crème brûlée", "Cr%C3%A8me%20br%C3%BBl%C3%A9e"),
        ("Crème brûlée", "Cre%CC%80me%20bru%CC%82le%CC%81e"), ("Crème brûlée", "creme%20brulee"),
        ("100 %", "100%20%25"), ("%41", "%2541"), ("a+b", "a+b"), ("a+b", "a%2Bb"), ("a?b#c", "a%3Fb%23c"),
        ("a&b=c", "a&b=c"), ("Ελλάδα", "%CE%95%CE%BB%CE%BB%CE%AC%CE%B4%CE%B1"), ("山田", "%E5%B1%B1%E7%94%B0"),
        ("🔥", "%F0%9F%94%A5"), ("'; DROP TABLE tag; --", "';%20DROP%20TABLE%20tag;%20--"), ("...", "..."),
        ("tags", "tags"),
        ("1", "1"), ("Straße", "STRASSE"), (String(repeating: "é", count: 64), String(repeating: "%C3%89", count: 64)),
    ]

    @Test(arguments: addresses)
    func takesTheTagOffThatTheAddressNames(name: String, segment: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["other"]}"#)
            let body = JSONValue.object(JSONObject([("tag", .string(name))])).minified
            #expect(try bench.send(.post, lead: 1, "/tags", body)["data", "tags"] == ["other", .string(name)])
            let answer = try bench.send(.delete, lead: 1, "/tags/\(segment)", now: Self.later)
            #expect(answer.status == 204, "\(answer.text)")
            #expect(answer.text == "")
            let lead = try bench.record(1)
            #expect(lead["tags"] == ["other"])
            #expect(lead["updated_at"] == "2026-09-21T14:14:20+00:00")
            let entry = try #require(try bench.history(1).first)
            #expect(entry["type"] == "tag_removed")
            #expect(entry["details"]?["tag"] == .string(name))
            #expect(try bench.number("SELECT count(*) FROM tag") == 2, "the tag itself stays")
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }

    @Test(arguments: [
        ("theirs", 404), ("nobody", 404), ("vi", 404), ("vip%20client", 404), ("%00", 404), ("vip%00", 404),
        ("vip/", 404), ("", 404), (".", 404), ("%2E%2E", 404), ("vip/more", 404), ("vip%2Fmore", 404),
        ("%", 400), ("vip%", 400), ("vip%2", 400), ("%zz", 400), ("%FF", 400), ("%C0%AF", 400), ("%ED%A0%80", 400),
        ("%F5%80%80%80", 400), ("%u0041", 400), ("vip?x=1", 422), ("vip?%", 400), ("é", 400), ("a\tb", 400),
    ])
    func takesNothingOffThatTheLeadLacks(segment: String, status: Int) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip"]}"#)
            _ = try bench.lead(#"{"first_name": "B", "tags": ["theirs"]}"#)
            let before = try bench.contents()
            let answer = try bench.send(.delete, lead: 1, "/tags/\(segment)")
            #expect(answer.status == status, "\(answer.text)")
            #expect(try bench.contents() == before)
        }
    }

    @Test func takesATagOffOnce() throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "A", "tags": ["vip"]}"#)
            #expect(try bench.send(.delete, lead: 1, "/tags/vip").status == 204)
            let again = try bench.send(.delete, lead: 1, "/tags/vip")
            #expect(again.status == 404)
            #expect(again["message"] == "The requested record does not exist.")
            #expect(try bench.found("tag=vip") == [])
        }
    }
}
