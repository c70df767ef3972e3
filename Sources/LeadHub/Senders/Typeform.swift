import HTTP

extension Sender {
    /// Typeform posts each answered form (https://www.typeform.com/developers/webhooks/example-payload/), and signs the
    /// body in `Typeform-Signature: sha256=<Base64>`
    /// (https://www.typeform.com/developers/webhooks/secure-your-webhooks/).
    static let typeform = Sender(verify: Typeform.verify, read: Typeform.read)
}

private enum Typeform {
    static func verify(_ delivery: Delivery) throws(HTTPError) {
        let body = try delivery.request.completeBody()
        guard let header = delivery.header("Typeform-Signature"), header.hasPrefix("sha256="),
            let signature = Signature(base64: header.dropFirst("sha256=".count)),
            signature.isValid(for: body, secret: delivery.setting("secret"))
        else { throw .forged }
    }

    static func read(_ delivery: Delivery) throws(HTTPError) -> Message {
        let body = try delivery.request.serviceObject()
        if case .string(let type) = body["event_type"], type != "form_response" { return .other(type) }
        let response = try body.object("form_response")
        let answers = response["answers"] == nil ? [] : try response.list("answers", at: "form_response.answers")
        let titles = titles(in: response["definition"])
        var details: [Detail] = []
        for (index, item) in answers.enumerated() {
            details += Typeform.details(
                of: try JSONObject.object(item, at: "form_response.answers.\(index)"), index, titles,
            )
        }
        // The definition says what the form is like, not what was answered.
        let others = Detail.all(in: response.without("answers", "hidden", "definition", "variables"))
        details += hidden(response["hidden"]) + variables(response["variables"]) + others
        if let title = response["definition"]?["title"]?.filledIn {
            details.append(Detail("form_title", .string(title)))
        }
        details += Detail.all(in: body.without("form_response"))
        return .lead(details, id: response["token"]?.identifier)
    }

    /// What was asked, under the id of the question.
    private static func titles(in definition: JSONValue?) -> [String: String] {
        guard case .array(let fields) = definition?["fields"] else { return [:] }
        return fields.reduce(into: [:]) { titles, field in
            if let id = field["id"]?.identifier, let title = field["title"]?.filledIn { titles[id] = title }
            // A block of questions, as for contact details, has its own below it.
            titles.merge(Typeform.titles(in: field["properties"])) { first, _ in first }
        }
    }

    /// An answer under its question; a field map may have the question's `ref` or `id` too.
    private static func details(of answer: JSONObject, _ index: Int, _ titles: [String: String]) -> [Detail] {
        let (id, ref) = (answer["field"]?["id"]?.identifier, answer["field"]?["ref"]?.identifier)
        let names = [id.flatMap { titles[$0] }, ref, id, "answers.\(index)"].compactMap { $0 }
        let (name, others) = (names[0], Array(names.dropFirst()))
        guard let type = answer["type"]?.filledIn, let value = answer[type] else {
            return Detail.all(in: answer.without("field", "type"), at: name)
        }
        let fields = ["email": "email", "phone_number": "phone"]
        let rest = Detail.all(in: answer.without("field", "type", type), at: name)
        switch value {
        case .object(let choice) where type == "choice":
            return [Detail(name, or: others, choice["label"] ?? choice["other"] ?? value)] + rest
        case .object(let choices) where type == "choices":
            return [Detail(name, or: others, .array(labels(of: choices)))] + rest
        case .object(let object):
            return Detail.all(in: object, at: name) + rest
        default:
            return [Detail(name, or: others, as: fields[type], value)] + rest
        }
    }

    /// The choices that were made, and what was written beside them.
    private static func labels(of choices: JSONObject) -> [JSONValue] {
        var labels: [JSONValue] = []
        if case .array(let items) = choices["labels"] { labels = items }
        if let other = choices["other"], other != .null { labels.append(other) }
        return labels
    }

    /// What the form's address carried.
    private static func hidden(_ value: JSONValue?) -> [Detail] {
        guard case .object(let object) = value else { return [] }
        return Detail.all(in: object).map { $0.or(["hidden.\($0.name)"]) }
    }

    /// What the form has calculated, each under its key: a score, a price.
    private static func variables(_ value: JSONValue?) -> [Detail] {
        guard case .array(let items) = value else { return [] }
        return items.enumerated().flatMap { index, item -> [Detail] in
            let path = "variables.\(index)"
            guard case .object(let variable) = item, let key = variable["key"]?.filledIn else {
                return Detail.all(in: JSONObject([(path, item)]))
            }
            let value = variable["type"]?.filledIn.flatMap { variable[$0] }
            return value.map { [Detail("variables.\(key)", or: [path], $0)] } ?? Detail.all(in: variable, at: path)
        }
    }
}
