import HTTP

extension Sender {
    /// Jotform posts each submission as `multipart/form-data`, with the answers as JSON in the field `rawRequest`
    /// (https://www.jotform.com/help/245-how-to-setup-a-webhook-with-jotform/). Its pages do not say what is in there;
    /// the names (`q3_name`) and the parts of names, telephone numbers and addresses are as recorded bodies have them.
    /// It signs nothing.
    static let jotform = Sender(read: Jotform.read)
}

private enum Jotform {
    static func read(_ delivery: Delivery) throws(HTTPError) -> Message {
        let body = try delivery.request.serviceObject()
        let answers = try body["rawRequest"].map { raw throws(HTTPError) in try Jotform.answers(raw) } ?? body
        // `pretty` is the same once more for people, `slug` and `path` have the form's id.
        let about = body["rawRequest"] == nil ? JSONObject([]) : body.without("rawRequest", "pretty", "webhookURL")
        let details = answers.without("slug", "path", "webhookURL").flatMap { Jotform.details(of: $0.value, $0.name) }
        return .lead(details + Detail.all(in: about), id: body["submissionID"]?.identifier)
    }

    private static func answers(_ raw: JSONValue) throws(HTTPError) -> JSONObject {
        if case .object(let object) = raw { return object }
        guard case .string(let text) = raw, case .object(let object) = try? JSONValue(parsing: Array(text.utf8)) else {
            throw .validationFailed(Problems("rawRequest", "The rawRequest field must be a JSON object as text."))
        }
        return object
    }

    private static func details(of value: JSONValue, _ name: String) -> [Detail] {
        var others: [String] = []
        // `q4_email` is the field number 4, which is called `email`.
        let rest = name.utf8.dropFirst().drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if name.utf8.first == UInt8(ascii: "q"), rest.first == UInt8(ascii: "_"), rest.count > 1 {
            others = [String(Substring(rest.dropFirst()))]
        }
        let details = Detail.all(in: JSONObject([(name, value)]))
        guard case .object(let parts) = value else { return details.map { $0.or(others) } }
        if let number = number(parts) {
            return [Detail(name, or: others + details.map(\.name), as: "phone", .string(number))]
        }
        var fields: [String: String] = [:]
        if isName(parts) { fields = ["\(name).first": "first_name", "\(name).last": "last_name"] }
        if isAddress(parts) { fields = ["\(name).country": "country"] }
        return details.map { detail in fields[detail.name].map { detail.or(as: $0) } ?? detail }
    }

    /// A telephone number in one text; nil for anything else.
    private static func number(_ parts: JSONObject) -> String? {
        let names = parts.map(\.name)
        guard names == ["full"] || (names.contains("phone") && names.allSatisfy(["country", "area", "phone"].contains))
        else { return nil }
        return ["full", "country", "area", "phone"].compactMap { parts[$0]?.identifier }.joined(separator: " ")
    }

    private static func isName(_ parts: JSONObject) -> Bool {
        parts.contains { ["first", "last"].contains($0.name) }
            && parts.allSatisfy { ["prefix", "first", "middle", "last", "suffix"].contains($0.name) }
    }

    private static func isAddress(_ parts: JSONObject) -> Bool { parts.contains { $0.name == "addr_line1" } }
}
