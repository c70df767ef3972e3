import HTTP
import HTTPTypes

extension Submission {
    /// What was sent to a form, read by the form's fields and settings before any lock is taken.
    struct Reading {
        /// What is kept: the form's own fields as they were checked, and of all others what can be.
        let values: JSONObject
        let intake: Intake
        /// Whether what people do not see was filled in.
        let isSpam: Bool
        private let settings: Input

        /// - Parameters:
        ///   - body: as it came.
        ///   - form: its record.
        /// - Throws: 422 with everything that will not do; a filled honeypot hears nothing of that.
        init(of body: JSONObject, for form: JSONObject) throws(HTTPError) {
            var settings = Input()
            if case .object(let object) = form["settings"] { settings = Form.settings(object) }
            self.settings = settings
            var sent = body
            var isSpam = false
            if let honeypot = settings.text("honeypot_field") {
                sent = JSONObject(body.filter { !$0.name.utf8.elementsEqual(honeypot.utf8) })
                isSpam = body[honeypot].map(Reading.isFilledIn) ?? false
            }
            self.isSpam = isSpam
            var intake = Intake()
            var fields: [FormField] = []
            if case .array(let items) = form["fields"] { fields = items.map(FormField.init) }
            guard !isSpam else {
                values = (try? Reading.checked(sent, by: fields, &intake)) ?? Reading.tolerated(sent)
                self.intake = Intake()
                return
            }
            values = try Reading.checked(sent, by: fields, &intake)
            intake.complete(with: settings)
            self.intake = intake
        }

        /// Whether a person would have had to see it: a box that is not checked is sent by pages that send all they have.
        private static func isFilledIn(_ honeypot: JSONValue) -> Bool {
            Intake.text(honeypot) != nil && honeypot != .object(JSONObject([]))
                && Field.boolean("honeypot", default: false, about: "").lenient(honeypot) != .boolean(false)
        }

        private static func checked(
            _ sent: JSONObject, by fields: [FormField], _ intake: inout Intake,
        ) throws(HTTPError) -> JSONObject {
            var problems = Problems()
            var checked: [JSONObject.Member] = []
            for field in fields {
                let (given, others) = field.first(of: sent[field.key])
                let value = field.check(given, &problems)
                checked.append((field.key, value))
                intake.add(value, as: field.target)
                intake.add(.array(others), as: Lead.customFieldPrefix + field.key)
            }
            if problems.isEmpty && sent.allSatisfy({ Intake.text($0.value) == nil }) {
                problems.add("body", "The body must fill in at least one field.")
            }
            guard problems.isEmpty else { throw .validationFailed(problems) }
            let own = JSONObject(checked)
            return JSONObject(sent.map { ($0.name, own[$0.name] ?? tolerated($0.value)) })
        }

        private static func tolerated(_ object: JSONObject) -> JSONObject {
            JSONObject(object.map { ($0.name, tolerated($0.value)) })
        }

        /// What can be kept of any value.
        private static func tolerated(_ value: JSONValue) -> JSONValue {
            switch value {
            case .string(let text): .string(Text.tolerated(text))
            case .array(let items): .array(items.map(tolerated))
            case .object(let object): .object(tolerated(object))
            case .null, .boolean, .number: value
            }
        }

        /// What a browser is answered; nil for clients that take JSON.
        func page(for request: Request) -> Response? {
            guard request.prefersHTML else { return nil }
            if let address = settings.text("redirect_url") {
                return Response(status: .seeOther, fields: [.location: Reading.ascii(address)])
            }
            let message = settings.text("success_message") ?? "Thank you. We have received what you sent."
            let title = message.split(separator: "\n").first.map(String.init) ?? message
            let html = """
                <!doctype html>
                <html lang="en">
                <head>
                <meta charset="utf-8">
                <meta name="viewport" content="width=device-width, initial-scale=1">
                <title>\(HTML.escaped(title))</title>
                </head>
                <body>
                <p>\(HTML.escaped(message).replacing("\n", with: "<br>\n"))</p>
                </body>
                </html>

                """
            return Response(status: .ok, html: Array(html.utf8))
        }

        /// An address for a header, which takes ASCII alone: other characters percent-encoded (RFC 3986 §2.1).
        private static func ascii(_ address: String) -> String {
            address.utf8.map { byte in
                byte < 0x80 ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
            }.joined()
        }
    }
}
