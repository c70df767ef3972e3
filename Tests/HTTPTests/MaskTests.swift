import HTTP
import Testing

@Suite struct MaskTests {
    @Test(arguments: [
        ("whsec_abcd1234", "********234"), ("0123456789abcdef", "********cdef"),
        ("a much longer secret: 1234", "********1234"),
        ("", "********"), ("abc", "********"), ("abcd", "********d"), ("abcdefg", "********g"),
        ("abcdefgh", "********gh"),
        ("abcdefghijkl", "********jkl"), ("🔑🔑🔑🔑", "********🔑"),
    ])
    func showsTheLastFourAndNeverMoreThanAQuarter(secret: String, mask: String) {
        #expect(Mask.of(secret) == mask)
        #expect(Mask.isMask(mask))
        #expect(!Mask.isMask(secret))
    }

    @Test(arguments: ["*******1234", "********12345", "a********1234", "xxxxxxxx1234", "*****"])
    func tellsAMaskFromASecret(text: String) {
        #expect(!Mask.isMask(text))
    }

    private static let members: [Field] = [
        .text("key", 1...20, [.required, .secret], about: ""),
        Field("address", .url, .secret, about: ""),
        .text("plain", 1...20, about: ""),
        Field("events", .choices(["a", "b", "c"]), initial: .names([]), about: ""),
    ]
    private static let fields: [Field] = [
        Field("type", .choice(["one", "two"]), [.required, .fixed], about: ""),
        Field(
            "config",
            .record(.beside("type", [("one", .fields(members)), ("two", .fields([.text("other", about: "")]))])),
            .merged,
            initial: .object(JSONObject([])), about: "",
        ),
    ]

    private static func check(_ body: String, current: String? = nil) throws -> (input: Input, messages: [String]) {
        func object(_ text: String) throws -> JSONObject {
            guard case .object(let object) = try JSONValue(parsing: Array(text.utf8)) else { return JSONObject([]) }
            return object
        }
        var problems = Problems()
        let input = Input(
            try object(body), fields: fields, isNew: current == nil, current: try object(current ?? "{}"),
            problems: &problems,
        )
        return (input, problems.messages)
    }

    private static func config(_ input: Input) -> String? {
        if case .object(let object) = input["config"] { JSONValue.object(object).minified } else { nil }
    }

    @Test(arguments: [
        (
            #"{"type":"one","config":{"key":" k "}}"#, #"{"key":" k ","address":null,"plain":null,"events":[]}"#
        ),
        (
            #"{"type":" one ","config":{"key":"k","events":["b","a","b"],"address":"https://a.example/x"}}"#,
            #"{"key":"k","address":"https://a.example/x","plain":null,"events":["b","a"]}"#
        ),
        (#"{"type":"two"}"#, #"{"other":null}"#), (#"{"type":"two","config":null}"#, #"{"other":null}"#),
    ])
    func takesTheMembersThatTheMemberBesideSays(body: String, config: String) throws {
        let checked = try Self.check(body)
        #expect(checked.messages == [])
        #expect(Self.config(checked.input) == config)
    }

    @Test(arguments: [
        (#"{"type":"one"}"#, ["The config.key field is required."]),
        (#"{"type":"one","config":{}}"#, ["The config.key field is required."]),
        (#"{"type":"one","config":{"key":""}}"#, ["The config.key field is required."]),
        (#"{"type":"one","config":[]}"#, ["The config field must be an object."]),
        (#"{"type":"two","config":{"key":"k"}}"#, ["The config.key field is unknown."]),
        (#"{"config":{"key":"k"}}"#, ["The type field is required."]),
        (#"{"type":"three","config":{"key":"k"}}"#, ["The selected type is invalid."]),
        (#"{"type":1,"config":{"key":"k"}}"#, ["The type field must be a string."]),
        (
            #"{"type":"one","config":{"key":"********1234","address":"********"}}"#,
            [
                "The config.key field must be the secret itself, not its mask.",
                "The config.address field must be a valid URL.",
            ]
        ),
        (
            #"{"type":"one","config":{"key":" ******** "}}"#,
            ["The config.key field must be the secret itself, not its mask."]
        ),
        (
            #"{"type":"one","config":{"key":"k","events":["a","x",1]}}"#,
            ["The selected config.events.1 is invalid.", "The config.events.2 field must be a string."]
        ),
        (
            #"{"type":"one","config":{"key":"k","events":["a","x"," ",["b"],"y"]}}"#,
            [
                "The selected config.events.1 is invalid.", "The config.events.2 field is required.",
                "The config.events.3 field must be a string.", "The selected config.events.4 is invalid.",
            ]
        ),
        (#"{"type":"one","config":{"key":"k","events":["a","x"]}}"#, ["The selected config.events.1 is invalid."]),
    ])
    func refuses(body: String, messages: [String]) throws {
        #expect(try Self.check(body).messages == messages)
    }

    private static let current = """
        {"type":"one","config":{"key":"********1234","address":"********e/x9","plain":"p","events":["a"]}}
        """

    @Test(
        arguments: [
            // The record's own masks stay, and with them all that did not come.
            (#"{}"#, nil), (current, #"{"key":"********1234","address":"********e/x9","plain":"p","events":["a"]}"#),
            (
                #"{"config":{"plain":"q"}}"#,
                #"{"key":"********1234","address":"********e/x9","plain":"q","events":["a"]}"#
            ),
            (
                #"{"config":{"key":"new","address":null}}"#, #"{"key":"new","address":null,"plain":"p","events":["a"]}"#
            ),
        ] as [(String, String?)])
    func leavesWhatItsMaskStandsFor(body: String, config: String?) throws {
        let checked = try Self.check(body, current: Self.current)
        #expect(checked.messages == [])
        #expect(Self.config(checked.input) == config)
    }

    @Test(arguments: [
        (#"{"config":{"key":"********9999"}}"#, ["The config.key field must be the secret itself, not its mask."]),
        (#"{"config":{"key":null}}"#, ["The config.key field is required."]),
        (#"{"config":{"address":"********1234"}}"#, ["The config.address field must be a valid URL."]),
        (#"{"config":{"other":"x"}}"#, ["The config.other field is unknown."]),
        (
            #"{"type":"two","config":{"other":"x"}}"#,
            ["The type field cannot be changed.", "The config.other field is unknown."]
        ),
        (#"{"config":null}"#, ["The config field is required."]),
    ])
    func refusesChanges(body: String, messages: [String]) throws {
        #expect(try Self.check(body, current: Self.current).messages == messages)
    }
}
