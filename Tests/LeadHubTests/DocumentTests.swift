import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// The OpenAPI document says what the routes do, and nothing else.
@Suite struct DocumentTests {
    static let document = (try? JSONValue(parsing: Document.json(origin: Workbench.origin))) ?? .null
    static let checker = SchemaChecker(document: document)

    struct Case: CustomTestStringConvertible {
        let operation: LeadHub.Operation

        var route: Route { operation.route }
        var object: JSONValue? { document["paths"]?[route.path]?[route.method.rawValue.lowercased()] }
        var testDescription: String { "\(route.method) \(route.path)" }

        /// The address with the document's examples in the path.
        var target: String {
            (object?["parameters"]?.elements ?? []).filter { $0["in"] == "path" }.reduce(route.path) {
                path, parameter in
                let example = parameter["example"] ?? .null
                return path.replacing("{\(parameter["name"]?.string ?? "")}", with: example.string ?? example.minified)
            }
        }

        /// What must be in the query, with the document's examples.
        var required: [String] {
            (object?["parameters"]?.elements ?? []).filter { $0["in"] == "query" && $0["required"] == true }.map {
                "\($0["name"]?.string ?? "")=\($0["schema"]?["examples"]?["0"]?.string ?? "")"
            }
        }

        /// The body that the document shows.
        var body: JSONValue? { object?["requestBody"]?["content"]?["application/json"]?["example"] }
    }

    static let cases = Document.operations.map(Case.init)

