extension DocumentationPage {
    /// How leads are sent in, for somebody who begins: by each kind of service, and what holds of all.
    static func sending(origin: Character) -> String {
        var html = "<section class=\"intro\"><h2 id=\"sending\">Send leads in</h2>"
        html += prose(beginning) + code(making(origin))
        html += prose("Its answer has the `inbound_url`. Whoever knows it can send leads: treat it like a password.")
        html += code(trying(origin)) + prose(rules.joined(separator: "\n\n"))
        for type in IntegrationType.sources {
            let title = "\(HTML.escaped(type.name)) <small><code>\(type.type)</code></small>"
            html += "<h3 id=\"sending-\(type.type)\">\(title)</h3>"
            html += prose("\(type.description) \(type.setUp)") + secrets(of: type)
        }
        return html + "</section>"
    }

    private static let beginning = """
        What can set a header posts to `/api/inbound/leads` with an API key. All other services get an address of \
        their own: create an integration of their type. What it calls by other names than a lead's fields, a field map \
        finds: under the field, or `custom_fields.<key>`, the sender's name or the dotted path.
        """

    private static func making(_ origin: Character) -> String {
        """
        curl '\(origin)/api/v1/integrations' \\
          -H 'Authorization: Bearer lh_your_api_key_here' \\
          -H 'Content-Type: application/json' \\
          -d '{"type": "webhook_in", "name": "Landing page", "config": {"field_map": {
            "email": "visitor.mail", "full_name": "visitor.name", "custom_fields.plan": "plan"}}}'
        """
    }

    private static func trying(_ origin: Character) -> String {
        """
        curl '\(origin)/api/inbound/integrations/\(Example.token(of: "integrations"))' \\
          -H 'Content-Type: application/json' \\
          -d '{"visitor": {"mail": "sarah@example.com", "name": "Sarah Johnson"}, "plan": "Pro"}'
        """
    }

    private static let rules = [
        """
        What comes again makes nothing twice: it is known by its `Idempotency-Key` for 24 hours, by the sender's own id, \
        as a `webhook-id`, for \(Inbound.daysUntilRemoval) days, and at these addresses by the same values for \
        \(Inbound.RepeatKey.secondsOfSameValues / 60) minutes. The answer is the first one's.
        """,
        """
        What a service signs is checked, and a signature with a moment in it must not be more than \
        \(StampedSignature.tolerance) seconds old.
        """,
        """
        Every body is kept as it came for \(Inbound.daysUntilRemoval) days, without secrets, also when it was refused; \
        of what was not signed rightly only that it came. `GET /api/v1/inbound` lists what came and what became of it. \
        After a field map was mended, `POST /api/v1/inbound/{id}/replay` takes a body once more: it brings its values \
        to the lead that it made, else makes one.
        """,
    ]

    private static func secrets(of type: IntegrationType) -> String {
        let members = type.members.filter { $0.value.rules.contains(.secret) }
        guard !members.isEmpty else { return "" }
        let rows = members.map { _, field in
            "<dt><code>\(field.name)</code>\(field.rules.contains(.required) ? " <b>required</b>" : "")</dt>"
                + "<dd>\(HTML.escaped(field.description))</dd>"
        }
        return "<dl>\(rows.joined())</dl>"
    }

    private static func code(_ text: String) -> String { "<pre><code>\(HTML.escaped(text))</code></pre>" }
}
