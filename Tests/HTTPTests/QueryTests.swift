import HTTP
import Testing

@Suite struct QueryTests {
    private static let parameters: [Parameter] = [
        Parameter(.integer("page", 1...Int64.max, about: "")),
        Parameter(.integer("score", -5...5, about: "")),
        Parameter(Field("amount", .money(0...9_999), about: "")),
        Parameter(.boolean("starred", default: false, about: "")),
        Parameter(.text("source", 1...5, about: ""), .list),
        Parameter(.choice("status", ["new", "lost"], default: "", about: ""), .list),
        Parameter(.text("search", 2...5, about: "")),
        Parameter(Field("since", .time, about: "")),
    ]

    /// A bracket and a mark behind it look like one character.
    @Test(arguments: [
        ("own%5Bkey%5D=v", "key", "v"), ("own%5B%E0%BB%8A%5D=v", "\u{ECA}", "v"), ("own%5B%CC%88%5D=", "\u{308}", ""),
        ("own%5B%5D=v", "", "v"), ("own%5Ba%5Db%5D=v", "a]b", "v"),
    ])
    func readsKeys(query: String, key: String, value: String) throws {
        let own = Parameter(.text("own", about: ""), .keyed)
        let keyed = try Query(Target("/api/v1/leads?" + query), parameters: [own]).keyed("own")
        #expect(keyed.map(\.key) == [key])
        #expect(keyed.map(\.value) == [value])
    }

    private func read(_ query: String) throws -> Query {
        try Query(Target("/api/v1/leads?" + query), parameters: Self.parameters)
    }

    @Test(
        arguments: [
            ("score=5", "score", 5), ("score=-5", "score", -5), ("score=5.0", "score", 5), ("score=-0", "score", 0),
            ("amount=12.5", "amount", 1_250), ("starred=true", "starred", 1), ("starred=false", "starred", 0),
            ("since=2026-03-28", "since", 1_774_656_000), ("since=2026-03-28T10:15:00+01:00", "since", 1_774_689_300),
            ("since=2026-03-28T10:15:00%2B01:00", "since", 1_774_689_300),
            ("page=9223372036854775807", "page", Int64.max), ("page=99999999999999999999", "page", Int64.max),
            ("%70age=3", "page", 3),
        ] as [(String, String, Int64)])
    func readsNumbersTruthValuesAndMoments(query: String, name: String, number: Int64) throws {
        #expect(try read(query).integer(name) == number)
    }

    @Test(arguments: [
        ("", "source", []), ("source=a", "source", ["a"]), ("source=a,b", "source", ["a", "b"]),
        ("source=a%2Cb", "source", ["a", "b"]), ("source=a,%CC%88b", "source", ["a", "\u{308}b"]),
        ("source=+a+,b", "source", ["a", "b"]),
        ("source=e%CC%81", "source", ["\u{E9}"]), ("status=new,lost", "status", ["new", "lost"]),
        ("search=a,b", "search", ["a,b"]), ("search=%2B49", "search", ["+49"]), ("source=12", "source", ["12"]),
        ("search=true", "search", ["true"]),
    ])
    func readsTexts(query: String, name: String, texts: [String]) throws {
        #expect(try read(query).texts(name) == texts)
    }

    @Test(arguments: [
        ("nope=1", #"{"nope":["The nope parameter is unknown."]}"#),
        ("Page=1", #"{"Page":["The Page parameter is unknown."]}"#),
        ("my_page", #"{"my_page":["The my page parameter is unknown."]}"#),
        ("page%5B%5D=1", #"{"page[]":["The page[] parameter is unknown."]}"#),
        ("score=1&score=1", #"{"score":["The score parameter comes more than once."]}"#),
        ("source=a&source=b", #"{"source":["The source parameter comes more than once."]}"#),
        ("score=1&%73core=2", #"{"score":["The score parameter comes more than once."]}"#),
        ("score=6", #"{"score":["The score field must be between -5 and 5."]}"#),
        ("score=5x", #"{"score":["The score field must be an integer."]}"#),
        ("score=%205", #"{"score":["The score field must be an integer."]}"#),
        ("score=+5", #"{"score":["The score field must be an integer."]}"#),
        ("score=%2B5", #"{"score":["The score field must be an integer."]}"#),
        ("score=", #"{"score":["The score field must be an integer."]}"#),
        ("score=null", #"{"score":["The score field must be an integer."]}"#),
        ("amount=1.001", #"{"amount":["The amount field must have 0-2 decimal places."]}"#),
        ("amount=1,5", #"{"amount":["The amount field must be a number."]}"#),
        ("starred=1", #"{"starred":["The starred field must be true or false."]}"#),
        ("starred=TRUE", #"{"starred":["The starred field must be true or false."]}"#),
        ("starred", #"{"starred":["The starred field must be true or false."]}"#),
        ("since=yesterday", #"{"since":["The since field must be a valid date."]}"#),
        ("since=", #"{"since":["The since field must be a valid date."]}"#),
        ("source=", #"{"source":["The source field is required."]}"#),
        ("source=a,", #"{"source":["The source field is required."]}"#),
        ("source=a,abcdef", #"{"source":["The source field must not be greater than 5 characters."]}"#),
        ("status=new,x", #"{"status":["The selected status is invalid."]}"#),
        ("search=a", #"{"search":["The search field must be at least 2 characters."]}"#),
        ("search=a%00b", #"{"search":["The search field must not contain control characters."]}"#),
        (
            "score=x&nope=1&status=y",
            #"{"score":["The score field must be an integer."],"nope":["The nope parameter is unknown."],"#
                + #""status":["The selected status is invalid."]}"#
        ),
    ])
    func refuses(query: String, errors: String) throws {
        let error = try #require(throws: HTTPError.self) { try read(query) }
        #expect(error.status == .unprocessableContent)
        #expect(try Checked.errors(error) == errors)
    }

    @Test func refusesBrokenEscapes() throws {
        let error = try #require(throws: HTTPError.self) { try read("source=%zz") }
        #expect(error.status == .badRequest)
        #expect(error.code == "BAD_REQUEST")
    }

    @Test func looksAwayWhereARouteTakesNoNotice() throws {
        let query = try Query(Target("/health?x=%zz&x=1"), parameters: nil)
        #expect(query.texts("x") == [])
        let error = try #require(throws: HTTPError.self) { try Query(Target("/health?x=1"), parameters: []) }
        #expect(error.status == .unprocessableContent)
    }

    @Test(arguments: [
        ("", "page=7"), ("page=3", "page=7"), ("source=a", "source=a&page=7"),
        ("page=3&source=a%2Cb&search=x+y", "source=a%2Cb&search=x+y&page=7"),
        ("source=%e2%82%ac&&%70age=2&score=1", "source=%e2%82%ac&score=1&page=7"),
    ])
    func carriesParametersIntoLinksAsTheyCame(query: String, linked: String) throws {
        let link = try read(query).link(origin: "https://crm.example.com:8443", page: 7)
        #expect(link == "https://crm.example.com:8443/api/v1/leads?" + linked)
        // And what a link says is what a client may ask.
        #expect(try read(linked).integer("page") == 7)
    }
}
