import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// Each recorded body becomes exactly the right lead: nothing of it is dropped.
@Suite struct SenderTests {
    private static let leads: [(Recording, String?, String)] = [
        (
            Recording("google_ads", "lead.json"),
            "TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789",
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "company":"Acme","custom_fields":{"WORK_EMAIL":"s.johnson@acme.example","CITY":"Berlin",\#
            "preferred_dealership":"North",\#
            "lead_id":"TeSter-123-ABCDEFGHIJKLMNOPQRSTUVWXYZ-abcdefghijklmnopqrstuvwxyz-0123456789",\#
            "api_version":"1.0","form_id":9007199254740993,"campaign_id":20000000000000001,"is_test":false,\#
            "gcl_id":"Cj0KCQ","adgroup_id":9223372036854775807,"creative_id":30000000000000001,\#
            "asset_group_id":40000000000000001,"lead_stage":"QUALIFIED",\#
            "lead_submit_time":"2026-09-21T14:13:20Z"}}
            """#
        ),
        (
            Recording("typeform", "response.json"), "a3a12ec67a1365927098a606107fac15",
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "custom_fields":{"Which city?":"Berlin","Which products?":"CRM; Forms; Mail",\#
            "Do you have a budget?":false,"How many people?":5,"Since when?":"2026-01-05",\#
            "Your website":"https://acme.example","Your plan":"https://api.typeform.com/plan.pdf",\#
            "utm_source":"newsletter","variables.score":4,"variables.plan":"gold","form_id":"lT4Z3j",\#
            "token":"a3a12ec67a1365927098a606107fac15","submitted_at":"2026-09-21T14:13:20Z",\#
            "landed_at":"2026-09-21T14:10:00Z","calculated.score":9,"form_title":"Ask us anything",\#
            "event_id":"LtWXD3crgy","event_type":"form_response"}}
            """#
        ),
        (
            Recording("jotform", "submission.multipart"), "6483681866127454931",
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"415 555-1234",\#
            "country":"Germany","notes":"Please call.\nThank you.","custom_fields":{"q10_mobile":"(030) 123456",\#
            "jsExecutionTracker":"build-date-1790000000000=>init-started:1790000000100","submitSource":"form",\#
            "submitDate":"1790000000000","buildDate":"1790000000000","q6_address.addr_line1":"1 Main St",\#
            "q6_address.city":"Berlin","q6_address.postal":"10115","q7_products":"CRM; Forms",\#
            "q8_visit.month":"11","q8_visit.day":"18","q8_visit.year":"2026","username":"acme",\#
            "formID":"253117572694059","type":"WEB","formTitle":"Contact","submissionID":"6483681866127454931",\#
            "ip":"203.0.113.7"}}
            """#
        ),
        (
            Recording("calendly", "invitee.created.json"),
            "https://api.calendly.com/scheduled_events/EVT123/invitees/INV456",
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "company":"Acme","custom_fields":{"scheduled_event.location.location":"+4930123456",\#
            "status":"active","Which products interest you?":"CRM",\#
            "cancel_url":"https://calendly.com/cancellations/INV456","created_at":"2026-09-21T14:13:20.000000Z",\#
            "event":"https://api.calendly.com/scheduled_events/EVT123",\#
            "reschedule_url":"https://calendly.com/reschedulings/INV456","rescheduled":false,\#
            "timezone":"Europe/Berlin","uri":"https://api.calendly.com/scheduled_events/EVT123/invitees/INV456",\#
            "scheduled_event.uri":"https://api.calendly.com/scheduled_events/EVT123",\#
            "scheduled_event.name":"Discovery call","scheduled_event.start_time":"2026-09-22T15:00:00.000000Z",\#
            "scheduled_event.end_time":"2026-09-22T15:30:00.000000Z",\#
            "scheduled_event.event_memberships.0.user":"https://api.calendly.com/users/AAAAAAAAAAAAAAAA",\#
            "scheduled_event.event_memberships.0.user_email":"host@example.com",\#
            "scheduled_event.invitees_counter.total":1,"scheduled_event.invitees_counter.active":1,\#
            "scheduled_event.invitees_counter.limit":1,"scheduled_event.location.type":"outbound_call",\#
            "tracking.utm_campaign":"autumn","tracking.utm_source":"newsletter",\#
            "created_by":"https://api.calendly.com/users/AAAAAAAAAAAAAAAA"}}
            """#
        ),
        (
            Recording("elementor", "simple.form"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+1 415 555 1234",\#
            "notes":"Please call.\nThank you.","custom_fields":{"Interests":"CRM, Forms",\#
            "No Label field_8d2":"42","Date":"September 21, 2026","Time":"2:13 pm",\#
            "Page URL":"https://acme.example/contact","User Agent":"Mozilla/5.0","Remote IP":"203.0.113.7",\#
            "Powered by":"Elementor","form_id":"4b1a2c3","form_name":"Contact"}}
            """#
        ),
        (
            Recording("elementor", "advanced.form"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "notes":"Please call.","custom_fields":{"Interests":"CRM, Forms","Website":"https://acme.example/",\#
            "page.raw_value":"acme.example","Date":"September 21, 2026",\#
            "Page URL":"https://acme.example/contact","Remote IP":"203.0.113.7","form.id":"4b1a2c3",\#
            "form.name":"Contact"}}
            """#
        ),
        (
            Recording("wpforms", "entry.json"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "notes":"Please call.","custom_fields":{"products":"CRM; Forms",\#
            "address":"1 Main St; Berlin, 10115; DE","visit":"09/22/2026 3:00 PM","visit.unix":1790089200,\#
            "files":"https://acme.example/a.pdf; https://acme.example/b.pdf","entry_id":"17"}}
            """#
        ),
        (
            Recording("wpforms", "entry.form"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "notes":"Grüße \"quoted\"\\ 😀","custom_fields":{"products":"CRM; Forms",\#
            "address":"1 Main St; Berlin, 10115; DE","visit":"09/22/2026 3:00 PM","visit.unix":"1790089200",\#
            "files":"https://acme.example/a.pdf; https://acme.example/b.pdf","entry_id":"17"}}
            """#
        ),
        (
            Recording("contact_form_7", "contact.json"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "notes":"Please call.","custom_fields":{"your-subject":"Question","products":"CRM; Forms",\#
            "menu-country":"Germany","acceptance-1":"1",\#
            "file-7":"https://acme.example/wp-content/uploads/a.pdf"}}
            """#
        ),
        (
            Recording("zapier", "unflattened.json"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "custom_fields":{"deal.plan":"gold","deal.items.0.sku":"A","deal.items.0.count":2,\#
            "deal.items.1.sku":"B","deal.items.1.count":1}}
            """#
        ),
        (
            Recording("zapier", "flat.form"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "custom_fields":{"deal.plan":"gold"}}
            """#
        ),
        (
            Recording("zapier", "wrapped.json"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com"}
            """#
        ),
        (
            Recording("make", "bundle.json"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234",\#
            "custom_fields":{"row":7,"paid":true,"labels":"a; b"}}
            """#
        ),
        (
            Recording("make", "bundle.form"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","custom_fields":{"row":"7"}}
            """#
        ),
        (
            Recording("webhook_in", "lead.json"), nil,
            #"""
            {"first_name":"sarah","email":"sarah@example.com","source":"website","status":"qualified",\#
            "custom_fields":{"type":"lead","data.contact.names.given":"Sarah",\#
            "data.contact.names.family":"Johnson","data.plan.name":"gold","data.plan.price":12.50,\#
            "data.labels":"hot; enterprise","budget":10000}}
            """#
        ),
        (
            Recording("webhook_in", "browser.multipart"), nil,
            #"""
            {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com",\#
            "custom_fields":{"cv":"cv.pdf"}}
            """#
        ),
    ]

    @Test(arguments: leads)
    func makesTheLead(_ recording: Recording, id: String?, lead: String) throws {
        try Workbench.run { bench in
            let delivery = try recording.delivery()
            try recording.sender().verify(delivery)
            let made = try recording.lead(in: bench)
            #expect(made.lead == lead)
            #expect(made.id == id)
        }
    }

    @Test func announcesWhatIsToBeFetched() throws {
        let recording = Recording("facebook_lead_ads", "leads.json")
        guard case .announced(let announcements, nil) = try recording.sender().read(try recording.delivery()) else {
            Issue.record("nothing was announced")
            return
        }
        #expect(
            announcements == [
                Announcement(
                    id: "2330000000000001",
                    details: JSONObject([
                        ("form_id", "1720000000000001"), ("created_time", 1_790_000_000),
                        ("page_id", "1380000000000001"),
                    ])
                ),
                Announcement(
                    id: "2330000000000002",
                    details: JSONObject([
                        ("ad_id", 120_210_000_000_000_001), ("form_id", 1_720_000_000_000_002),
                        ("created_time", 1_790_000_001), ("page_id", 1_380_000_000_000_002),
                        ("adgroup_id", 120_210_000_000_000_002),
                    ])
                ),
            ]
        )
    }

    @Test func readsAThousandChangesAndEachLeadOnce() throws {
        func change(_ id: Int) -> String {
            #"{"field": "leadgen", "value": {"leadgen_id": "\#(id)", "page_id": 1}}"#
        }
        let entries = (0..<10).map { entry in
            "{\"changes\": [\((0..<100).map { change(entry * 100 + $0) }.joined(separator: ",")), \(change(7))]}"
        }
        let body = "{\"object\": \"page\", \"entry\": [\(entries.joined(separator: ","))]}"
        let recording = Recording("facebook_lead_ads", "leads.json")
        guard case .announced(let all, nil) = try recording.sender().read(try recording.delivery(Array(body.utf8)))
        else {
            Issue.record("nothing was announced")
            return
        }
        #expect(all.map(\.id) == (0..<1_000).map(String.init))
    }

    @Test(arguments: [
        (Recording("facebook_lead_ads", "test.json"), "test"), (Recording("facebook_lead_ads", "feed.json"), "feed"),
        (Recording("google_ads", "test.json"), "test"),
        (Recording("calendly", "invitee.canceled.json"), "invitee.canceled"),
    ])
    func makesNoLeadOfWhatIsNone(_ recording: Recording, what: String) throws {
        let delivery = try recording.delivery()
        try recording.sender().verify(delivery)
        switch try recording.sender().read(delivery) {
        case .test: #expect(what == "test")
        case .other(let other): #expect(other == what)
        default: Issue.record("a lead was made of it")
        }
    }

    @Test func readsWhatTheGraphAPIAnswers() throws {
        let recording = Recording("facebook_lead_ads", "graph.json")
        guard case .object(let answer) = try JSONValue(parsing: recording.bytes()) else { return }
        let announced = JSONObject([
            ("form_id", 1_720_000_000_000_001), ("created_time", 1_790_000_000), ("page_id", "1380000000000001"),
        ])
        let details = FacebookLeadAds.details(of: answer, announced: announced)
        try Workbench.run { bench in
            let lead = try Recording.lead(details, in: bench)
            #expect(
                lead == #"""
                    {"first_name":"Sarah","last_name":"Johnson","email":"sarah@example.com","phone":"+14155551234"\#
                    ,"company":"Acme","job_title":"Buyer","custom_fields":{"work_email":"s.johnson@acme.example"\#
                    ,"city":"Berlin","which_products_interest_you?":"CRM; Forms","consent.newsletter":true\#
                    ,"consent.partners":false,"created_time":"2026-09-21T14:13:20+0000"\#
                    ,"leadgen_id":"2330000000000001","ad_id":"120210000000000001","ad_name":"Autumn"\#
                    ,"adset_id":"120210000000000002","adset_name":"Berlin","form_id":"1720000000000001"\#
                    ,"is_organic":false,"page_id":"1380000000000001"}}
                    """#
            )
        }
        // Nothing of it is needed, and nothing of it is lost.
        #expect(FacebookLeadAds.details(of: JSONObject([]), announced: announced).map(\.name) == announced.map(\.name))
        let odd = JSONObject([("field_data", "x"), ("custom_disclaimer_responses", [1, ["y": 2]])])
        #expect(
            FacebookLeadAds.details(of: odd, announced: JSONObject([])).map(\.name) == [
                "field_data", "custom_disclaimer_responses.0", "custom_disclaimer_responses.1.y",
            ]
        )
    }

    /// Google's key and the token in the address that Jotform repeats are kept nowhere.
    @Test func keepsNoSecret() throws {
        let google = Recording("google_ads", "lead.json")
        let body = String(decoding: try google.bytes(), as: UTF8.self)
        #expect(body.contains(IntegrationSample.secret))
        let kept = String(decoding: try google.sender().kept(google.delivery()), as: UTF8.self)
        #expect(kept == body.replacing(IntegrationSample.secret, with: "********"))
        for (odd, expected) in [
            (#"{"google\u005fkey": "a\"b", "x": 1e2}"#, #"{"google_key":"********","x":1e2}"#),
            (#"{"x": "google_key", "google_key" : "a\"b"}"#, #"{"x":"google_key","google_key":"********"}"#),
            (#"{"google_key": 7}"#, #"{"google_key":"********"}"#), (#"{"x": 1}"#, #"{"x": 1}"#),
            (#"{"y": {"google_key": "z"}, "google_key": "s"}"#, #"{"y":{"google_key":"z"},"google_key":"********"}"#),
        ] {
            let kept = try google.sender().kept(google.delivery(Array(odd.utf8)))
            #expect(String(decoding: kept, as: UTF8.self) == expected)
        }
        let jotform = Recording("jotform", "submission.multipart")
        let sent = String(decoding: try jotform.bytes(), as: UTF8.self)
        #expect(sent.contains(Recording.token))
        let left = String(decoding: try jotform.sender().kept(jotform.delivery()), as: UTF8.self)
        #expect(left == sent.replacing(Recording.token, with: "********"))
    }

    /// A replay has nothing but the body as it was kept and its type: it makes the same lead.
    @Test(arguments: leads)
    func readsWhatWasKept(_ recording: Recording, id: String?, lead: String) throws {
        try Workbench.run { bench in
            let kept = try recording.sender().kept(try recording.delivery())
            let again = try Recording.delivery(recording.type, kept, [.contentType: recording.contentType])
            guard case .lead(let details, id) = try recording.sender().read(again) else {
                Issue.record("it is not the same")
                return
            }
            #expect(try Recording.lead(details, in: bench) == lead)
        }
    }
}
