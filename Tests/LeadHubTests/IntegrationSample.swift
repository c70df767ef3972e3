import HTTP
import Testing

@testable import LeadHub

/// One valid integration of each type, and what of it must be there and what is secret: written down apart from the
/// declarations, from what the contract says.
struct IntegrationSample: CustomTestStringConvertible {
    let type: String
    let config: String
    var required: [String] = []
    var secrets: [String] = []

    var testDescription: String { type }

    var body: String { #"{"type": "\#(type)", "name": "Sample", "config": \#(config)}"# }

    /// What is secret in the samples: in no file and no answer.
    static let secret = "correct-horse-battery-staple"
    static let mask = "********aple"

    static let sources = [
        IntegrationSample(
            type: "facebook_lead_ads",
            config: #"""
                {"verify_token": "\#(secret)", "app_secret": "\#(secret)", "access_token": "\#(secret)",
                "graph_url": "http://127.0.0.1:9000/v25.0", "field_map": {"custom_fields.budget": "your_budget?"}}
                """#,
            required: ["verify_token", "app_secret", "access_token"],
            secrets: ["verify_token", "app_secret", "access_token"],
        ),
        IntegrationSample(
            type: "google_ads", config: #"{"google_key": "\#(secret)"}"#, required: ["google_key"],
            secrets: ["google_key"],
        ),
        IntegrationSample(
            type: "typeform", config: #"{"secret": "\#(secret)", "field_map": {"email": "your_email"}}"#,
            required: ["secret"], secrets: ["secret"],
        ),
        IntegrationSample(type: "jotform", config: #"{"field_map": {"full_name": "q3_name"}}"#),
        IntegrationSample(
            type: "calendly", config: #"{"signing_key": "\#(secret)"}"#, required: ["signing_key"],
            secrets: ["signing_key"],
        ),
        IntegrationSample(type: "elementor", config: #"{"field_map": {"email": "Your Email"}}"#),
        IntegrationSample(type: "wpforms", config: #"{"secret": "\#(secret)"}"#, secrets: ["secret"]),
        IntegrationSample(type: "contact_form_7", config: #"{"field_map": {"email": "your-email"}}"#),
        IntegrationSample(
            type: "webhook_in",
            config: #"""
                {"field_map": {"email": "data.contact.email", "custom_fields.plan": "data.plan"},
                "signing_secret": "\#(secret)", "signature_header": "X-Hub-Signature-256"}
                """#,
            secrets: ["signing_secret"],
        ),
        IntegrationSample(type: "zapier", config: "{}"),
        IntegrationSample(type: "make", config: "{}"),
    ]

    static let outputs = [
        IntegrationSample(
            type: "mailgun",
            config: #"""
                {"api_key": "\#(secret)", "domain": "mg.example.com", "region": "eu", "from": "crm@mg.example.com",
                "from_name": "Acme"}
                """#,
            required: ["api_key", "domain", "from"], secrets: ["api_key"],
        ),
        IntegrationSample(
            type: "sendmail", config: #"{"from": "crm@example.com", "from_name": null}"#, required: ["from"],
        ),
        IntegrationSample(
            type: "slack", config: #"{"webhook_url": "https://hooks.slack.com/services/T0/B0/\#(secret)"}"#,
            required: ["webhook_url"], secrets: ["webhook_url"],
        ),
        IntegrationSample(
            type: "webhook",
            config: #"""
                {"url": "https://example.com/hook", "events": ["lead.created", "lead.updated", "lead.deleted",
                "lead.stage_changed", "lead.assigned", "form.submitted"], "secret": "\#(secret)",
                "previous_secret": "\#(secret)"}
                """#,
            required: ["url", "events", "secret"], secrets: ["secret", "previous_secret"],
        ),
    ]

    static let all = sources + outputs

    static func of(_ type: String) -> IntegrationSample? { all.first { $0.type == type } }
}