    @Test func isServedWithoutAKeyAndNamesItsServer() throws {
        try Workbench.run { bench in
            let answer = try bench.send(.get, "/api/v1/openapi.json", key: nil)
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "application/json; charset=utf-8")
            #expect(answer["openapi"] == "3.1.1")
            #expect(answer["servers"] == [["url": .string(Workbench.origin)]])
            let entityTag = try #require(answer.header("ETag"))
            let again = try bench.send(.get, "/api/v1/openapi.json", key: nil, fields: [.ifNoneMatch: entityTag])
            #expect(again.status == 304)
            #expect(again.text == "")
            #expect(again.header("ETag") == entityTag)
        }
    }

    @Test func hasEveryRouteAndNoOther() {
        let routes = RouteTable().routes.map { "\($0.method.rawValue.lowercased()) \($0.path)" }
        let paths = Self.document["paths"] ?? .null
        let operations = paths.names.flatMap { path in (paths[path]?.names ?? []).map { "\($0) \(path)" } }
        #expect(Set(operations) == Set(routes))
        #expect(operations.count == routes.count)
        #expect(operations.count >= 35)
    }

    @Test func namesEachOperationOnce() {
        let names = Self.cases.map { $0.object?["operationId"]?.string ?? "" }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.wholeMatch(of: /[a-z][A-Za-z0-9]+/) != nil })
        for name in ["listLeads", "createLead", "getLead", "putLead", "updateLead", "deleteLead", "addTagToLead"] {
            #expect(names.contains(name))
        }
    }

    @Test func leadsNowhereInVain() {
        func references(_ value: JSONValue) -> [JSONValue] {
            switch value {
            case .object(let object):
                (object["$ref"] == nil ? [] : [value]) + object.flatMap { references($0.value) }
            case .array(let values): values.flatMap(references)
            default: []
            }
        }
        let all = references(Self.document)
        #expect(all.count > 100)
        for reference in all { #expect(Self.checker.resolved(reference) != nil, "\(reference.minified)") }
    }

    @Test func knowsEveryCodeOfTheContract() {
        let codes = Self.document["components"]?["schemas"]?["Error"]?["properties"]?["code"]?["enum"]?.elements ?? []
        #expect(
            Set(codes.compactMap(\.string)) == [
                "UNAUTHORIZED", "FORBIDDEN", "NOT_FOUND", "VALIDATION_FAILED", "RATE_LIMITED", "SERVER_ERROR",
                "BAD_REQUEST", "METHOD_NOT_ALLOWED", "REQUEST_TIMEOUT", "CONFLICT", "PRECONDITION_FAILED",
                "PAYLOAD_TOO_LARGE", "URI_TOO_LONG", "UNSUPPORTED_MEDIA_TYPE", "HEADERS_TOO_LARGE",
                "SERVICE_UNAVAILABLE", "IDEMPOTENCY_KEY_REUSED",
            ]
        )
    }

    /// nginx says some of them by itself, in words of its own file.
    @Test(arguments: [HTTPError.requestTimeout, .uriTooLong, .headersTooLarge])
    func saysWhatNginxSays(_ error: HTTPError) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../nginx/leadhub-http.conf")
        let configuration = try String(contentsOf: file.standardizedFileURL, encoding: .utf8)
        #expect(configuration.contains(try Regex("\(error.status.code) +\(error.code);")))
        #expect(configuration.contains("\(error.status.code)      \"\(error.message)\";"))
    }

    @Test(arguments: cases)
    func listsTheStatusesOf(_ item: Case) throws {
        let statuses = Set(try #require(item.object?["responses"]).names)
        #expect(statuses.contains { $0.hasPrefix("2") })
        var expected: Set = ["400", "405", "408", "414", "431", "500", "503"]
        if item.route.scope != nil { expected.formUnion(["401", "403", "429"]) }
        if item.route.path.contains("{") { expected.insert("404") }
        if item.route.parameters != nil { expected.insert("422") }
        if item.body != nil { expected.formUnion(["413", "415", "422"]) }
        if item.route.method != .get { expected.insert("409") }
        if [.put, .patch, .delete].contains(item.route.method) { expected.insert("412") }
        #expect(expected.isSubset(of: statuses), "\(expected.subtracting(statuses))")
        let security = item.object?["security"]
        let scopes = [item.route.scope, item.route.otherScope].compactMap { $0?.rawValue }
        #expect(security == .array(scopes.map { ["apiKey": [.string($0)]] }))
        if item.route.path.hasSuffix("/submissions"), item.route.method == .post {
            #expect(scopes == ["write:leads", "write:forms"])
            #expect(statuses.isSuperset(of: ["200", "201", "303"]))
        }
    }

    @Test(arguments: cases)
    func describesWhatEach(_ item: Case) throws {
        let object = try #require(item.object)
        #expect(object["summary"]?.string?.isEmpty == false)
        #expect(object["description"]?.string?.isEmpty == false)
        for parameter in object["parameters"]?.elements ?? [] {
            let parameter = try #require(Self.checker.resolved(parameter))
            #expect(parameter["description"]?.string?.isEmpty == false, "\(parameter.minified)")
        }
    }

    @Test func saysWhatNeedsNoKey() {
        let isSaid = Self.document["info"]?["description"]?.string?.contains(
            "but those of the group Service and those to an address that ends in a token"
        )
        #expect(isSaid == true)
        for item in Self.cases where item.route.scopes.isEmpty {
            let isNamed = item.operation.group == "Service" || item.route.path.hasSuffix("{token}")
            #expect(isNamed, "\(item.testDescription)")
        }
    }

    /// Masks of secrets too, and null for what has no value.
    @Test(arguments: IntegrationSample.sources + IntegrationSample.outputs)
    func allowsAConfigToBeSentBack(sample: IntegrationSample) throws {
        try Workbench.run { bench in
            let made = try bench.post("/api/v1/integrations", sample.body)
            #expect(Self.checker.problems(try JSONValue(reading: sample.body), Self.integration("New")) == [])
            let config = try #require(made["data", "config"])
            let optional = config.names.filter { !sample.required.contains($0) }
            let emptied = optional.map { (name: $0, value: JSONValue.null) }
            // An address that a secret is sent to changes only together with it.
            let bearer = IntegrationType.named(sample.type)?.bearer.map {
                (name: $0.secret, value: JSONValue.string(IntegrationSample.secret))
            }
            for sent in [config, .object(JSONObject(emptied + [bearer].compactMap { $0 }))] {
                let body: JSONValue = ["config": sent]
                #expect(Self.checker.problems(body, Self.integration("Changes")) == [])
                let answer = try bench.send(.patch, "/api/v1/integrations/1", body.minified, key: bench.key)
                #expect(answer.status == 200, "\(answer.text)")
            }
            for name in sample.secrets {
                let cases = Self.checker.resolved(Self.integration("New"))?["oneOf"]?.elements ?? []
                let own = cases.compactMap(Self.checker.resolved).filter {
                    $0["properties"]?["type"]?["const"]?.string == sample.type
                }
                #expect(own.map { $0["properties"]?["config"]?["properties"]?[name]?["format"] } == ["password"])
            }
        }
    }

    private static func integration(_ what: String) -> JSONValue {
        JSONSchema.reference(what == "New" ? "NewIntegration" : "IntegrationChanges")
    }

    @Test func allowsSettingsToBeUnset() throws {
        try Workbench.run { bench in
            let settings = try #require(try bench.form(#"{"name": "A"}"#)["settings"])
            for name in settings.names {
                let body: JSONValue = ["settings": .object(JSONObject([(name: name, value: .null)]))]
                #expect(Self.checker.problems(body, JSONSchema.reference("FormChanges")) == [])
                let answer = try bench.send(.patch, "/api/v1/forms/1", body.minified, key: bench.key)
                #expect(answer.status == 200, "\(answer.text)")
            }
        }
    }

    @Test(arguments: [
        ("NewIntegration", #"{"name":"A","type":"webhook","config":{"url":"https://a.de","secret":"s","events":[@]}}"#),
        (
            "NewAutomation",
            """
            {"name": "A", "trigger": {"type": "manual"}, "steps": [
                {"type": "action", "action": "send_notification", "config": {"message": "a", "user_ids": [@]}}
            ]}
            """
        ),
        (
            "AutomationChanges",
            """
            {"steps": [
                {"type": "action", "action": "assign_user", "config": {"mode": "round_robin", "user_ids": [@]}}
            ]}
            """
        ),
    ])
    func saysWhichListsMustNotBeEmpty(schema: String, body: String) throws {
        let item = schema.hasSuffix("Integration") ? "\"lead.created\"" : "1"
        let filled = try JSONValue(reading: body.replacing("@", with: item))
        #expect(Self.checker.problems(filled, JSONSchema.reference(schema)) == [])
        let empty = try JSONValue(reading: body.replacing("@", with: ""))
        #expect(!Self.checker.fits(empty, JSONSchema.reference(schema)))
    }

    @Test func showsNoAddressOfWhatIsOnlySentTo() {
        let response = Self.document["paths"]?["/api/v1/integrations/{id}"]?["get"]?["responses"]?["200"]
        let example = response?["content"]?["application/json"]?["example"]?["data"]
        #expect(example?["type"] == "webhook")
        #expect(example?["inbound_url"] == JSONValue.null)
    }

    /// Every example stands beside a schema, and fits it.
    @Test func showsOnlyValidExamples() {
        var count = 0
        func check(_ value: JSONValue, _ path: String) {
            switch value {
            case .object(let object):
                let schema = object["schema"] ?? value
                let examples = [object["example"]].compactMap { $0 } + (object["examples"]?.elements ?? [])
                for example in examples where object["example"] == nil || object["schema"] != nil {
                    count += 1
                    let problems = Self.checker.problems(example, schema)
                    #expect(problems.isEmpty, "\(path): \(problems)")
                }
                for member in object where member.name != "example" && member.name != "examples" {
                    check(member.value, "\(path)/\(member.name)")
                }
            case .array(let values): for value in values { check(value, path) }
            default: break
            }
        }
        check(Self.document, "#")
        #expect(count > 300)
    }
}
