import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

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
                ("E", ["Étienne", "eve", "Zoë"]), ("éti", ["Étienne"]), ("AD", ["ADA", "adam"]), ("%", ["50% _x"]),
                ("_", ["50% _x"]), ("nobody", []),
            ] {
                // A user is found by the address too, and all addresses have an `e`.
                if kind.unique == "email" && search == "E" { continue }
                #expect(try bench.names(kind.list + "?sort=name&search=\(search.escaped)") == names, "\(search)")
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
}
