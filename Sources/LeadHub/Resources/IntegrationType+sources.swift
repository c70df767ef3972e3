import HTTP

extension IntegrationType {
    /// What sends leads to the integration's inbound address.
    static let sources = [
        source(
            "facebook_lead_ads", "Facebook Lead Ads", about: "Leads from the forms of ads on Facebook and Instagram.",
            setUp: """
                In your app at Meta, subscribe the product Webhooks to `leadgen` of the object Page, with \
                `inbound_url` as the callback URL and your verify token; then subscribe the page to the app. Meta \
                says only that there is a lead: it is fetched with the page's access token. Meta's standard \
                questions are found by themselves, others become custom fields.
                """,
            .facebookLeadAds,
            [
                "Verify token": .text(
                    "verify_token", 1...255, [.required, .secret],
                    about: "Any text; the same is entered at Meta with the callback URL.",
                ),
                "App secret": .text(
                    "app_secret", 1...255, [.required, .secret], about: "Of the app at Meta: it signs what is sent.",
                ),
                "Page access token": .text(
                    "access_token", 1...2_048, [.required, .secret],
                    about: "A long-lived token of the page with leads_retrieval: leads are fetched with it.",
                ).refusing { value in
                    guard case .text(let token) = value, token.contains(where: \.isWhitespace) else { return nil }
                    return "must not contain white space."
                },
                "Graph API address": Field(
                    "graph_url", .url, initial: .text("https://graph.facebook.com/v25.0"),
                    about: "Where leads are fetched from, version included; it changes together with the access token.",
                ).refusing { value in
                    guard case .text(let address) = value, address.wholeMatch(of: graphAddress) == nil else {
                        return nil
                    }
                    return "must begin with https:// and have neither a query nor a fragment."
                },
                "Field map": fieldMap,
            ],
            bearer: ("access_token", "graph_url")
        ),
        source(
            "google_ads", "Google Ads", about: "Leads from the lead forms of Google Ads.",
            setUp: """
                In the lead form's delivery options, enter `inbound_url` as the webhook URL and your `google_key` as \
                the key, then send test data. Google's standard columns are found by themselves, other questions \
                become custom fields.
                """,
            .googleAds,
            [
                "Key": .text(
                    "google_key", 1...255, [.required, .secret],
                    about: "Any text; the same is entered in the lead form's webhook and comes with each lead.",
                ),
                "Field map": fieldMap,
            ]
        ),
        source(
            "typeform", "Typeform", about: "Leads from answers to a Typeform.",
            setUp: """
                In the form's Connect panel, add a webhook with `inbound_url` and the same secret as here. Answers \
                are called by their questions, references and ids; email addresses and telephone numbers are found \
                by themselves.
                """,
            .typeform,
            [
                "Secret": .text(
                    "secret", 1...255, [.required, .secret],
                    about: "As it is entered at the webhook in Typeform: it signs each answer.",
                ),
                "Field map": fieldMap,
            ]
        ),
        source(
            "jotform", "Jotform", about: "Leads from submissions of a Jotform form.",
            setUp: """
                In the form's settings, under Integrations, add WebHooks with `inbound_url`. Fields are called as \
                Jotform does, `q3_name` or `name`; names, telephone numbers and addresses are put together. Jotform \
                signs nothing: the address is the secret.
                """,
            .jotform,
            ["Field map": fieldMap]
        ),
        source(
            "calendly", "Calendly", about: "Leads from invitees of Calendly events.",
            setUp: """
                Make a webhook subscription by Calendly's API with `inbound_url`, the event `invitee.created` and \
                your signing key. Name, email and the number for text messages are found by themselves, and the \
                answers by their questions.
                """,
            .calendly,
            [
                "Signing key": .text(
                    "signing_key", 1...255, [.required, .secret],
                    about: "As the webhook subscription was made with: it signs each event.",
                ),
                "Field map": fieldMap,
            ]
        ),
        source(
            "elementor", "Elementor", about: "Leads from forms of Elementor Pro on a WordPress site.",
            setUp: """
                At the form, under Actions After Submit, add Webhook with `inbound_url`. Fields are called by their \
                labels, with Advanced Data by their ids too; usual English labels are found by themselves. Elementor \
                signs nothing: the address is the secret.
                """,
            .elementor,
            ["Field map": fieldMap]
        ),
        source(
            "wpforms", "WPForms", about: "Leads from forms of WPForms on a WordPress site.",
            setUp: """
                In the form builder, under Settings, Webhooks, enter `inbound_url` and, best, the same secret as \
                here. Name the fields of the body like those of a lead, and they are found by themselves.
                """,
            .wpForms,
            [
                "Secret": .text(
                    "secret", 1...255, .secret,
                    about: "As it is entered at the webhook in WPForms: what it has not signed is refused then.",
                ),
                "Field map": fieldMap,
            ]
        ),
        source(
            "contact_form_7", "Contact Form 7", about: "Leads from forms of Contact Form 7 on a WordPress site.",
            setUp: """
                With the plugin CF7 to Webhook, enter `inbound_url` in the form's tab Webhook. `your-name`, \
                `your-email`, `tel-533` and the like are found by themselves. The plugin signs nothing: the address \
                is the secret.
                """,
            .contactForm7,
            ["Field map": fieldMap]
        ),
        source(
            "webhook_in", "Inbound webhook", category: "webhook",
            about: "Leads from anything that posts JSON or a form.",
            setUp: """
                Post to `inbound_url`. Usual English names, and those within `data`, `lead` or `contact`, are found \
                by themselves; a field map says the rest in dotted paths. With a signing secret, each body must be \
                signed with it.
                """,
            .webhook,
            [
                "Field map": fieldMap,
                "Signing secret": .text(
                    "signing_secret", 1...255, .secret,
                    about: "What it has not signed, as hexadecimal HMAC-SHA256 of the body, is refused then.",
                ),
                "Signature header": .text(
                    "signature_header", 1...64, default: "X-Signature",
                    about: "The header that the signature comes in, bare or behind `sha256=`.",
                ).refusing { value in
                    guard case .text(let name) = value, name.wholeMatch(of: /[A-Za-z0-9-]+/) == nil else { return nil }
                    return "must be the name of a header."
                },
            ]
        ),
        source(
            "zapier", "Zapier", about: "Leads from a Zap with the action POST of Webhooks by Zapier.",
            setUp: """
                Use `inbound_url` as the URL, and name the data like the fields of a lead: then they are found by \
                themselves. Zapier signs nothing: the address is the secret.
                """,
            .zapier,
            ["Field map": fieldMap]
        ),
        source(
            "make", "Make", about: "Leads from a scenario in Make with its HTTP module.",
            setUp: """
                Use `inbound_url` as the URL and the method POST, and name the body's items like the fields of a \
                lead: then they are found by themselves. Make signs nothing: the address is the secret.
                """,
            .make, ["Field map": fieldMap]
        ),
    ]

