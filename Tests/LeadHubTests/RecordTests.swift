import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// One of the resources whose records have names.
struct NamedKind: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let list: String
    let fields: [Field]
    /// The field that no two records may share.
    let unique: String?

    static let pipeline = NamedKind("pipeline", "/pipelines", Pipeline.fields, "name")
    static let stage = NamedKind("stage", "/pipelines/1/stages", Stage.fields, nil)
    static let tag = NamedKind("tag", "/tags", Tag.fields, "name")
    static let user = NamedKind("user", "/users", User.fields, "email")
    static let all = [pipeline, stage, tag, user]

    private init(_ name: String, _ list: String, _ fields: [Field], _ unique: String?) {
        (testDescription, self.list, self.fields, self.unique) = (name, list, fields, unique)
    }

    var isStage: Bool { unique == nil }

    /// A new record; `number` makes what must be unique beside the name another one.
    func body(_ name: String, _ number: Int = 1) -> String {
        let email = unique == "email" ? ", \"email\": \"u\(number)@example.com\"" : ""
        return "{\"name\": \"\(name)\"\(email)}"
    }

    /// Sets a workbench up with what a record needs to be there.
    func run(_ body: (Workbench) throws -> Void) throws {
        try Workbench.run { bench in
            if isStage { _ = try bench.pipeline("Home", []) }
            try body(bench)
        }
    }
}

extension Workbench {
    /// Asks for what lies below `/api/v1` as the bench's own key.
    func ask(
        _ method: HTTPRequest.Method, _ target: String, _ body: String? = nil, fields: HTTPFields = [:],
        now: Int64 = now,
    ) throws -> Answer {
        try send(method, "/api/v1" + target, body, key: key, fields: fields, now: now)
    }

    /// The record at a path, or made there with a body.
    func data(_ target: String, _ body: String? = nil, now: Int64 = now) throws -> JSONValue {
        let answer = try ask(body == nil ? .get : .post, target, body, now: now)
        try #require(answer.status == (body == nil ? 200 : 201), "\(answer.text)")
        return try #require(answer["data"])
    }

    /// The names of a list's records, in its order.
    func names(_ target: String) throws -> [String] {
        let answer = try ask(.get, target)
        try #require(answer.status == 200, "\(answer.text)")
        let names = answer["data"]?.elements.compactMap { $0["name"]?.string } ?? []
        #expect(answer["meta", "total"]?.integer == Int64(names.count), "\(target)")
        return names
    }
}

/// What pipelines, stages, tags and users have in common.
@Suite struct RecordTests {
    private static let later = Workbench.now + 60
    private static let changing: [HTTPRequest.Method] = [.put, .patch]

