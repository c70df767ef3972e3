import Foundation
import HTTP
import HTTPTypes
import Testing

/// What a form sends, URL-encoded, as multipart or as JSON, well-formed or hostile.
@Suite struct FormBodyTests {
    private static let urlEncoded = "application/x-www-form-urlencoded"
    private static let multipart = "multipart/form-data; boundary=XX"

    @Test(arguments: [
        ("", "{}"), ("&&", "{}"), ("a", #"{"a":""}"#), ("a=", #"{"a":""}"#), ("=a", #"{"":"a"}"#),
        ("a=b&c=d", #"{"a":"b","c":"d"}"#), ("a=b=c", #"{"a":"b=c"}"#), ("a+b=c+d", #"{"a b":"c d"}"#),
        ("a%3Db=%26%2B%25", #"{"a=b":"&+%"}"#), ("%C3%A9=%e2%82%ac", #"{"é":"€"}"#), ("é=€", #"{"é":"€"}"#),
        ("a=100%&b=%zz&c=%4", #"{"a":"100%","b":"%zz","c":"%4"}"#), ("a=%00", #"{"a":"\u0000"}"#),
        ("a=1&b=2&a=3", #"{"a":["1","3"],"b":"2"}"#), ("a[]=1", #"{"a":["1"]}"#),
        ("a[]=1&a[]=2", #"{"a":["1","2"]}"#), ("a[]=1&a=2", #"{"a":["1","2"]}"#), ("a%5B%5D=1", #"{"a":["1"]}"#),
        ("a[b]=1", #"{"a[b]":"1"}"#), ("a=1;b=2", #"{"a":"1;b=2"}"#), ("a=1\r\n", #"{"a":"1\r\n"}"#),
        // A composed and a decomposed letter are two names, as in JSON.
        ("%C3%A9=1&e%CC%81=2", "{\"\u{E9}\":\"1\",\"e\u{301}\":\"2\"}"),
    ])
    func readsURLEncodedBodies(body: String, json: String) throws {
        for type in [Self.urlEncoded, "Application/X-WWW-Form-URLEncoded; charset=UTF-8"] {
            let object = try request(type, Array(body.utf8)).formObject()
            #expect(JSONValue.object(object).minified.utf8.elementsEqual(json.utf8), "\(object)")
        }
    }

    @Test(arguments: [
        Array("a=%ff".utf8), Array("%C3=a".utf8), Array("a=%ED%A0%80".utf8), Array("a=%C0%AF".utf8),
        Array("a=".utf8) + [0xE9], Array("a=%F4%90%80%80".utf8), Array("a=%C3&b=%A9".utf8),
    ])
    func refusesWhatIsNoUTF8(body: [UInt8]) throws {
        #expect(refused(Self.urlEncoded, body)?.status == .badRequest)
        let head = Array("--XX\r\nContent-Disposition: form-data; name=\"a".utf8)
        let (middle, end) = (Array("\"\r\n\r\n".utf8), Array("\r\n--XX--".utf8))
        #expect(refused(Self.multipart, head + middle + [0xFF] + end)?.status == .badRequest)
        #expect(refused(Self.multipart, head + [0xE9] + middle + end)?.status == .badRequest)
        #expect(refused(Self.multipart, head + middle + end)?.status == nil)
    }

    @Test func readsMultipartBodies() throws {
        let parts = [
            (#"Content-Disposition: form-data; name="first name""#, "Ann"),
            (#"content-disposition:form-data;NAME=email"#, "a@example.com"),
            ("Content-Type: text/plain; charset=utf-8\r\nContent-Disposition: form-data; name=\"é\"", "€"),
            (#"Content-Disposition: form-data; name="list[]""#, "1"),
            (#"Content-Disposition: form-data; name="list[]""#, "2"),
            (#"Content-Disposition: form-data; name="a%22b\"c\\d\e""#, "x"),
            (#"Content-Disposition: form-data; name="end\""#, "y"),
            (#"Content-Disposition: form-data; name="\""#, "z"),
            (#"Content-Disposition: form-data; name="empty""#, ""),
            (#"Content-Disposition: form-data; name="lines""#, "1\r\n--X\r\n--\r\n\r\n2\n\r"),
            ("Content-Transfer-Encoding: 8bit\r\nContent-Disposition: form-data; name=\"t\"; x=y;", "--XX"),
            (#"Content-Disposition: form-data; name="cv"; filename="""#, ""),
        ]
        let body = parts.map { "--XX\r\n\($0)\r\n\r\n\($1)\r\n" }.joined() + "--XX--"
        let json = """
            {"first name":"Ann","email":"a@example.com","é":"€","list":["1","2"],"a\\"b\\"c\\\\d\\\\e":"x","end\\\\":"y",\
            "\\\\":"z","empty":"",\
            "lines":"1\\r\\n--X\\r\\n--\\r\\n\\r\\n2\\n\\r","t":"--XX"}
            """
        for (before, after) in [("", ""), ("preamble\r\n", "\r\nepilogue --XX"), ("\r\n", "  \r\n")] {
            let object = try request(Self.multipart, Array((before + body + after).utf8)).formObject()
            #expect(JSONValue.object(object).minified == json)
        }
    }

    @Test func takesPaddingQuotedBoundariesAndNoPartsAtAll() throws {
        let padded = "--a b \t\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--a b--"
        let quoted = "multipart/form-data; charset=utf-8; boundary=\"a b\""
        #expect(try request(quoted, Array(padded.utf8)).formObject()["a"] == .string("1"))
        #expect(try request(Self.multipart, Array("--XX--\r\n".utf8)).formObject().isEmpty)
    }

    @Test(arguments: [
        "", "--", "--XX", "--XX\r\n", "--XY\r\n", "XX\r\n", "--XX\n", "--XX \r\n\r\n--XX--",
        "--XX\r\n\r\na\r\n--XX--", "--XX\r\nContent-Disposition: form-data\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"x\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"; name=\"b\"\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nNo colon\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\n\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\r\n--XX",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na\r\n--XX-\r\n",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\na--XX--",
        "--XX\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nYQ==\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\nX: \(many("x", 9_000))\r\n\r\na\r\n--XX--",
        "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\(many("X: y\r\n", 2_000))\r\na\r\n--XX--",
    ])
    func refusesBrokenMultipart(body: String) throws {
        let refusal = try #require(refused(Self.multipart, Array(body.utf8)))
        #expect(refusal.status == .badRequest)
        #expect(refusal.message == "The body is not valid multipart/form-data.")
    }

    @Test(arguments: [
        "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=\"a \"",
        "multipart/form-data; boundary=\"a\\\"\"", "multipart/form-data; boundary=é",
        "multipart/form-data; boundary=\(many("x", 71))",
    ])
    func refusesAMissingOrBrokenBoundary(type: String) throws {
        #expect(refused(type, Array("--XX--".utf8))?.message == "The Content-Type has no valid boundary.")
    }

    @Test func refusesFilesByName() throws {
        let parts = [
            #"name="cv"; filename="cv.pdf""#, #"name="a""#, #"name="my_photo"; filename="""#,
            #"name="x"; filename*=UTF-8''a"#,
        ]
        let body = parts.map { "--XX\r\nContent-Disposition: form-data; \($0)\r\n\r\n%PDF\r\n" }.joined() + "--XX--"
        let refusal = try #require(refused(Self.multipart, Array(body.utf8)))
        #expect(refusal.status == .unprocessableContent)
        let errors = """
            {"cv":["The cv field must not be a file."],"my_photo":["The my photo field must not be a file."],\
            "x":["The x field must not be a file."]}
            """
        #expect(try Checked.errors(refusal) == errors)
    }

    @Test func refusesMoreFieldsThanAFormHas() throws {
        for count in [1_000, 1_001] {
            let pairs = (1...count).map { "f\($0)=" }.joined(separator: "&")
            let members = (1...count).map { "\"f\($0)\":1" }.joined(separator: ",")
            let parts = (1...count).map { "--XX\r\nContent-Disposition: form-data; name=f\($0)\r\n\r\n\r\n" }.joined()
            for (type, body) in [
                (Self.urlEncoded, pairs), ("application/json", "{\(members)}"), (Self.multipart, parts + "--XX--"),
            ] {
                let refusal = refused(type, Array(body.utf8))
                #expect(refusal?.status == (count > 1_000 ? .unprocessableContent : nil), "\(type)")
            }
        }
    }

    @Test(arguments: [
        "text/plain", "application/xml", "application/x-www-form-urlencoded; charset=iso-8859-1", "form", "",
        "multipart/mixed; boundary=XX", "application/json; charset=utf-16",
        "multipart/form-data; boundary=XX; boundary=YY",
    ])
    func refusesOtherTypes(type: String) throws {
        #expect(refused(type, Array("a=b".utf8))?.status == .unsupportedMediaType)
    }

    @Test func readsJSONAsElsewhere() throws {
        for type in ["application/json", "application/json; charset=utf-8", nil] {
            #expect(try request(type, Array(#"{"a": [1]}"#.utf8)).formObject()["a"] == .array([.number("1")]))
            #expect(refused(type, Array("[]".utf8))?.status == .unprocessableContent)
            #expect(refused(type, Array("{".utf8))?.status == .badRequest)
            #expect(refused(type, [])?.status == .badRequest)
        }
    }

    @Test func refusesBodiesThatAreNotWhole() throws {
        var request = request(Self.urlEncoded, [])
        request.body = .tooLarge
        #expect(throws: HTTPError.self) { try request.formObject() }
        request.body = .incomplete
        #expect(throws: HTTPError.self) { try request.formObject() }
    }

    /// Each of a mebibyte: none takes time that grows with its square.
    @Test(arguments: [
        (urlEncoded, many("a", 1_048_576)), (urlEncoded, many("%", 1_048_576)), (urlEncoded, many("&", 1_048_576)),
        (urlEncoded, "e" + many("%CC%81", 174_000)), (urlEncoded, many("[]", 524_288)),
        (multipart, many("\r\n--X", 209_715)), (multipart, many("\r", 1_048_576)),
        (multipart, many("--XX\r\n", 174_762)),
        (
            multipart,
            "--XX\r\nContent-Disposition: form-data; name=a\r\n\r\n" + many("\r\n--XY", 174_000) + "\r\n--XX--"
        ),
        (multipart, "--XX\r\nContent-Disposition: form-data; name=\"" + many("\\", 1_000_000) + "\"\r\n\r\n\r\n--XX--"),
    ])
    func readsHostileBodiesInNoTime(type: String, body: String) throws {
        let took = ContinuousClock().measure { _ = refused(type, Array(body.utf8)) }
        #expect(took < .seconds(20), "\(took)")
    }

    /// Bodies that were cut or changed at random are read or refused, and nothing else.
    @Test func survivesAnyBody() throws {
        var generator = SystemRandomNumberGenerator()
        let part = "--XX\r\nContent-Disposition: form-data; name=\"a\"; filename=b\r\n\r\n1%C3%A9&c=d\r\n"
        let whole = Array((part + part + "--XX--").utf8)
        for _ in 0..<2_000 {
            var body = Array(whole.prefix(Int.random(in: 0...whole.count, using: &generator)))
            for _ in 0..<Int.random(in: 0..<4) where !body.isEmpty {
                body[Int.random(in: 0..<body.count)] = UInt8.random(in: 0...255)
            }
            for type in [Self.urlEncoded, Self.multipart] {
                let status = refused(type, body)?.status.code ?? 200
                #expect([200, 400, 422].contains(status))
            }
        }
    }

    private func request(_ type: String?, _ body: [UInt8]) -> Request {
        var request = Request(method: .post, target: Target("/"), body: .complete(body), id: "1")
        if let type { request.fields[.contentType] = type }
        return request
    }

    private func refused(_ type: String?, _ body: [UInt8]) -> HTTPError? {
        do throws(HTTPError) {
            _ = try request(type, body).formObject()
            return nil
        } catch {
            return error
        }
    }
}
