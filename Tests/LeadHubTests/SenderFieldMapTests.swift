import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Where a sender's values go: by the map, by what the sender says, by what people commonly call them.
@Suite struct SenderFieldMapTests {
    private static let nested = #"""
        {"a.b": "exact", "a": {"b": "within", "c": {"d": "1", "e": "2"}}, "mail": "x@example.com", "list": ["p", "q"],
        "email": "y@example.com", "one": ["Acme"], "labels": ["t", "u"], "who": {"first": "Ann", "last": "Lee"}}
        """#

    @Test(arguments: [
        // The exact name before the path, and the map before all names.
        (#"{"company": "a.b", "email": "mail"}"#, "company", #""exact""#),
        (#"{"email": "mail"}"#, "email", #""x@example.com""#),
        (#"{"email": "mail"}"#, "custom_fields.email", #""y@example.com""#),
        ("{}", "email", #""y@example.com""#), ("{}", "custom_fields.mail", #""x@example.com""#),
        // All that lies below a path, each in its turn.
        (#"{"custom_fields.all": "a.c"}"#, "custom_fields.all", #""1; 2""#),
        (#"{"company": "a.c"}"#, "company", #""1""#), (#"{"company": "a.c"}"#, "custom_fields.a.c.e", #""2""#),
        (#"{"full_name": "who"}"#, "last_name", #""Lee""#),
        (#"{"full_name": "who"}"#, "custom_fields.who.first", "null"),
        (#"{"tags": "labels"}"#, "tags", #"["t","u"]"#), (#"{"tags": "one"}"#, "tags", #"["Acme"]"#),
        // A list of one is that one; a text takes a longer list joined.
        (#"{"company": "one"}"#, "company", #""Acme""#), (#"{"industry": "list"}"#, "industry", #""p; q""#),
        (#"{"industry": "list.1"}"#, "industry", #""q""#), (#"{"industry": "list[0]"}"#, "industry", #""p""#),
        (#"{"industry": "a[c][d]"}"#, "industry", #""1""#),
        // One value may have several places.
        (#"{"company": "one", "industry": "one", "custom_fields.x": "one"}"#, "industry", #""Acme""#),
        (#"{"company": "one", "industry": "one", "custom_fields.x": "one"}"#, "custom_fields.x", #""Acme""#),
        // What is not there says nothing, and what does not fit is kept under its own name.
        (#"{"company": "nowhere", "industry": "a.c.d.e", "notes": ".", "phone": "list"}"#, "company", "null"),
        (#"{"phone": "list"}"#, "custom_fields.list", #""p; q""#),
        (#"{"email": "list"}"#, "email", #""y@example.com""#),
    ])
    func followsTheMap(map: String, place: String, value: String) throws {
        try Workbench.run { bench in
            let recording = Recording("webhook_in", "lead.json", map: map)
            let made = try recording.lead(in: bench, of: Array(Self.nested.utf8))
            let lead = try JSONValue(reading: made.lead)
            let found =
                place.hasPrefix(Lead.customFieldPrefix)
                ? lead["custom_fields"]?[String(place.dropFirst(14))] : lead[place]
            #expect((found ?? .null).minified == value)
        }
    }

    @Test(arguments: [
        (
            Recording("typeform", "response.json", map: #"{"company": "city_ref", "industry": "RUqkXSeXBXSd"}"#),
            "Berlin", "2026-01-05"
        ),
        (
            Recording(
                "typeform", "response.json", map: #"{"company": "Which city?", "industry": "hidden.utm_source"}"#),
            "Berlin", "newsletter"
        ),
        (
            Recording(
                "jotform", "submission.multipart", map: #"{"company": "q6_address.city", "industry": "q3_name"}"#),
            "Berlin", "Sarah"
        ),
        (
            Recording(
                "google_ads", "lead.json",
                map: #"{"company": "CITY", "industry": "What is your preferred dealership?"}"#), "Berlin", "North"
        ),
        (
            Recording(
                "elementor", "advanced.form", map: #"{"company": "fields[page][value]", "industry": "Interests"}"#),
            "https://acme.example/", "CRM, Forms"
        ),
        (
            Recording("elementor", "advanced.form", map: #"{"company": "interests", "industry": "meta.remote_ip"}"#),
            "CRM, Forms", "203.0.113.7"
        ),
        (Recording("zapier", "flat.form", map: #"{"company": "deal__plan", "industry": "deal.plan"}"#), "gold", "gold"),
        (
            Recording("zapier", "unflattened.json", map: #"{"company": "deal.plan", "industry": "deal.items.1.sku"}"#),
            "gold", "B"
        ),
        (
            Recording("wpforms", "entry.form", map: #"{"company": "visit", "industry": "visit.unix"}"#),
            "09/22/2026 3:00 PM", "1790089200"
        ),
        (
            Recording(
                "calendly", "invitee.created.json",
                map: #"{"company": "questions_and_answers.1", "industry": "scheduled_event.name"}"#), "CRM",
            "Discovery call"
        ),
    ])
    func knowsTheSendersNames(_ recording: Recording, company: String, industry: String) throws {
        try Workbench.run { bench in
            let lead = try JSONValue(reading: try recording.lead(in: bench).lead)
            #expect(lead["company"]?.string == company)
            #expect(lead["industry"]?.string == industry)
        }
    }

    @Test(
        arguments: [
            ("Email", "email"), ("E-mail", "email"), ("your-email", "email"), ("Email Address *", "email"),
            ("Please enter your email.", "email"), ("email-812", "email"), ("contact.email", "email"),
            ("data.lead.Email", "email"), ("emailAddress", "email"), ("WORK_EMAIL", "email"), ("phone", "phone"),
            ("tel", "phone"), ("your-tel", "phone"), ("tel-533", "phone"), ("Mobile", "phone"),
            ("phoneNumber7", "phone"),
            ("Phone No.", "phone"), ("First name", "first_name"), ("fname", "first_name"), ("firstName", "first_name"),
            ("Surname", "last_name"), ("Last Name (required)", "last_name"), ("name", "full_name"),
            ("What's your name?", "full_name"), ("your-name", "full_name"), ("name.first", "first_name"),
            ("data.name.last", "last_name"), ("Company", "company"),
            ("Organisation", "company"), ("organization_name", "company"), ("Job Title", "job_title"),
            ("Position", "job_title"), ("LinkedIn URL", "linkedin_url"), ("Message", "notes"),
            ("your-message", "notes"),
            ("Comments", "notes"), ("Country", "country"),
            // Of somebody or something else, or not to be told.
            ("owner.email", nil), ("scheduled_event.name", nil), ("form_name", nil), ("username", nil), ("Title", nil),
            ("email_opt_in", nil), ("Website", nil), ("subject", nil), ("Prénom", nil), ("", nil), (".", nil),
            ("...", nil),
            ("your", nil), ("12", nil), ("data.", nil), ("a.email.b", nil), ("first", nil), ("company_id", nil),
        ] as [(String, String?)])
    func knowsCommonNames(name: String, field: String?) {
        #expect(CommonName.field(for: name) == field)
    }

    /// Typeform asks for contact details in a block, which has its questions below it.
    @Test func callsWhatIsInABlockByItsQuestion() throws {
        let body = """
            {"form_response": {"definition": {"fields": [{"id": "B", "title": "You", "properties": {"fields": [
                {"id": "F", "title": "First name"}, {"id": "L", "title": "Last name"}]}}]},
            "answers": [{"type": "text", "text": "Ada", "field": {"id": "F", "ref": "r1"}},
                {"type": "text", "text": "Lovelace", "field": {"id": "L", "ref": "r2"}}]}}
            """
        let delivery = try Recording.delivery("typeform", Array(body.utf8), [.contentType: "application/json"])
        guard case .lead(let details, _) = try Recording("typeform", "").sender().read(delivery) else { return }
        let intake = Intake(details, map: JSONObject([]))
        #expect(intake.input.text("first_name") == "Ada")
        #expect(intake.input.text("last_name") == "Lovelace")
    }

    /// A field's exact name comes before a similar one, and a second value stays under its own name.
    @Test func givesAFieldToTheBestName() throws {
        try Workbench.run { bench in
            let details = [
                Detail("Work email", "w@example.com"), Detail("Mobile", "123 456"), Detail("email", "e@example.com"),
                Detail("Phone", "555 123"), Detail("Your Name", "Ann Lee"), Detail("contact name", "Bob"),
                Detail("Message", "Hi"), Detail("comments", "there"), Detail("custom_fields.a", 1),
                Detail("id", 7), Detail("E-Mail", "no address"), Detail("", "x"),
            ]
            let lead = try Recording.lead(details, in: bench)
            #expect(
                lead == #"""
                    {"first_name":"Ann","last_name":"Lee","email":"e@example.com","phone":"123 456","notes":"Hi\n\nthere",\#
                    "custom_fields":{"Work email":"w@example.com","Phone":"555 123","contact name":"Bob",\#
                    "E-Mail":"no address","a":1,"id":7,"unnamed":"x"}}
                    """#
            )
        }
    }

    /// A fifth of what may come, each the worst of its kind.
    private static let large: [String] = {
        func many(_ count: Int, _ separator: String, _ item: (Int) -> String) -> String {
            (0..<count).map(item).joined(separator: separator)
        }
        func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
        let members: (Int) -> String = { "\"k\($0)\":1" }
        var bodies: [String] = []
        bodies.append("{\(many(16_000, ",", members))}")
        bodies.append("{\"email\":\"a@example.com\",\"data\":{\(many(16_000, ",", members))}}")
        bodies.append("{\"email\":\"a@example.com\",\"data\":[\(many(20_000, ",") { _ in "{\"a\":1}" })]}")
        bodies.append("{\"\(repeated("k", 100_000))\":{\(many(8_000, ",", members))}}")
        for name in [repeated(".", 200_000), repeated("a.", 100_000), repeated("__", 100_000), repeated("é", 100_000)] {
            bodies.append("{\"\(name)\":1}")
        }
        bodies.append(many(20_000, "&") { "k\($0)=1" })
        bodies.append(many(14_000, "&") { "f[\($0)][a]=1" })
        bodies.append(many(28_000, "&") { _ in "a[]=1" })
        bodies.append("a\(repeated("[b]", 60_000))=1")
        bodies.append(repeated("&", 200_000))
        bodies.append(repeated("[", 200_000))
        return bodies
    }()

    /// A large body, whatever its shape, is read in a moment.
    @Test(arguments: large.indices)
    func readsTheLargestBodiesFast(index: Int) throws {
        let body = Self.large[index]
        #expect(body.utf8.count <= Request.bodyLimitInBytes)
        let map = #"{"company": "data.k5", "industry": "a.b.c", "country": "f.7", "custom_fields.x": "k1"}"#
        let isJSON = body.hasPrefix("{")
        for type in ["webhook_in", "zapier", "elementor", "wpforms", "jotform"] {
            let label = isJSON ? "application/json" : "application/x-www-form-urlencoded"
            let delivery = try Recording.delivery(type, Array(body.utf8), [.contentType: label], map: map)
            let sender = try #require(IntegrationType.named(type)?.sender)
            let start = ContinuousClock.now
            guard case .lead(let details, _)? = try? sender.read(delivery) else { continue }
            guard case .object(let map) = delivery.config["field_map"] else { continue }
            let intake = Intake(details, map: map)
            let time = ContinuousClock.now - start
            #expect(intake.customFieldMembers().count <= details.count + 1)
            // What is quadratic takes minutes, also where a test has little of the processor.
            #expect(time < .seconds(10), "\(type) \(time)")
        }
    }
}
