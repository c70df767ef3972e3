import HTTP
import HTTPTypes
import Testing

/// Values of forms and other senders, read as a field's type.
@Suite struct LenientTests {
    @Test(arguments: [
        (#""5""#, "5"), (#"" 5 ""#, "5"), (#""+5""#, "5"), (#""-5""#, "-5"), (#""005""#, "5"), (#""0""#, "0"),
        (#""00""#, "0"), (#""0.50""#, "0.50"), (#"".5""#, "0.5"), (#""-.5""#, "-0.5"), (#""1e3""#, "1e3"),
        (#""1E-3""#, "1E-3"), ("5", "5"), (#""""#, "null"), (#""  ""#, "null"), (#""five""#, #""five""#),
        (#""1,5""#, #""1,5""#), (#""5.""#, #""5.""#), (#"".""#, #"".""#), (#""-""#, #""-""#), (#""٥""#, #""٥""#),
        ("true", "true"), ("[5]", "[5]"),
    ])
    func readsNumbers(json: String, read: String) throws {
        let field = Field("a", .integer(0...9), about: "")
        #expect(field.lenient(try JSONValue(parsing: Array(json.utf8))).minified == read)
    }

    @Test(arguments: [
        ("true", "true"), (#""true""#, "true"), (#""on""#, "true"), (#"" ON ""#, "true"), (#""1""#, "true"),
        ("1", "true"), (#""yes""#, "true"), ("false", "false"), (#""off""#, "false"), (#""0""#, "false"),
        (#""no""#, "false"), (#""""#, "null"), (#"["0", "1"]"#, "true"), (#"["1", "0"]"#, "false"), ("[]", "[]"),
        (#""maybe""#, #""maybe""#), ("2", "2"), ("{}", "{}"),
    ])
    func readsTruthValues(json: String, read: String) throws {
        let field = Field("a", .boolean, about: "")
        #expect(field.lenient(try JSONValue(parsing: Array(json.utf8))).minified == read)
    }

    @Test(arguments: [
        ("5", #""5""#), ("true", #""true""#), (#""a\r\nb\rc\nd""#, #""a\nb\nc\nd""#), (#""\r\r\n\r""#, "null"),
        ("null", "null"), ("[1]", "[1]"),
    ])
    func readsTexts(json: String, read: String) throws {
        let field = Field("a", .text(1...9), about: "")
        #expect(field.lenient(try JSONValue(parsing: Array(json.utf8))).minified == read)
    }

    @Test(arguments: [
        (#""a""#, #"["a"]"#), (#"["a", 1, " ", null, ""]"#, #"["a","1"]"#), ("5", #"["5"]"#), ("{}", "{}"),
        (#"[["a"]]"#, #"[["a"]]"#), ("null", "null"),
    ])
    func readsNames(json: String, read: String) throws {
        let field = Field("a", .names(1...9, most: 9), about: "")
        #expect(field.lenient(try JSONValue(parsing: Array(json.utf8))).minified == read)
    }

    @Test(arguments: [("small", "Small"), (" SMALL ", "Small"), ("Größe", "Größe"), ("grösse", "Größe"), ("no", "no")])
    func findsChoices(text: String, choice: String) throws {
        let field = Field("a", .choice(["Small", "Größe"]), about: "")
        #expect(field.lenient(.string(text)) == .string(choice))
    }

    @Test(arguments: [
        (#""small""#, #"["Small"]"#), (#"["GRÖSSE", "", "no", 5, []]"#, #"["Größe","no","5",[]]"#), ("null", "null"),
        ("{}", "{}"),
    ])
    func findsSeveralChoices(json: String, read: String) throws {
        let field = Field("a", .choices(["Small", "Größe"]), about: "")
        #expect(field.lenient(try JSONValue(parsing: Array(json.utf8))).minified == read)
    }

    /// Two people may differ in no more than an accent.
    @Test(arguments: [
        ("Muller", "Muller"), (" Muller ", "Muller"), (" Müller ", "Müller"),
        ("Mu\u{308}ller", "Müller"), ("muller", "Müller"),
        ("MÜLLER", "Müller"), ("Mueller", "Mueller"),
    ])
    func prefersTheChoiceThatIsTheSame(text: String, choice: String) throws {
        let choices = ["Müller", "Muller"]
        #expect(Field("a", .choice(choices), about: "").lenient(.string(text)).minified == "\"\(choice)\"")
        #expect(Field("a", .choices(choices), about: "").lenient([.string(text)]).minified == "[\"\(choice)\"]")
    }

    @Test(arguments: [
        ("a\u{0}b", "a b"), ("\u{1}a\u{7F}", "a"), ("a\r\nb\tc", "a\nb\tc"), ("e\u{301}", "\u{E9}"),
        ("q" + many("\u{301}", 100), "q" + many("\u{301}", 30)),
    ])
    func makesTextsFit(text: String, fit: String) throws {
        #expect(Text.tolerated(text).unicodeScalars.elementsEqual(fit.unicodeScalars))
    }

    @Test(arguments: [
        ("text/html", true), ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true), ("*/*", false),
        ("application/json", false), ("application/json, text/html;q=0.9", false), ("TEXT/HTML; q=0.1", true),
        ("text/html;q=0", false), ("application/json;q=0.5,text/html", true), ("text/html, application/json", false),
        ("", false), ("text/html;;,\"", false), (";", false), ("text/html;q=x", true),
    ])
    func tellsBrowsersFromOthers(accept: String, prefersHTML: Bool) {
        let request = Request(method: .post, target: Target("/"), fields: [.accept: accept], id: "1")
        #expect(request.prefersHTML == prefersHTML)
    }
}
