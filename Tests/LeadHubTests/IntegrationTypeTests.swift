import HTTP
import Testing

@testable import LeadHub

@Suite struct IntegrationTypeTests {
    private static let target = "/api/v1/integrations/types"

    /// As the contract names them.
    private static let categories = [
        "facebook_lead_ads": "lead_source", "google_ads": "lead_source", "typeform": "lead_source",
        "jotform": "lead_source", "calendly": "lead_source", "elementor": "lead_source", "wpforms": "lead_source",
        "contact_form_7": "lead_source", "webhook_in": "webhook", "zapier": "lead_source", "make": "lead_source",
        "mailgun": "email", "sendmail": "email", "slack": "messaging", "webhook": "webhook",
    ]

    @Test func areThoseThatTheContractNames() throws {
        try Workbench.run { bench in
            let answer = try bench.get(Self.target)
            #expect(answer.status == 200)
            #expect(answer.json?.names == ["data"])
            guard case .array(let types) = answer["data"] else { return }
            #expect(types.compactMap { $0["type"]?.string }.sorted() == Self.categories.keys.sorted())
            #expect(IntegrationSample.all.map(\.type).sorted() == Self.categories.keys.sorted())
            for type in types {
                #expect(type.names == ["type", "name", "category", "direction", "description", "fields"])
                let name = try #require(type["type"]?.string)
                #expect(type["category"]?.string == Self.categories[name])
                let isSource = IntegrationSample.sources.contains { $0.type == name }
                #expect(type["direction"] == (isSource ? "inbound" : "outbound"))
                #expect(type["name"]?.string?.isEmpty == false)
                #expect(type["description"]?.string?.hasSuffix(".") == true)
            }
        }
    }

    @Test(arguments: IntegrationSample.all)
    func sayWhatTheirConfigHolds(_ sample: IntegrationSample) throws {
        try Workbench.run { bench in
            guard case .array(let types) = try bench.get(Self.target)["data"],
                case .array(let fields) = types.first(where: { $0["type"] == .string(sample.type) })?["fields"]
            else {
                Issue.record("\(sample.type) is not there")
                return
            }
            for field in fields {
                #expect(field.names == ["key", "label", "type", "required", "secret"])
                let key = try #require(field["key"]?.string)
                #expect(field["label"]?.string?.isEmpty == false)
                #expect(field["required"] == .boolean(sample.required.contains(key)), "\(key)")
                #expect(field["secret"] == .boolean(sample.secrets.contains(key)), "\(key)")
            }
            let created = try bench.post("/api/v1/integrations", sample.body)
            #expect(created["data", "config"]?.names == fields.compactMap { $0["key"]?.string })
        }
    }

    @Test func areNoRecords() throws {
        try Workbench.run { bench in
            for (target, status) in [
                ("\(Self.target)?page=1", 422), ("\(Self.target)/zapier", 404), ("/api/v1/integrations/type", 404),
                ("/api/v1/integrations/01", 404),
            ] {
                let answer = try bench.get(target)
                #expect(answer.status == status, "\(target)")
            }
            let posted = try bench.post(Self.target, "{}")
            #expect(posted.status == 405)
        }
    }
}
