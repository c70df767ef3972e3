import HTTP

extension Sender {
    /// The addon Webhooks of WPForms posts JSON or a form, under names that its user picks
    /// (https://wpforms.com/docs/how-to-install-and-use-the-webhooks-addon-with-wpforms/): several values in one text
    /// with `||` between, dates as `{value, unix}`, files as a list of addresses. It signs in
    /// `X-WPForms-Webhook-Signature: t=…,v=…`, by its own code: over the moment, a dot and the body, and where that is a
    /// form, over the JSON that it would have been. It has no id of its own.
    static let wpForms = Sender(verify: WPForms.verify, read: WPForms.read)
}

private enum WPForms {
    static func verify(_ delivery: Delivery) throws(HTTPError) {
        let body = try delivery.request.completeBody()
        guard let secret = delivery.setting("secret") else { return }
        let signature = StampedSignature(delivery.header("X-WPForms-Webhook-Signature"), version: "v")
        guard let signature else { throw .forged }
        if signature.isValid(for: body, secret: secret, now: delivery.now) { return }
        guard body.first != UInt8(ascii: "{"), let object = try? delivery.request.serviceObject(),
            signature.isValid(for: php(.object(object)).utf8, secret: secret, now: delivery.now)
        else { throw .forged }
    }

    static func read(_ delivery: Delivery) throws(HTTPError) -> Message {
        let body = try delivery.request.serviceObject()
        return .lead(body.flatMap { details(of: $0.value, $0.name) }, id: nil)
    }

    private static func details(of value: JSONValue, _ name: String) -> [Detail] {
        if isDate(value) {
            let shown = Detail(name, or: ["\(name).value"], value["value"] ?? .null)
            return [shown, Detail("\(name).unix", value["unix"] ?? .null)]
        }
        guard case .string(let text) = value, text.contains("||") else {
            return Detail.all(in: JSONObject([(name, value)]))
        }
        return [Detail(name, .array(text.split(separator: "||").map { .string(String($0)) }))]
    }

    private static func isDate(_ value: JSONValue) -> Bool {
        guard case .object(let object) = value else { return false }
        return object.map(\.name).sorted() == ["unix", "value"]
    }

    // MARK: - What is signed of a form

    /// As PHP's `json_encode` writes what the form was made of.
    private static func php(_ value: JSONValue) -> String {
        switch value {
        case .object(let object):
            let members = object.map { member in
                // Of what is sent, only the moment of a date is a number.
                let isNumber =
                    isDate(value) && member.name == "unix" && member.value.identifier.flatMap { Int64($0) } != nil
                let text = isNumber ? member.value.identifier ?? "" : php(member.value)
                return "\(php(.string(member.name))):\(text)"
            }
            return "{\(members.joined(separator: ","))}"
        case .array(let items): return "[\(items.map(php).joined(separator: ","))]"
        case .string(let text): return "\"\(text.utf16.map(php).joined())\""
        case .number, .boolean, .null: return value.minified
        }
    }

    private static func php(_ unit: UInt16) -> String {
        switch unit {
        case 0x22: #"\""#
        case 0x5C: #"\\"#
        case 0x2F: #"\/"#
        case 0x08: #"\b"#
        case 0x0C: #"\f"#
        case 0x0A: #"\n"#
        case 0x0D: #"\r"#
        case 0x09: #"\t"#
        case 0x20..<0x80: String(Unicode.Scalar(UInt8(unit)))
        default: #"\u"# + String(repeating: "0", count: 4 - String(unit, radix: 16).count) + String(unit, radix: 16)
        }
    }
}
