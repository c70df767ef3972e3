import HTTP

extension IntegrationType {
    /// What is sent something from here.
    static let outputs = [
        output(
            "mailgun", "Mailgun", category: "email", about: "Sends the mail of automations by Mailgun.",
            [
                "API key": .text(
                    "api_key", 1...255, [.required, .secret], about: "Best the sending key of the domain alone.",
                ),
                "Domain": .text(
                    "domain", 1...253, .required, about: "The domain that mail is sent from, as at Mailgun."
                )
                .refusing { value in
                    guard case .text(let domain) = value,
                        domain.wholeMatch(of: /([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z0-9-]+/) == nil
                    else { return nil }
                    return "must be a valid domain."
                },
                "Region": .choice(
                    "region", ["us", "eu"], default: "us", about: "Where the domain is kept at Mailgun."),
                "From address": from, "From name": fromName,
            ]
        ),
        output(
            "sendmail", "Sendmail", category: "email",
            about: "Sends the mail of automations by this server's own mailer.",
            ["From address": from, "From name": fromName]
        ),
        output(
            "slack", "Slack", category: "messaging", about: "Posts to a Slack channel by an incoming webhook.",
            [
                "Webhook address": Field(
                    "webhook_url", .url, [.required, .secret],
                    about: "As Slack gives it; who knows it can post to the channel.",
                )
            ]
        ),
        output(
            "webhook", "Webhook", category: "webhook", about: "Posts what happens to leads to an address of your own.",
            [
                "Address": Field("url", .url, .required, about: "Where it is posted to."),
                "Events": Field("events", .choices(events), .required, about: "What is posted."),
                "Secret": .text("secret", 1...255, [.required, .secret], about: "Signs each body."),
                "Previous secret": .text(
                    "previous_secret", 1...255, .secret,
                    about:
                        "Signs each body too, as long as it is there: for receivers that do not know the new one yet.",
                ),
            ]
        ),
    ]

    /// What a webhook can be told of.
    static let events = [
        "lead.created", "lead.updated", "lead.deleted", "lead.stage_changed", "lead.assigned", "form.submitted",
    ]

    private static func output(
        _ type: String, _ name: String, category: String, about description: String,
        _ members: KeyValuePairs<String, Field>,
    ) -> IntegrationType {
        IntegrationType(
            type: type, name: name, category: category, direction: .outbound, description: description, setUp: "",
            members: members, sender: nil,
        )
    }

    private static let from = Field.email("from", .required, about: "The address that mail comes from.")

    private static let fromName = Field.text("from_name", about: "The name beside that address.").refusing { value in
        guard case .text(let name) = value, name.contains("\n") else { return nil }
        return "must be a single line."
    }
}
