import HTTP
import Testing

@testable import LeadHub

/// Texts with places that are filled in.
@Suite struct TemplateTests {
    @Test(
        arguments: [
            ("", []), ("Hello", [.text("Hello")]), ("{{lead.email}}", [.name("lead.email")]),
            ("{{ lead.email\n}}!", [.name("lead.email"), .text("!")]),
            (
                "Hi {{lead.first_name}}{{user.name}}.",
                [.text("Hi "), .name("lead.first_name"), .name("user.name"), .text(".")]
            ),
            ("{ {a} } }} {", [.text("{ {a} } }} {")]),
            ("{\"id\":{{lead.id}}}", [.text("{\"id\":"), .name("lead.id"), .text("}")]),
            ("{{}}", [.name("")]), ("{{{lead.id}}}", [.name("{lead.id"), .text("}")]),
            ("{{a{{b}}", [.name("a{{b")]),
            (
                "é{{lead.custom_fields.größe m²}}é",
                [
                    .text("é"), .name("lead.custom_fields.größe m²"), .text("é"),
                ]
            ),
            ("{{lead.custom_fields.e\u{301}}}", [.name("lead.custom_fields.\u{E9}")]),
            ("{{lead.id}}\u{200D}", [.name("lead.id"), .text("\u{200D}")]),
            ("{{lead.id}}\u{301}!", [.name("lead.id"), .text("\u{301}!")]),
            ("{{\u{200C}lead.id}}", [.name("\u{200C}lead.id")]),
            ("\u{600}{{lead.id}}", [.text("\u{600}"), .name("lead.id")]),
        ] as [(String, [Template.Part])])
    func tellsPlacesFromText(text: String, parts: [Template.Part]) throws {
        #expect(try Template(text).parts == parts)
    }

    @Test(arguments: ["{{", "a {{lead.email}", "{{lead.email}} {{", "{{lead.email} }"])
    func missesTheEndOfAPlace(text: String) throws {
        #expect(throws: Template.Unfinished.self) { try Template(text) }
        #expect(Template.objection(to: text) == "must close every {{ with }}.")
    }

    @Test(arguments: Lead.fields.map(\.name).filter { $0 != "custom_fields" })
    func knowsEveryFieldOfALead(name: String) {
        #expect(Template.knows("lead.\(name)"))
    }

    @Test(arguments: User.fields.map(\.name))
    func knowsEveryFieldOfAUser(name: String) {
        #expect(Template.knows("user.\(name)"))
    }

    @Test(arguments: ["lead.custom_fields.budget", "lead.custom_fields.a.b c", "lead.custom_fields.\(many("é", 64))"])
    func knowsCustomFields(name: String) {
        #expect(Template.knows(name))
        #expect(Template.objection(to: "a {{ \(name) }} b") == nil)
    }

    @Test(arguments: [
        "", ".", "lead", "lead.", "lead.first", "Lead.first_name", "lead.First_Name", "first_name", "user.first_name",
        "lead. first_name", "lead.custom_fields", "lead.custom_fields.", "lead.custom_fields. a",
        "lead.custom_fields.\(many("x", 65))", "lead.custom_fields.a\u{7}b", "lead.workspace_id", "users.name",
        "lead.email.x", "{lead.email", "\u{200D}lead.email", "lead.email\u{301}", "lead.\u{200D}email",
    ])
    func refusesOtherNames(name: String) {
        #expect(!Template.knows(name))
        let shown = Text.normalized(name).prefix(100)
        #expect(Template.objection(to: "{{\(name)}}") == "must not contain unknown names: {{\(shown)}}.")
    }

    @Test func namesEachUnknownNameOnceAndNotTooMany() {
        let text = "{{b}} {{lead.email}} {{a}} {{ b }} {{c}}{{d}}{{e}}{{f}}{{g}}"
        let objection = Template.objection(to: text)
        #expect(objection == "must not contain unknown names: {{b}}, {{a}}, {{c}}, {{d}}, {{e}}.")
        let long = Template.objection(to: "{{\(many("x", 60_000))}}")
        #expect(long == "must not contain unknown names: {{\(many("x", 100))}}.")
    }
}

private func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
