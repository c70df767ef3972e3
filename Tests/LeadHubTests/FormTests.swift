import Foundation
import GRDB
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Forms themselves: what they hold, and what they must not.
@Suite struct FormTests {
    private static let forms = "/api/v1/forms"

    @Test func hasALife() throws {
        try Workbench.run { bench in
            let answer = try bench.post(Self.forms, #"{"name": " Contact us! "}"#)
            #expect(answer.status == 201)
            #expect(answer.header("Location") == "\(Workbench.origin)/api/v1/forms/1")
            let form = try #require(answer["data"])
            #expect(form.names == Form.fields.map(\.name))
            #expect(form["name"] == "Contact us!")
            #expect(form["slug"] == "contact-us")
            #expect(form["is_active"] == true)
            #expect(form["submissions_count"] == 0)
            #expect(
                form["settings"]?.minified == """
                    {"pipeline_id":null,"pipeline_stage_id":null,"assigned_user_id":null,"source":"web_form","tags":[],\
                    "success_message":null,"redirect_url":null,"honeypot_field":null}
                    """
            )
            let keys = try #require(form["fields"]).elements.map { $0["key"] }
            #expect(keys == ["first_name", "last_name", "email", "phone", "notes"])
            #expect(
                form["fields"]?["2"]?.minified == """
                    {"key":"email","label":"Email","type":"email","required":false,"options":[],"maps_to":"email"}
                    """
            )
            #expect(try bench.get("\(Self.forms)/1").text == answer.text)
            #expect(try bench.get(Self.forms)["data"]?["0"] == form)

            let change = #"{"name": "Contact", "is_active": false, "settings": {"tags": ["web"]}}"#
            let changed = try bench.send(.patch, "\(Self.forms)/1", change, key: bench.key, now: Workbench.now + 5)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(changed["data", "slug"] == "contact-us")
            #expect(changed["data", "settings", "tags"] == ["web"])
            #expect(changed["data", "settings", "source"] == "web_form")
            #expect(changed["data", "submit_url"] == form["submit_url"])

            // What was read can be sent back.
            let record = try #require(changed["data"]).minified
            let again = try bench.send(.put, "\(Self.forms)/1", record, key: bench.key, now: Workbench.now + 9)
            #expect(again.text == changed.text)
            #expect(try bench.send(.delete, "\(Self.forms)/1", key: bench.key).status == 204)
            #expect(try bench.get("\(Self.forms)/1").status == 404)
        }
    }

    @Test func hasAnAddressThatNobodyCanGuess() throws {
        try Workbench.run { bench in
            let addresses = try (1...20).map {
                try #require(try bench.form("{\"name\": \"\($0)\"}")["submit_url"]?.string)
            }
            #expect(Set(addresses).count == 20)
            for address in addresses {
                let parts = address.split(separator: "/api/inbound/forms/")
                #expect(parts.first.map(String.init) == Workbench.origin)
                #expect(try #require(parts.last).wholeMatch(of: /lhf_[0-9A-Za-z]{40}/) != nil, "\(address)")
            }
            let sent = try bench.send(
                .patch, "\(Self.forms)/1", #"{"submit_url": "https://x.example/"}"#, key: bench.key)
            #expect(sent["data", "submit_url"]?.string == addresses[0])
            #expect(try bench.get("\(Self.forms)?sort=id")["data"]?["0"]?["submit_url"]?.string == addresses[0])
        }
    }

    @Test(arguments: [
        ("Contact us", "contact-us"), ("É — Ünïcode & Straße 5", "e-unicode-strasse-5"), ("Контакт", "form"),
        ("!", "form"), ("Kontakt\u{200D} 2\u{20DD}", "kontakt-2"),
        ("--a--b--", "a-b"), (many("ab ", 85), many("ab-", 14) + "a"),
    ])
    func makesASlugOfTheName(name: String, slug: String) throws {
        try Workbench.run { bench in
            let body = JSONValue.object(JSONObject([("name", .string(name))])).minified
            #expect(try bench.form(body)["slug"]?.string == slug)
            #expect(try bench.form(body)["slug"]?.string == "\(slug)-2")
            #expect(try bench.form(body)["slug"]?.string == "\(slug)-3")
            #expect(try bench.send(.delete, "\(Self.forms)/2", key: bench.key).status == 204)
            #expect(try bench.form(body)["slug"]?.string == "\(slug)-2")
            // Another workspace has slugs of its own.
            let key = try bench.key(["*"], in: try bench.workspace("other"))
            #expect(try bench.post(Self.forms, body, key: key)["data", "slug"]?.string == slug)
        }
    }

    @Test func refusesASlugThatIsTaken() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "slug": "mine"}"#)
            let errors = #"{"slug":["The slug has already been taken."]}"#
            #expect(try bench.post(Self.forms, #"{"name": "B", "slug": "mine"}"#)["errors"]?.minified == errors)
            #expect(try bench.form(#"{"name": "Mine"}"#)["slug"] == "mine-2")
            let answer = try bench.send(.patch, "\(Self.forms)/2", #"{"slug": "mine"}"#, key: bench.key)
            #expect(answer["errors"]?.minified == errors)
            // Null makes one of the name again.
            let renamed = try bench.send(.patch, "\(Self.forms)/1", #"{"name": "Z", "slug": null}"#, key: bench.key)
            #expect(renamed["data", "slug"] == "z", "\(renamed.text)")
        }
    }

    /// Web pages send to the address that they know.
    @Test func keepsASlugThatIsLikeItsName() throws {
        try Workbench.run { bench in
            for name in ["A b", "A-B", "Other"] { _ = try bench.form("{\"name\": \"\(name)\"}") }
            for (id, slug) in [(1, "a-b"), (2, "a-b-2"), (3, "other")] {
                for _ in 1...2 {
                    let answer = try bench.send(.patch, "\(Self.forms)/\(id)", #"{"slug": null}"#, key: bench.key)
                    #expect(answer["data", "slug"] == .string(slug), "\(answer.text)")
                }
            }
        }
    }

    @Test(arguments: [
        (#"{}"#, #"{"name":["The name field is required."]}"#),
        (
            #"{"name": "A", "slug": "A b"}"#,
            #"{"slug":["The slug field must be lower-case letters, digits and hyphens within."]}"#
        ),
        (#"{"name": "A", "fields": {}}"#, #"{"fields":["The fields field must be an array."]}"#),
        (#"{"name": "A", "fields": [{}]}"#, #"{"fields.0.key":["The fields.0.key field is required."]}"#),
        (
            #"{"name": "A", "fields": [{"key": "a"}, {"key": "b"}, {"key": "a ", "typ": "x"}]}"#,
            """
            {"fields.2.typ":["The fields.2.typ field is unknown."],\
            "fields.2.key":["The fields.2.key field has a duplicate value."]}
            """
        ),
        (
            #"{"name": "A", "fields": [{"key": "a"}, {"key": "b"}, {"key": " a"}]}"#,
            #"{"fields.2.key":["The fields.2.key field has a duplicate value."]}"#
        ),
        (
            #"{"name": "A", "fields": [{"key": "a"}, {"key": "b"}, {"key": "c", "type": "select"}]}"#,
            #"{"fields.2.options":["The fields.2.options field is required."]}"#
        ),
        (
            #"{"name": "A", "fields": [{"key": "c", "type": "multiselect", "options": []}]}"#,
            #"{"fields.0.options":["The fields.0.options field is required."]}"#
        ),
        (
            #"{"name": "A", "fields": [{"key": "c", "type": "file"}]}"#,
            #"{"fields.0.type":["The selected fields.0.type is invalid."]}"#
        ),
        (
            #"{"name": "A", "fields": [{"key": "c", "maps_to": "id"}, {"key": "d", "maps_to": "custom_fields"}]}"#,
            """
            {"fields.0.maps_to":["The selected fields.0.maps to is invalid."],\
            "fields.1.maps_to":["The selected fields.1.maps to is invalid."]}
            """
        ),
        (
            #"{"name": "A", "fields": [{"key": "c", "maps_to": "custom_fields."}, {"key": "d", "maps_to": "nothing"}]}"#,
            """
            {"fields.0.maps_to":["The selected fields.0.maps to is invalid."],\
            "fields.1.maps_to":["The selected fields.1.maps to is invalid."]}
            """
        ),
        (
            #"{"name": "A", "settings": {"pipeline_id": 9, "assigned_user_id": 9, "pipeline_stage_id": 9}}"#,
            """
            {"settings.pipeline_id":["The selected settings.pipeline id is invalid."],\
            "settings.pipeline_stage_id":["The selected settings.pipeline stage id is invalid."],\
            "settings.assigned_user_id":["The selected settings.assigned user id is invalid."]}
            """
        ),
        (
            #"{"name": "A", "settings": {"redirect_url": "javascript:alert(1)", "colour": "red"}}"#,
            """
            {"settings.colour":["The settings.colour field is unknown."],\
            "settings.redirect_url":["The settings.redirect url field must be a valid URL."]}
            """
        ),
        (
            "{\"name\": \"A\", \"settings\": {\"redirect_url\": \"https://a@\u{301}b.example\"}}",
            #"{"settings.redirect_url":["The settings.redirect url field must be a valid URL."]}"#
        ),
        (#"{"name": "A", "settings": []}"#, #"{"settings":["The settings field must be an object."]}"#),
        (#"{"name": "A", "nam": 1}"#, #"{"nam":["The nam field is unknown."]}"#),
    ])
    func refuses(body: String, errors: String) throws {
        try Workbench.run { bench in
            let before = try bench.contents()
            let answer = try bench.post(Self.forms, body)
            #expect(answer.status == 422)
            #expect(answer["errors"]?.minified == errors)
            #expect(try bench.contents() == before)
        }
    }

    @Test func takesPlacesThatExistAndFit() throws {
        try Workbench.run { bench in
            let (sales, support) = (try bench.pipeline("Sales", ["New"]), try bench.pipeline("Support", ["Open"]))
            let user = try bench.user("a@example.com")
            let other = try bench.pipeline("Other", ["New"], in: try bench.workspace("other"))
            func settings(_ pipeline: Int64, _ stage: Int64) -> String {
                """
                {"name": "A", "settings": {"pipeline_id": \(pipeline), "pipeline_stage_id": \(stage), \
                "assigned_user_id": \(user)}}
                """
            }
            #expect(try bench.post(Self.forms, settings(sales.id, sales.stages[0])).status == 201)
            let errors = #"{"settings.pipeline_stage_id":["The selected settings.pipeline stage id is invalid."]}"#
            #expect(try bench.post(Self.forms, settings(sales.id, support.stages[0]))["errors"]?.minified == errors)
            #expect(try bench.post(Self.forms, settings(other.id, other.stages[0])).status == 422)
            let misfit = try bench.send(
                .patch, "\(Self.forms)/1", "{\"settings\": {\"pipeline_id\": \(support.id)}}", key: bench.key,
            )
            #expect(misfit["errors"]?.minified == errors)
            // What is gone since stays as it is, while another member changes.
            try bench.execute("UPDATE workspace_user SET status = 'suspended'")
            let change = #"{"settings": {"success_message": "Thanks"}}"#
            let changed = try bench.send(.patch, "\(Self.forms)/1", change, key: bench.key)
            #expect(changed["data", "settings", "success_message"] == "Thanks", "\(changed.text)")
            #expect(changed["data", "settings", "assigned_user_id"]?.integer == user)
        }
    }

    /// To Swift the point and the mark behind it are one character.
    @Test func mapsToCustomFieldsThatBeginWithAMark() throws {
        try Workbench.run { bench in
            let form = try bench.form(
                #"{"name": "A", "fields": [{"key": "\u0301a"}, {"key": "b", "maps_to": "custom_fields.\u200db"}]}"#
            )
            let targets = form["fields"]?.elements.map { $0["maps_to"] }
            #expect(targets == ["custom_fields.\u{301}a", "custom_fields.\u{200D}b"])
            let sent = try bench.submit(#"{"email": "a@example.com", "\u0301a": "1", "b": "2"}"#)
            #expect(sent.status == 201)
            #expect(try bench.record(1)["custom_fields"] == ["\u{301}a": "1", "\u{200D}b": "2"])
        }
    }

    @Test func completesItsFields() throws {
        try Workbench.run { bench in
            let form = try bench.form(
                """
                {"name": "A", "fields": [{"key": "company"}, {"key": "your_budget", "type": "number"}, \
                {"key": "x", "label": "L", "maps_to": "custom_fields.why"}, {"key": "custom_fields"}, {"key": "id"}]}
                """
            )
            let fields = try #require(form["fields"]).elements
            #expect(fields.map { $0["label"] } == ["Company", "Your budget", "L", "Custom fields", "Id"])
            #expect(
                fields.map { $0["maps_to"] } == [
                    "company", "custom_fields.your_budget", "custom_fields.why", "custom_fields.custom_fields",
                    "custom_fields.id",
                ]
            )
            let emptied = try bench.send(.patch, "\(Self.forms)/1", #"{"fields": null}"#, key: bench.key)
            #expect(emptied["data", "fields"]?.elements.map { $0["key"] }.count == 5, "\(emptied.text)")
            #expect(emptied["data", "fields"]?["0"]?["key"] == "first_name")
        }
    }

    /// What differs in an accent or in case alone is something else to choose, unlike names of tags.
    @Test func tellsItsOptionsApartExactly() throws {
        try Workbench.run { bench in
            let form = try bench.form(
                """
                {"name": "A", "fields": [
                    {"key": "who", "type": "select", "options": ["Müller", "Muller", " Muller", "Mu\u{308}ller", "MULLER"]},
                    {"key": "all", "type": "multiselect", "options": ["Müller", "Muller", "no"]}
                ], "settings": {"tags": ["Müller", "Muller"]}}
                """
            )
            #expect(form["fields"]?["0"]?["options"]?.minified == #"["Müller","Muller","MULLER"]"#)
            #expect(form["settings"]?["tags"]?.minified == #"["Müller"]"#)
            let sent = try bench.submit(#"{"who": "Muller", "all": ["muller", "Muller", "NO"]}"#)
            #expect(sent["data", "values"]?.minified == #"{"who":"Muller","all":["Müller","Muller","no"]}"#)
        }
    }

    @Test func findsAndSortsForms() throws {
        try Workbench.run { bench in
            for name in ["Über uns", "contact", "Apply"] { _ = try bench.form("{\"name\": \"\(name)\"}") }
            #expect(try bench.get(Self.forms).ids == [3, 2, 1])
            #expect(try bench.get("\(Self.forms)?sort=id&direction=desc").ids == [3, 2, 1])
            #expect(try bench.get("\(Self.forms)?search=uber").ids == [1])
            #expect(try bench.get("\(Self.forms)?search=x").ids == [])
            #expect(try bench.get("\(Self.forms)?sort=slug").status == 422)
        }
    }

    @Test func keepsToConditions() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            let tag = try #require(try bench.get("\(Self.forms)/1").header("ETag"))
            let same = try bench.send(
                .get, "\(Self.forms)/1", key: bench.key, fields: [.ifNoneMatch: tag],
            )
            #expect(same.status == 304)
            let fields: HTTPFields = [.ifMatch: tag]
            #expect(
                try bench.send(.patch, "\(Self.forms)/1", #"{"name": "B"}"#, key: bench.key, fields: fields).status
                    == 200)
            #expect(try bench.send(.delete, "\(Self.forms)/1", key: bench.key, fields: fields).status == 412)
        }
    }

    /// People would fill it in, and each lead of theirs would be lost.
    @Test func takesNoHoneypotThatPeopleSee() throws {
        try Workbench.run { bench in
            let message = "The settings.honeypot field field must not be one of the form's own fields."
            for body in [
                #"{"name": "A", "settings": {"honeypot_field": "email"}}"#,
                #"{"name": "A", "fields": [{"key": "url"}], "settings": {"honeypot_field": "url"}}"#,
            ] {
                let answer = try bench.post("/api/v1/forms", body)
                #expect(answer["errors", "settings.honeypot_field"] == .array([.string(message)]), "\(answer.text)")
            }
            _ = try bench.form(#"{"name": "A", "settings": {"honeypot_field": "website"}}"#)
            let fields = #"{"fields": [{"key": "email"}, {"key": "website"}]}"#
            let later = try bench.send(.patch, "/api/v1/forms/1", fields, key: bench.key)
            #expect(later["errors", "settings.honeypot_field"] == .array([.string(message)]), "\(later.text)")
        }
    }

    /// Each brings its member to the settings as they are by then.
    @Test func losesNoSettingOfUpdatesAtOnce() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            let members = ["source", "success_message", "honeypot_field"]
            for round in 0..<30 {
                try Worker.run(0..<3, on: bench) { number, worker in
                    let body = "{\"settings\": {\"\(members[number])\": \"m\(round)\"}}"
                    let answer = try worker.send(.patch, "/api/v1/forms/1", body)
                    try #require(answer.status == 200, "\(answer.text)")
                }
                let settings = try #require(try bench.get("/api/v1/forms/1")["data", "settings"])
                for member in members { #expect(settings[member] == .string("m\(round)")) }
            }
        }
    }
}

private func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
