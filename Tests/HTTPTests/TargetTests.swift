import HTTP
import Testing

@Suite struct TargetTests {
    @Test(arguments: [
        ("/api/v1/leads", ["api", "v1", "leads"]), ("/api/v1/leads?a=/b/../c", ["api", "v1", "leads"]),
        ("/leads/a%2Fb", ["leads", "a/b"]), ("/leads/a%2fb%3Fc%23", ["leads", "a/b?c#"]), ("/%6ceads", ["leads"]),
        ("/tags/caf%C3%A9", ["tags", "café"]), ("/tags/%F0%9F%98%80", ["tags", "😀"]), ("/a+b", ["a+b"]),
        ("/a%2Bb%20c", ["a+b c"]), ("/a%252Fb", ["a%2Fb"]), ("/...", ["..."]), ("/.a/b.", [".a", "b."]),
        ("/a;b=1", ["a;b=1"]), ("/a%00b", ["a\0b"]), ("/a:b@c!$&'()*,=~-_.", ["a:b@c!$&'()*,=~-_."]),
        ("/a?", ["a"]), ("/a??", ["a"]),
    ])
    func splitsAndDecodesOnce(target: String, segments: [String]) throws {
        #expect(try Target(target).segments() == segments)
    }

    @Test(arguments: [
        "", "/", "//", "/a/", "//a", "/a//b", "/.", "/..", "/a/.", "/a/..", "/a/../b", "/./a", "/%2e", "/%2E%2e/a",
        "/.%2e/a", "*", "a/b", "?a=b", "http://example.com/a", "\u{301}/a",
    ])
    func findsNothingAtEmptyOrDottedPaths(target: String) {
        #expect(status { try Target(target).segments() } == 404)
    }

    @Test(arguments: [
        "/%", "/a%", "/a%2", "/a%zz", "/a%2/b", "/%%41", "/%u0041", "/%C0%AF", "/%E0%80%AF", "/%ff", "/%C3", "/%C3/%A9",
        "/%ED%A0%80", "/%F4%90%80%80", "/é", "/a\u{1}", "/a\tb", "/a\nb", "/%+1", "/% 1", "/%-1", "/a%C3%28",
    ])
    func refusesBrokenEscapesAndRawBytes(target: String) {
        #expect(status { try Target(target).segments() } == 400)
    }

    @Test(arguments: [
        ("/a", []), ("/a?", []), ("/a?&&", []), ("/a?b", ["b", ""]), ("/a?b=", ["b", ""]), ("/a?=b", ["", "b"]),
        ("/a?b=c", ["b", "c"]), ("/a?b=c=d", ["b", "c=d"]), ("/a?b=c&d=e", ["b", "c", "d", "e"]),
        ("/a?b=1&b=2", ["b", "1", "b", "2"]), ("/a?b=c+d%2Be", ["b", "c d+e"]), ("/a?b%5B%5D=%26%3D", ["b[]", "&="]),
        ("/a?b=%C3%A9%20?/", ["b", "é ?/"]), ("/a?b=%2B", ["b", "+"]), ("/a?b+c=1", ["b c", "1"]),
        ("/a?b=%252B", ["b", "%2B"]), ("/a?b=c;d=e", ["b", "c;d=e"]), ("/a?b=++", ["b", "  "]),
    ])
    func decodesQueries(target: String, parts: [String]) throws {
        let parameters = try Target(target).parameters()
        #expect(parameters.flatMap { [$0.name, $0.value] } == parts)
        #expect(parameters.map(\.raw) == Target(target).query.split(separator: "&"))
    }

    @Test(arguments: [
        "?a=%", "?a=%2", "?a=%zz", "?%=1", "?a=%C0%AF", "?a=%ff", "?a=é", "?a=%2+", "?b=1&a=%E2%82", "?a=\u{1}",
        "?a=%\u{301}41",
    ])
    func refusesBrokenQueries(query: String) {
        #expect(status { try Target("/a" + query).parameters() } == 400)
        #expect(throws: Never.self) { try Target("/a" + query).segments() }
    }

    /// The status of the error that is thrown; nil where there is none.
    private func status(_ body: () throws -> Any) -> Int? {
        do {
            _ = try body()
            return nil
        } catch {
            return (error as? HTTPError)?.status.code
        }
    }
}