    @Test(arguments: NamedKind.all)
    func liveFromCreationToRemoval(kind: NamedKind) throws {
        try kind.run { bench in
            let created = try bench.ask(.post, kind.list, kind.body("  First\\n"))
            #expect(created.status == 201, "\(created.text)")
            #expect(created.json?.names == ["data"])
            #expect(created["data"]?.names == kind.fields.map(\.name))
            #expect(created["data", "name"] == "First")
            let path = "\(kind.list)/1"
            #expect(created.header("Location") == "\(Workbench.origin)/api/v1\(path)")
            let read = try bench.ask(.get, path, now: Self.later)
            #expect(read.status == 200)
            #expect(read.text == created.text)
            #expect(read.header("ETag") == created.header("ETag"))
            #expect(try bench.ask(.head, path).header("ETag") == created.header("ETag"))

            let updated = try bench.ask(.patch, path, #"{"name": "Second"}"#, now: Self.later)
            #expect(updated.status == 200, "\(updated.text)")
            let expected = try #require(created["data"]).replacing([
                ("name", "Second"), ("updated_at", "2026-09-21T14:14:20+00:00"),
            ])
            #expect(updated["data"] == expected)
            #expect(try bench.ask(.get, path).text == updated.text)
            #expect(try bench.ask(.get, path).header("ETag") == updated.header("ETag"))
            #expect(updated.header("ETag") != created.header("ETag"))

            let removed = try bench.ask(.delete, path)
            #expect(removed.status == 204)
            #expect(removed.text == "")
            for method in [HTTPRequest.Method.get, .put, .patch, .delete] {
                #expect(try bench.ask(method, path, "{}").status == 404)
            }
            #expect(try bench.names(kind.list) == [])
            #expect(try bench.data(kind.list, kind.body("First"))["id"] == 2)
        }
    }

    @Test(arguments: NamedKind.all)
    func takeBackWhatWasRead(kind: NamedKind) throws {
        try kind.run { bench in
            let path = "\(kind.list)/1"
            _ = try bench.data(kind.list, kind.body("First"))
            for name in ["First", #"Étienne \"x\"\n\t\\ 👩‍💻 </a>"#] {
                let renamed = try bench.ask(.patch, path, "{\"name\": \"\(name)\"}")
                #expect(renamed.status == 200, "\(renamed.text)")
                let changes = bench.changes
                for method in Self.changing {
                    let answer = try bench.ask(method, path, bench.data(path).minified, now: Self.later)
                    #expect(answer.text == renamed.text)
                }
                #expect(bench.changes == changes)
            }
        }
    }

    @Test(arguments: NamedKind.all)
    func honourConditions(kind: NamedKind) throws {
        try kind.run { bench in
            let path = "\(kind.list)/1"
            let old = try #require(try bench.ask(.post, kind.list, kind.body("First")).header("ETag"))
            #expect(try bench.ask(.get, path, fields: [.ifNoneMatch: old]).status == 304)
            let changed = try bench.ask(.patch, path, #"{"name": "Second"}"#, fields: [.ifMatch: old])
            #expect(changed.status == 200, "\(changed.text)")
            #expect(try bench.ask(.get, path, fields: [.ifNoneMatch: old]).status == 200)
            let contents = try bench.contents()
            for method in [HTTPRequest.Method.put, .patch, .delete] {
                let answer = try bench.ask(method, path, #"{"name": "Third"}"#, fields: [.ifMatch: old])
                #expect(answer.status == 412)
                #expect(answer.code == "PRECONDITION_FAILED")
            }
            #expect(try bench.contents() == contents)
            let tag = try #require(changed.header("ETag"))
            #expect(try bench.ask(.put, path, #"{"name": "Second"}"#, fields: [.ifMatch: tag]).status == 200)
            #expect(try bench.ask(.delete, path, fields: [.ifMatch: tag]).status == 204)
        }
    }

    @Test(arguments: NamedKind.all)
    func areMadeOnceUnderOneIdempotencyKey(kind: NamedKind) throws {
        try kind.run { bench in
            let fields: HTTPFields = [.idempotencyKey: "once"]
            #expect(try bench.ask(.post, kind.list, "{}", fields: fields).status == 422)
            let first = try bench.ask(.post, kind.list, kind.body("First"), fields: fields)
            let second = try bench.ask(.post, kind.list, kind.body("First"), fields: fields, now: Self.later)
            #expect(first.status == 201, "\(first.text)")
            #expect(second.status == 201)
            #expect(second.text == first.text)
            #expect(second.header("Location") == first.header("Location"))
            #expect(second.header("Idempotency-Replayed") == "true")
            #expect(try bench.names(kind.list) == ["First"])
            let other = try bench.ask(.post, kind.list, kind.body("Other", 2), fields: fields)
            #expect(other.status == 422)
            #expect(other.code == "IDEMPOTENCY_KEY_REUSED")
        }
    }

    // MARK: - What must be unique

    @Test(arguments: [
        (NamedKind.pipeline, "name", "École", "  ECOLE "), (.pipeline, "name", "Straße", "STRASSE"),
        (.tag, "name", "École", "Ecole\u{301}"), (.tag, "name", "ΓΙΏΡΓΟΣ", "γιωργος"),
        (.user, "email", "Ann@Example.com", "aNN@eXAMPLE.COM"), (.user, "email", "Ü@example.com", "ü@example.com"),
    ])
    func shareNoName(kind: NamedKind, field: String, first: String, second: String) throws {
        try kind.run { bench in
            func body(_ value: String) -> String {
                let name = field == "name" ? "" : "\"name\": \"Same\", "
                return "{\(name)\"\(field)\": \"\(value)\"}"
            }
            let taken = "{\"\(field)\":[\"The \(field) has already been taken.\"]}"
            _ = try bench.data(kind.list, body(first))
            let contents = try bench.contents()
            for again in [first, second] {
                let answer = try bench.ask(.post, kind.list, body(again))
                #expect(answer.status == 422)
                #expect(answer["errors"]?.minified == taken)
            }
            #expect(try bench.contents() == contents)
            _ = try bench.data(kind.list, body("other@example.com"))
            if field == "name" {
                let answer = try bench.ask(.patch, "\(kind.list)/2", body(second))
                #expect(answer.status == 422)
                #expect(answer["errors"]?.minified == taken)
                // What differs in case and accents alone is still its own.
                #expect(try bench.ask(.patch, "\(kind.list)/1", body(second)).status == 200)
                #expect(try bench.ask(.patch, "\(kind.list)/1", body(first))["data", field] == .string(first))
            }
            let key = try bench.key(["*"], in: try bench.workspace("other"))
            #expect(try bench.post("/api/v1" + kind.list, body(first), key: key).status == 201)
        }
    }

    @Test(arguments: NamedKind.all.filter { !$0.isStage })
    func shareNoNameWhenSeveralAreMadeAtOnce(kind: NamedKind) throws {
        try kind.run { bench in
            let answers = Lines()
            try Worker.run(0..<4, on: bench) { number, worker in
                for round in 0..<20 {
                    let name = (number + round) % 2 == 0 ? "Name \(round)" : "NAME \(round)"
                    let answer = try worker.send(.post, "/api/v1" + kind.list, kind.body(name, round))
                    answers.add("\(answer.status) \(answer["errors"]?.minified ?? "")")
                }
            }
            let field = kind.unique ?? ""
            let taken = "422 {\"\(field)\":[\"The \(field) has already been taken.\"]}"
            #expect(answers.all.filter { $0 == "201 " }.count == 20)
            #expect(answers.all.filter { $0 == taken }.count == 60)
        }
    }

    // MARK: - Lists

    private static let names = ["Zoë", "adam", "Étienne", "eve", "ADA", "50% _x"]
    private static let sorted = ["50% _x", "ADA", "adam", "Étienne", "eve", "Zoë"]

    @Test(arguments: NamedKind.all)
    func areListedInTheOrderThatIsAskedFor(kind: NamedKind) throws {
        try kind.run { bench in
            #expect(try bench.names(kind.list) == [])
            for (index, name) in Self.names.enumerated() {
                _ = try bench.data(kind.list, kind.body(name, index), now: Workbench.now - Int64(index / 2))
            }
            #expect(try bench.names(kind.list) == (kind.isStage ? Self.names : Self.sorted))
            let byTime = ["ADA", "50% _x", "Étienne", "eve", "Zoë", "adam"]
            for (sort, names) in [("name", Self.sorted), ("id", Self.names), ("created_at", byTime)] {
                #expect(try bench.names(kind.list + "?sort=\(sort)") == names)
                #expect(try bench.names(kind.list + "?sort=\(sort)&direction=asc") == names)
                #expect(try bench.names(kind.list + "?direction=desc&sort=\(sort)") == names.reversed())
            }
            if kind.isStage {
                #expect(try bench.names(kind.list + "?sort=sort_order&direction=desc") == Self.names.reversed())
            }
            for (search, names) in [
                ("E", ["Étienne", "eve", "Zoë"]), ("éti", ["Étienne"]), ("AD", ["ADA", "adam"]), ("%25", ["50% _x"]),
                ("_", ["50% _x"]), ("nobody", []),
            ] {
                // A user is found by the address too, and all addresses have an `e`.
                if kind.unique == "email" && search == "E" { continue }
                #expect(try bench.names(kind.list + "?sort=name&search=\(search.escapedOnce)") == names, "\(search)")
            }
        }
    }

    @Test(arguments: NamedKind.all)
    func areListedInPages(kind: NamedKind) throws {
        try kind.run { bench in
            for number in 10..<27 { _ = try bench.data(kind.list, kind.body("Name \(number)", number)) }
            let first = try bench.ask(.get, kind.list)
            #expect(first.ids == Array(1...15))
            #expect(first.json?.names == ["data", "meta", "links"])
            let meta = #"{"current_page":1,"last_page":2,"per_page":15,"total":17,"from":1,"to":15}"#
            #expect(first["meta"]?.minified == meta)
            let page = try bench.ask(.get, kind.list + "?search=name&per_page=5&sort=id&page=4")
            #expect(page.ids == [16, 17])
            let base = "\(Workbench.origin)/api/v1\(kind.list)?search=name&per_page=5&sort=id&page="
            #expect(page["links", "self"] == .string(base + "4"))
            #expect(page["links", "first"] == .string(base + "1"))
            #expect(page["links", "last"] == .string(base + "4"))
            #expect(page["links", "prev"] == .string(base + "3"))
            #expect(page["links", "next"] == .null)
            let beyond = try bench.ask(.get, kind.list + "?page=9")
            #expect(beyond.status == 200)
            #expect(beyond.ids == [])
            #expect(beyond["meta", "from"] == .null)
            #expect(try bench.ask(.get, kind.list + "?per_page=1000")["meta", "per_page"] == 100)
            #expect(first["data", "0"] == (try bench.data("\(kind.list)/1")))
        }
    }

    private static let queries: [(query: String, errors: String)] = [
        ("sort=color", #"{"sort":["The selected sort is invalid."]}"#),
        ("sort=", #"{"sort":["The sort field is required."]}"#),
        ("direction=up", #"{"direction":["The selected direction is invalid."]}"#),
        ("page=0", #"{"page":["The page field must be at least 1."]}"#),
        ("per_page=x", #"{"per_page":["The per page field must be an integer."]}"#),
        ("search=", #"{"search":["The search field is required."]}"#),
        ("search=a%00", #"{"search":["The search field must not contain control characters."]}"#),
        ("name=x", #"{"name":["The name parameter is unknown."]}"#),
        ("cursor=", #"{"cursor":["The cursor parameter is unknown."]}"#),
        ("sort=id&sort=id", #"{"sort":["The sort parameter comes more than once."]}"#),
    ]

    @Test(arguments: NamedKind.all)
    func areNotListedByWhatIsNoParameter(kind: NamedKind) throws {
        try kind.run { bench in
            for item in Self.queries {
                let answer = try bench.ask(.get, "\(kind.list)?\(item.query)")
                #expect(answer.status == 422, "\(item.query)")
                #expect(answer["errors"]?.minified == item.errors)
            }
            #expect(try bench.ask(.get, kind.list + "?search=%zz").status == 400)
        }
    }

    // MARK: - Bad input

    @Test(arguments: NamedKind.all)
    func refuseWhatTheirFieldsDoNotTake(kind: NamedKind) throws {
        try kind.run { bench in
            _ = try bench.data(kind.list, kind.body("First"))
            let contents = try bench.contents()
            func expect(_ method: HTTPRequest.Method, _ body: String, _ field: String, _ message: String) throws {
                let answer = try bench.ask(method, method == .post ? kind.list : "\(kind.list)/1", body)
                #expect(answer.status == 422, "\(method) \(body.prefix(200)): \(answer.text)")
                #expect(answer.code == "VALIDATION_FAILED")
                #expect(answer["errors"]?.minified == "{\"\(field)\":[\"\(message)\"]}", "\(body.prefix(200))")
            }
            for method in [HTTPRequest.Method.post, .put, .patch] {
                for field in kind.fields where !field.rules.contains(.readOnly) && !field.rules.contains(.fixed) {
                    for (value, rule) in Self.refused(field, isNew: method == .post) {
                        let message = rule.hasPrefix("The ") ? rule : "The \(field.title) field \(rule)"
                        try expect(method, kind.whole(field.name, value), field.name, message)
                    }
                }
                for name in ["nope", "workspace_id", "name_folded", "deleted_at", "Name", "data"] {
                    let title = name.replacing("_", with: " ")
                    try expect(method, kind.whole(name, "1"), name, "The \(title) field is unknown.")
                }
                try expect(method, "[]", "body", "The body must be a JSON object.")
                let broken = try bench.ask(method, method == .post ? kind.list : "\(kind.list)/1", "{")
                #expect(broken.status == 400)
            }
            #expect(try bench.contents() == contents)
        }
    }

    /// Values that a field does not take, as JSON, and what is said of them.
    private static func refused(_ field: Field, isNew: Bool) -> [(value: String, rule: String)] {
        let wrong: [(String, String)] =
            switch field.kind {
            case .text(let length):
                [
                    ("5", "must be a string."), ("[]", "must be a string."), (#"{"a": "b"}"#, "must be a string."),
                    (#""a\u0000b""#, "must not contain control characters."),
                    (#""a\r\nb""#, "must not contain control characters."),
                    (
                        "\"" + String(repeating: "🔥", count: length.upperBound + 1) + "\"",
                        "must not be greater than \(length.upperBound) characters."
                    ),
                ]
            case .color:
                [
                    ("5", "must be a string."), (#""red""#, "must be a valid hexadecimal color."),
                    (##""#12345""##, "must be a valid hexadecimal color."),
                    (##""#12345g""##, "must be a valid hexadecimal color."),
                    (#""1234567""#, "must be a valid hexadecimal color."),
                    (##""#１２３""##, "must be a valid hexadecimal color."),
                ]
            case .choice:
                [
                    ("1", "must be a string."), (#""nobody""#, "The selected \(field.title) is invalid."),
                    (#""Admin""#, "The selected \(field.title) is invalid."),
                ]
            case .boolean: [("1", "must be true or false."), (#""true""#, "must be true or false.")]
            case .integer:
                [
                    (#""1""#, "must be an integer."), ("1.5", "must be an integer."), ("true", "must be an integer."),
                    ("0", "must be at least 1."), ("-9223372036854775809", "must be at least 1."),
                ]
            default: []
            }
        // Null and an empty text are "no value": an update may not bring one where there must be one, and a new record
        // has the field's own beginning then.
        let missing = (field.isText ? ["null", #""""#, #"" \t ""#] : ["null"]).map { ($0, "is required.") }
        let isNeeded =
            field.rules.contains(.required) || (!isNew && (field.initial != .null || field.name == "sort_order"))
        return wrong + (isNeeded ? missing : [])
    }

    @Test(arguments: NamedKind.all)
    func reportAllThatIsWrongAtOnce(kind: NamedKind) throws {
        try kind.run { bench in
            let color = kind.fields.contains { $0.name == "color" } ? ", \"color\": 5" : ""
            let answer = try bench.ask(.post, kind.list, "{\"nope\": 1\(color)}")
            var errors = [#""nope":["The nope field is unknown."]"#, #""name":["The name field is required."]"#]
            if kind.unique == "email" { errors.append(#""email":["The email field is required."]"#) }
            if !color.isEmpty { errors.append(#""color":["The color field must be a string."]"#) }
            #expect(answer["errors"]?.minified == "{" + errors.joined(separator: ",") + "}")
        }
    }

    @Test(arguments: NamedKind.all)
    func areNotFoundByIdsThatAreNone(kind: NamedKind) throws {
        try kind.run { bench in
            _ = try bench.data(kind.list, kind.body("First"))
            for id in ["0", "-1", "01", "+1", "1.0", "x", "9", "9223372036854775807", "9223372036854775808", "%31x"] {
                for method in [HTTPRequest.Method.get, .put, .patch, .delete] {
                    let answer = try bench.ask(method, "\(kind.list)/\(id)", method == .get ? nil : "{}")
                    #expect(answer.status == 404, "\(method) \(id)")
                }
            }
        }
    }
}

extension NamedKind {
    /// A body that is whole but for one field.
    fileprivate func whole(_ name: String, _ value: String) -> String {
        var members = ["\"\(name)\": \(value)"]
        if name != "name" { members.append(#""name": "First""#) }
        if unique == "email" && name != "email" { members.append(#""email": "u1@example.com""#) }
        return "{" + members.joined(separator: ", ") + "}"
    }
}

extension Field {
    fileprivate var isText: Bool {
        switch kind {
        case .text, .email, .color, .choice: true
        default: false
        }
    }
}

extension String {
    /// What a query needs escaped, unless it is escaped already.
    fileprivate var escapedOnce: String { contains("%") ? self : escaped }
}
