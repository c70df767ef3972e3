import Crypto
import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// A body as a sender sends it, from the folder Senders.
struct Recording: CustomTestStringConvertible {
    let type: String
    let file: String
    var map = "{}"

    init(_ type: String, _ file: String, map: String = "{}") {
        (self.type, self.file, self.map) = (type, file, map)
    }

    static let all = [
        Recording("facebook_lead_ads", "leads.json"), Recording("facebook_lead_ads", "test.json"),
        Recording("facebook_lead_ads", "feed.json"), Recording("google_ads", "lead.json"),
        Recording("google_ads", "test.json"), Recording("typeform", "response.json"),
        Recording("jotform", "submission.multipart"), Recording("calendly", "invitee.created.json"),
        Recording("calendly", "invitee.canceled.json"), Recording("elementor", "simple.form"),
        Recording("elementor", "advanced.form"), Recording("wpforms", "entry.json"), Recording("wpforms", "entry.form"),
        Recording("contact_form_7", "contact.json"), Recording("zapier", "unflattened.json"),
        Recording("zapier", "flat.form"), Recording("zapier", "wrapped.json"), Recording("make", "bundle.json"),
        Recording("make", "bundle.form"), Recording("webhook_in", "lead.json"),
        Recording("webhook_in", "browser.multipart"),
    ]

    var testDescription: String { "\(type)/\(file)" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Senders")

    /// The address's token, as it stands in the target.
    static let token = "lhs_0123456789abcdef0123456789"

    var contentType: String {
        if file.hasSuffix(".json") { return "application/json; charset=utf-8" }
        if file.hasSuffix(".form") { return "application/x-www-form-urlencoded" }
        return "multipart/form-data; boundary=------------------------CjIexjxdCcNhzczUt4wo08"
    }

    func bytes() throws -> [UInt8] {
        let bytes = Array(try Data(contentsOf: Recording.folder.appending(path: "\(type)/\(file)")))
        if file.hasSuffix(".json") { return bytes }
        let isForm = file.hasSuffix(".form")
        return bytes.flatMap { $0 == 0x0A ? (isForm ? [] : [0x0D, 0x0A]) : [$0] }
    }

    func sender() throws -> Sender { try #require(IntegrationType.named(type)?.sender) }

    /// What came: the body, labelled and signed as the sender does it.
    func delivery(_ body: [UInt8]? = nil, now: Int64 = Workbench.now) throws -> Delivery {
        let body = try body ?? bytes()
        var fields = try signature(of: body, at: now)
        fields[.contentType] = contentType
        return try Recording.delivery(type, body, fields, map: map)
    }

    static func delivery(
        _ type: String, _ body: [UInt8], _ fields: HTTPFields, map: String = "{}", now: Int64 = Workbench.now,
    ) throws -> Delivery {
        let sample = try JSONValue(reading: try #require(IntegrationSample.of(type)?.config))
        guard case .object(let config) = sample.with(("field_map", try JSONValue(reading: map))) else {
            throw JSONError.unexpectedEnd(offset: 0)
        }
        let target = Target("/api/inbound/integrations/\(token)")
        let request = Request(method: .post, target: target, fields: fields, body: .complete(body), id: "test")
        return Delivery(request: request, config: config, now: now)
    }

    /// The header that proves the body, by the vendor's words.
    func signature(of body: [UInt8], at time: Int64, secret: String = IntegrationSample.secret) throws -> HTTPFields {
        func code(_ bytes: [UInt8]) -> Data {
            Data(HMAC<SHA256>.authenticationCode(for: bytes, using: SymmetricKey(data: Data(secret.utf8))))
        }
        func hexadecimal(_ bytes: [UInt8]) -> String { code(bytes).map { String(format: "%02x", $0) }.joined() }
        let stamped = hexadecimal(Array("\(time).".utf8) + body)
        let header: (String, String)? =
            switch type {
            case "facebook_lead_ads", "webhook_in": ("X-Hub-Signature-256", "sha256=\(hexadecimal(body))")
            case "typeform": ("Typeform-Signature", "sha256=\(code(body).base64EncodedString())")
            case "calendly": ("Calendly-Webhook-Signature", "t=\(time),v1=\(stamped)")
            case "wpforms": ("X-WPForms-Webhook-Signature", "t=\(time),v=\(stamped)")
            default: nil
            }
        guard let header else { return [:] }
        return [try #require(HTTPField.Name(header.0)): header.1]
    }

    /// The lead that this becomes: what is filled in of it, in the order of its fields.
    func lead(in bench: Workbench, of body: [UInt8]? = nil) throws -> (lead: String, id: String?) {
        let delivery = try delivery(body)
        guard case .lead(let details, let id) = try sender().read(delivery) else {
            throw JSONError.unexpectedEnd(offset: 0)
        }
        return (try Recording.lead(details, map: delivery.config["field_map"], in: bench), id)
    }

    static func lead(_ details: [Detail], map: JSONValue? = nil, in bench: Workbench) throws -> String {
        var object = JSONObject([])
        if case .object(let map) = map { object = map }
        let intake = Intake(details, map: object)
        let id = try bench.connection.write { database -> Int64 in
            try Lead.take(intake, workspace: bench.workspace, by: .commandLine, database, now: Workbench.now).lead["id"]
        }
        guard case .object(let lead) = try bench.record(id) else { return "" }
        let usual: [String: JSONValue] = [
            "source": "api", "status": "new", "lead_score": 0, "starred": false, "tags": [], "custom_fields": [:],
        ]
        let hidden: Set = ["id", "created_at", "updated_at"]
        let said = lead.filter { $0.value != .null && !hidden.contains($0.name) && usual[$0.name] != $0.value }
        return JSONValue.object(JSONObject(said)).minified
    }
}
