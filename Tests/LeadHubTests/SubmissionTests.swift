import Foundation
import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What is sent to a form, and what becomes of it.
@Suite struct SubmissionTests {
    private static let all = """
        {"name": "All", "fields": [
            {"key": "first_name", "required": true}, {"key": "about", "type": "textarea"},
            {"key": "email", "type": "email", "required": true}, {"key": "phone", "type": "phone"},
            {"key": "budget", "type": "number"}, {"key": "site", "type": "url"}, {"key": "start", "type": "date"},
            {"key": "size", "type": "select", "options": ["Small", "Large"], "maps_to": "company_size"},
            {"key": "topics", "type": "multiselect", "options": ["A", "B", "C"]},
            {"key": "terms", "type": "checkbox", "required": true}, {"key": "campaign", "type": "hidden"},
            {"key": "interests", "type": "multiselect", "options": ["x", "y"], "maps_to": "tags"},
            {"key": "worth", "type": "number", "maps_to": "deal_value"}
        ]}
        """

    @Test func makesALeadOfItsForm() throws {
        try Workbench.run { bench in
            let sales = try bench.pipeline("Sales", ["New", "Talk"], isDefault: true)
            let user = try bench.user("agent@example.com")
            _ = try bench.form(
                """
                {"name": "Contact", "settings": {"pipeline_stage_id": \(sales.stages[1]), "assigned_user_id": \(user), \
                "tags": ["web"], "source": "landing"}}
                """
            )
            let body = #"{"first_name": " Ann ", "email": "ann@example.com", "notes": "Hi", "utm": {"a": [1.50]}}"#
            let answer = try bench.submit(body)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(
                answer.text == """
                    {"data":{"id":1,"form_id":1,"lead_id":1,"is_duplicate":false,"values":{"first_name":"Ann",\
                    "email":"ann@example.com","notes":"Hi","utm":{"a":[1.50]}},"created_at":"2026-09-21T14:13:20+00:00"}}
                    """
            )
            #expect(answer.header("Location") == "\(Workbench.origin)/api/v1/forms/1/submissions/1")
            #expect(try bench.get("/api/v1/forms/1/submissions/1").text == answer.text)
            let lead = try bench.record(1)
            #expect(lead["first_name"] == "Ann")
            #expect(lead["source"] == "landing")
            #expect(lead["tags"] == ["web"])
            #expect(lead["pipeline_id"]?.integer == sales.id)
            #expect(lead["pipeline_stage_id"]?.integer == sales.stages[1])
            #expect(lead["assigned_user_id"]?.integer == user)
            #expect(lead["notes"] == "Hi")
            // What the form does not ask goes nowhere else.
            #expect(lead["custom_fields"]?.minified == "{}")
            let history = try bench.history(1)
            #expect(history.map { $0["type"] } == ["form_submitted", "created"])
            #expect(
                history[0]["details"]?.minified == """
                    {"form":{"id":1,"name":"Contact"},"submission_id":1,"values":{"first_name":"Ann",\
                    "email":"ann@example.com","notes":"Hi","utm":{"a":[1.50]}}}
                    """
            )
            #expect(history[0]["actor"]?["type"] == "key")
            #expect(try bench.ledger() == ["created 1 - \(body)"])
        }
    }

    @Test func takesEveryTypeLeniently() throws {
        try Workbench.run { bench in
            _ = try bench.form(Self.all)
            let body = """
                first_name=5&about=a%0D%0Ab&email=a%40example.com&phone=%2B1+415+555+1234&budget=+05.50+&\
                site=https%3A%2F%2Fexample.com&start=2026-02-28&size=large&topics[]=a&topics[]=C&terms=on&campaign=&\
                interests=x&worth=1200.5&other=1&other=2
                """
            let answer = try bench.submit(body, type: Workbench.urlEncoded)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(
                answer["data", "values"]?.minified == """
                    {"first_name":"5","about":"a\\nb","email":"a@example.com","phone":"+1 415 555 1234","budget":5.50,\
                    "site":"https://example.com","start":"2026-02-28","size":"Large","topics":["A","C"],"terms":true,\
                    "campaign":null,"interests":["x"],"worth":1200.5,"other":["1","2"]}
                    """
            )
            let lead = try bench.record(1)
            #expect(lead["company_size"] == "Large")
            #expect(lead["tags"] == ["x"])
            #expect(lead["deal_value"] == .number("1200.5"))
            #expect(
                lead["custom_fields"]?.minified == """
                    {"about":"a\\nb","budget":5.50,"site":"https://example.com","start":"2026-02-28","topics":"A; C",\
                    "terms":true}
                    """
            )
        }
    }

    @Test func reportsEverythingThatIsWrong() throws {
        try Workbench.run { bench in
            _ = try bench.form(Self.all)
            let body = """
                {"first_name": " ", "about": {}, "email": "a@", "phone": "12", "budget": "much", "site": "example.com",
                "start": "2026-02-30", "size": "Huge", "topics": ["E", "A", "D", {}], "terms": "off", "campaign": "\\u0000",
                "interests": [{}], "worth": true}
                """
            let answer = try bench.submit(body)
            #expect(answer.status == 422)
            #expect(
                answer["errors"]?.minified == """
                    {"first_name":["The first name field is required."],"about":["The about field must be a string."],\
                    "email":["The email field must be a valid email address."],\
                    "phone":["The phone field must have at least 5 digits."],\
                    "budget":["The budget field must be a number."],"site":["The site field must be a valid URL."],\
                    "start":["The start field must be a valid date."],"size":["The selected size is invalid."],\
                    "topics.0":["The selected topics.0 is invalid."],"topics.2":["The selected topics.2 is invalid."],\
                    "topics.3":["The topics.3 field must be a string."],"terms":["The terms field must be accepted."],\
                    "campaign":["The campaign field must not contain control characters."],\
                    "interests.0":["The interests.0 field must be a string."],\
                    "worth":["The worth field must be a number."]}
                    """
            )
            let absent = try bench.submit("{}")
            #expect(absent["errors"]?.names == ["first_name", "email", "terms"])
            #expect(try bench.number("SELECT count(*) FROM lead") == 0)
            #expect(try bench.number("SELECT count(*) FROM submission") == 0)
            // Both bodies are kept all the same.
            let kept = try bench.ledger()
            #expect(kept.count == 2)
            #expect(kept[0].hasPrefix("refused - The given data was invalid. The first name field is required. "))
            #expect(kept[0].hasSuffix(" \(body)"))
        }
    }

    @Test(arguments: ["1e999", "-1e400", "1E+309"])
    func takesNoNumberThatNobodyCanCalculateWith(number: String) throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "fields": [{"key": "budget", "type": "number"}, {"key": "email"}]}"#)
            let errors = #"{"budget":["The budget field must be a number."]}"#
            for body in ["{\"budget\": \(number)}", "{\"budget\": \"\(number)\"}"] {
                #expect(try bench.submit(body)["errors"]?.minified == errors)
            }
            let form = try bench.submit("budget=\(number.escaped)", type: Workbench.urlEncoded)
            #expect(form["errors"]?.minified == errors)
            #expect(try bench.submit(#"{"budget": 1e-999}"#).status == 201)
            #expect(try bench.submit(#"{"budget": "1e308"}"#).status == 201)
        }
    }

    /// They lose nobody a lead, and nobody is shown them.
    @Test func keepsControlCharactersOutOfWhatItDoesNotAsk() throws {
        try Workbench.run { bench in
            _ = try bench.form(
                #"{"name": "A", "fields": [{"key": "email"}], "settings": {"honeypot_field": "website"}}"#)
            let body = #"""
                {"email": "a@b.co", "x": " a\u0000b\u001b[1m\r\n ", "y": ["\u0007", {"z": "\u0085c", "n": 1}, null]}
                """#
            let values = #"{"email":"a@b.co","x":"a b [1m","y":["",{"z":"c","n":1},null]}"#
            let answer = try bench.submit(body)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer["data", "values"]?.minified == values)
            #expect(try bench.get("/api/v1/forms/1/submissions/1")["data", "values"]?.minified == values)
            #expect(try bench.history(1).first?["details"]?["values"]?.minified == values)
            let spam = try bench.submit(body.replacing("{\"email", with: #"{"website": 1, "email"#))
            #expect(spam["data", "lead_id"] == 2)
            #expect(spam["data", "values"]?.minified == values)
            // The body stays as it came.
            #expect(try bench.ledger().first?.hasSuffix(body) == true)
        }
    }

    @Test func readsMultipartAndRefusesWhatItCannotRead() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            let type = "multipart/form-data; boundary=XX"
            let part = "--XX\r\nContent-Disposition: form-data; name=\"email\"\r\n\r\na@example.com\r\n--XX"
            #expect(try bench.submit(part + "--", type: type)["data", "values", "email"] == "a@example.com")
            let file = "--XX\r\nContent-Disposition: form-data; name=\"cv\"; filename=\"a\"\r\n\r\nx\r\n--XX--"
            let errors = #"{"cv":["The cv field must not be a file."]}"#
            #expect(try bench.submit(file, type: type)["errors"]?.minified == errors)
            #expect(try bench.submit(part, type: type).status == 400)
            #expect(try bench.submit("email=%FF", type: Workbench.urlEncoded).status == 400)
            #expect(try bench.submit("{", type: "application/json").status == 400)
            #expect(try bench.submit("<a/>", type: "application/xml").status == 415)
            #expect(try bench.submit("[]").status == 422)
            let outcomes = try bench.ledger().map { $0.split(separator: " ")[0] }
            #expect(outcomes == ["created", "refused"] + Array(repeating: "unreadable", count: 4) + ["refused"])
            #expect(try bench.text("SELECT content_type FROM inbound WHERE id = 1") == type)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func refusesWhatSaysNothing() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            for body in ["{}", #"{"email": " ", "first_name": null}"#, #"{"x": []}"#] {
                let answer = try bench.submit(body)
                #expect(answer["errors"]?.minified == #"{"body":["The body must fill in at least one field."]}"#)
            }
            #expect(try bench.submit(#"{"x": 1}"#)["data", "lead_id"] == 1)
            #expect(try bench.record(1)["first_name"] == "Unknown")
        }
    }

    @Test func answersAFilledHoneypotAsIfItHadWorked() throws {
        try Workbench.run { bench in
            _ = try bench.form(
                #"{"name": "A", "settings": {"honeypot_field": "website", "success_message": "Thanks"}}"#)
            let body = #"{"email": "not valid", "website": "http://spam.example", "x": 1}"#
            let answer = try bench.submit(body)
            #expect(answer.status == 201)
            #expect(
                answer.text == """
                    {"data":{"id":1,"form_id":1,"lead_id":1,"is_duplicate":false,"values":{"email":"not valid","x":1},\
                    "created_at":"2026-09-21T14:13:20+00:00"}}
                    """
            )
            #expect(try bench.submit(body, accept: "text/html").text.contains("<p>Thanks</p>"))
            for table in ["lead", "submission", "activity"] {
                #expect(try bench.number("SELECT count(*) FROM \(table)") == 0, "\(table)")
            }
            #expect(try bench.ledger() == ["spam - - \(body)", "spam - - \(body)"])
            #expect(try bench.get("/api/v1/forms/1/submissions")["meta", "total"] == 0)
            // Left empty it is no spam, and no value either.
            let honest = try bench.submit(#"{"email": "a@example.com", "website": " "}"#)
            #expect(honest["data", "lead_id"] == 1)
            #expect(honest["data", "id"] == 3)
            #expect(honest["data", "values"]?.minified == #"{"email":"a@example.com"}"#)
        }
    }

    /// A page may send all that it has, the box that nobody could see and check among it.
    @Test(arguments: ["false", "0", #""0""#, #""false""#, #""off""#, "{}", "[]", "null", #"["", " "]"#])
    func takesAHoneypotThatIsNotFilledIn(value: String) throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "settings": {"honeypot_field": "website"}}"#)
            #expect(try bench.submit(#"{"email": "a@example.com", "website": \#(value)}"#).status == 201)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
            #expect(try bench.submit(#"{"email": "b@example.com", "website": "x"}"#).status == 201)
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    /// As HTML has it: a box that is checked is sent with its value, and else not at all.
    @Test(arguments: [
        ("&terms=I+agree", true), ("&terms=I+agree&terms=", nil), ("", nil),
        ("I+agree", true), ("terms", true), ("ja", true), ("on", true), ("1", true), ("off", false), ("no", false),
        ("0", false), ("false", false),
    ])
    func readsABoxByItsValue(value: String, isChecked: Bool?) throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "fields": [{"key": "email"}, {"key": "terms", "type": "checkbox"}]}"#)
            let answer = try bench.submit("email=a%40example.com&terms=\(value)", type: Workbench.urlEncoded)
            #expect(answer.status == 201, "\(answer.text)")
            #expect(answer["data", "values", "terms"] == (isChecked.map { .boolean($0) } ?? .null))
        }
    }

    @Test func refusesWhereTheFormIsNotActive() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "is_active": false}"#)
            let answer = try bench.submit(#"{"email": "a@example.com"}"#)
            #expect(answer.status == 409)
            #expect(answer.code == "CONFLICT")
            let kept = #"refused - The form takes no submissions now. {"email": "a@example.com"}"#
            #expect(try bench.ledger() == [kept])
            #expect(try bench.submit("{}", to: 9).status == 404)
            #expect(try bench.number("SELECT count(*) FROM inbound") == 1)
        }
    }

    @Test func needsOneOfTwoScopes() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            let target = "/api/v1/forms/1/submissions"
            for (scope, status) in [("write:leads", 201), ("write:forms", 201), ("read:forms", 403), ("write:*", 201)] {
                let answer = try bench.post(target, #"{"email": "a@example.com"}"#, key: try bench.key([scope]))
                #expect(answer.status == status, "\(scope)")
                #expect(status != 403 || answer["message"] == "The API key lacks the scope write:leads or write:forms.")
            }
        }
    }

    @Test func listsWhatWasSentNewestFirst() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            _ = try bench.form(#"{"name": "B"}"#)
            for number in 1...3 { _ = try bench.submit("{\"email\": \"a\(number)@example.com\"}") }
            _ = try bench.submit(#"{"email": "a1@example.com", "notes": "again"}"#, to: 2)
            let page = try bench.get("/api/v1/forms/1/submissions?per_page=2")
            #expect(page.ids == [3, 2])
            #expect(page["meta", "total"] == 3)
            #expect(page["meta", "last_page"] == 2)
            #expect(try bench.get("/api/v1/forms/1/submissions?per_page=2&page=2").ids == [1])
            let second = try bench.get("/api/v1/forms/2/submissions")
            #expect(second["data"]?["0"]?["is_duplicate"] == true)
            #expect(second["data"]?["0"]?["lead_id"] == 1)
            #expect(try bench.get("/api/v1/forms/2/submissions/1").status == 404)
        }
    }

    @Test func countsThoseOfLeadsThatAreThere() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            _ = try bench.form(#"{"name": "B"}"#)
            func counts() throws -> [Int64?] {
                try [1, 2].map { try bench.get("/api/v1/forms/\($0)")["data", "submissions_count"]?.integer }
            }
            for (form, name) in [(1, "a"), (1, "a"), (2, "a"), (1, "b")] {
                _ = try bench.submit("{\"email\": \"\(name)@example.com\"}", to: Int64(form))
            }
            #expect(try counts() == [3, 1])
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try counts() == [1, 0])
            #expect(try bench.get("/api/v1/forms/1/submissions").ids == [4])
            #expect(try bench.get("/api/v1/forms/1/submissions/1").status == 404)
            #expect(try bench.connection.write { try Lead.restore(1, $0, now: Workbench.now) })
            #expect(try counts() == [3, 1])
            #expect(try bench.send(.delete, lead: 1).status == 204)
            let later = Workbench.now + 31 * 86_400
            while try bench.connection.write({ try LeadHub.purge(limit: 10, $0, now: later) }) > 0 {}
            #expect(try counts() == [1, 0])
            #expect(try bench.number("SELECT count(*) FROM submission") == 1)
            // Those of a form go with it; its leads and their histories stay.
            #expect(try bench.send(.delete, "/api/v1/forms/1", key: bench.key).status == 204)
            #expect(try bench.number("SELECT count(*) FROM submission") == 0)
            #expect(try bench.history(2).map { $0["type"] } == ["form_submitted", "created"])
            #expect(try Row.fetchAll(bench.database, sql: "PRAGMA foreign_key_check").isEmpty)
        }
    }

    @Test func keepsBodiesForAMonth() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "is_active": false}"#)
            _ = try bench.submit("{}")
            let month: Int64 = 30 * 86_400
            func purge(_ now: Int64) throws -> Int {
                try bench.connection.write { try LeadHub.purge(limit: 10, $0, now: now) }
            }
            #expect(try purge(Workbench.now + month - 1) == 0)
            #expect(try purge(Workbench.now + month) == 1)
            #expect(try bench.ledger() == [])
        }
    }

    @Test func forgetsWhatItsSettingsNameOnceThatIsGone() throws {
        try Workbench.run { bench in
            let sales = try bench.pipeline("Sales", ["New"])
            let support = try bench.pipeline("Support", ["Open", "Shut"])
            let user = try bench.user("agent@example.com")
            _ = try bench.form(
                """
                {"name": "A", "settings": {"pipeline_id": \(support.id), "pipeline_stage_id": \(support.stages[1]), \
                "assigned_user_id": \(user)}}
                """
            )
            let users = "/api/v1/users/\(user)"
            #expect(try bench.send(.delete, users, key: bench.key).status == 204)
            let stage = "/api/v1/pipelines/\(support.id)/stages/\(support.stages[1])"
            #expect(try bench.send(.delete, stage, key: bench.key).status == 204)
            _ = try bench.submit(#"{"email": "a@example.com"}"#)
            #expect(try bench.record(1)["pipeline_stage_id"]?.integer == support.stages[0])
            #expect(try bench.record(1)["assigned_user_id"] == .null)
            #expect(try bench.send(.delete, lead: 1).status == 204)
            #expect(try bench.send(.delete, "/api/v1/pipelines/\(support.id)", key: bench.key).status == 204)
            _ = try bench.submit(#"{"email": "b@example.com"}"#)
            #expect(try bench.record(2)["pipeline_id"]?.integer == sales.id)
        }
    }

    /// Other bodies of the same new person, at once from several servers: one lead, and nothing of it lost.
    @Test func makesOneLeadOfMany() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "fields": [{"key": "email"}, {"key": "phone"}, {"key": "notes"}]}"#)
            let (servers, people) = (4, 15)
            try Worker.run(0..<servers, on: bench) { number, worker in
                for person in 0..<people {
                    // Odd servers say how they can be reached in other words.
                    let email = number.isMultiple(of: 2) ? "P\(person)@example.com" : "p\(person)@EXAMPLE.com"
                    let body =
                        "{\"email\": \"\(email)\", \"phone\": \"+1 555 00\(100 + person)\", \"notes\": \"n\(number)\"}"
                    let answer = try worker.send(.post, "/api/v1/forms/1/submissions", body)
                    try #require(answer.status == 201, "\(answer.text)")
                }
            }
            #expect(try bench.number("SELECT count(*) FROM lead") == Int64(people))
            #expect(try bench.number("SELECT count(*) FROM lead WHERE duplicate_of_id IS NOT NULL") == 0)
            #expect(try bench.number("SELECT count(*) FROM submission WHERE is_duplicate = 0") == Int64(people))
            #expect(try bench.number("SELECT submissions_count FROM form") == Int64(people * servers))
            #expect(try bench.number("SELECT count(*) FROM inbound") == Int64(people * servers))
            for id in 1...people {
                let notes = try #require(try bench.record(Int64(id))["notes"]?.string)
                let words = notes.split { !$0.isLetter && !$0.isNumber }
                for number in 0..<servers { #expect(words.contains("n\(number)"), "\(notes)") }
            }
            let (kept, counted) = try bench.counts()
            #expect(kept == counted)
        }
    }
}