    /// Over a network only by TLS, for the access token goes with each request.
    private static var graphAddress: Regex<Substring> {
        /(?:https:\/\/|http:\/\/(?:localhost|127\.[0-9.]+|\[::1\])(?:[:\/]|$))[^?#]*/
            .ignoresCase().matchingSemantics(.unicodeScalar)
    }

    private static func source(
        _ type: String, _ name: String, category: String = "lead_source", about description: String,
        setUp: String, _ sender: Sender, _ members: KeyValuePairs<String, Field>,
        bearer: (secret: String, address: String)? = nil,
    ) -> IntegrationType {
        IntegrationType(
            type: type, name: name, category: category, direction: .inbound, description: description, setUp: setUp,
            members: members, sender: sender, bearer: bearer,
        )
    }

    private static let fieldMap = Field(
        "field_map", .object(Field.ObjectLimits(keys: 100, keyLength: 1...80, sizeInBytes: 32_768)),
        initial: .object(JSONObject([])),
        about: """
            Where a lead's fields are found: under the name of a field or `custom_fields.<key>`, what the sender calls \
            it, or the dotted path to it. What is not named here goes by its own name.
            """,
    ).refusing { value in
        guard case .object(let map) = value else { return nil }
        guard map.allSatisfy({ isMappable($0.name) }) else {
            return "must have fields of a lead, full_name, or custom_fields.<key> as its keys."
        }
        let hasPaths = map.allSatisfy { if case .string(let path) = $0.value { !path.isEmpty } else { false } }
        return hasPaths ? nil : "must have text as its values."
    }

    /// Whether a sender's value can go there.
    private static func isMappable(_ name: String) -> Bool {
        if let key = Text.behind(Lead.customFieldPrefix, in: name) {
            return Lead.customFieldKeyLength.contains(key.unicodeScalars.count)
        }
        let taken = Lead.fields.filter { !$0.rules.contains(.readOnly) && $0.name != "custom_fields" }
        return name == "full_name" || taken.contains { $0.name == name }
    }
}
