import HTTP

extension Sender {
    /// The action Webhook of Elementor Pro's forms posts URL-encoded
    /// (https://elementor.com/help/forms-webhooks/): by default each value under its field's label, or under
    /// `No Label <id>`; with "Advanced Data" everything about each field, as `fields[<id>][value]`, beside `form[…]` and
    /// `meta[…]`. Which attributes a field has then is as Elementor's own code has it, not as its pages say. Anything
    /// but exactly 200 is shown to the visitor as an error. It signs nothing and has no id of its own.
    static let elementor = Sender { delivery throws(HTTPError) in
        let body = try delivery.request.serviceObject()
        guard case .object(let fields) = body["fields"], fields.allSatisfy({ $0.value["id"] != nil }), !fields.isEmpty
        else {
            return .lead(Detail.all(in: body), id: nil)
        }
        return .lead(Elementor.advanced(body, fields), id: nil)
    }
}

private enum Elementor {
    static func advanced(_ body: JSONObject, _ fields: JSONObject) -> [Detail] {
        var details = fields.flatMap { field($0.name, $0.value) }
        if case .object(let meta) = body["meta"] {
            details += meta.flatMap { attribute($0.name, $0.value) }
        }
        let isMetaRead = if case .object = body["meta"] { true } else { false }
        return details + Detail.all(in: isMetaRead ? body.without("fields", "meta") : body.without("fields"))
    }

    /// What was filled in, under the field's label.
    private static func field(_ id: String, _ value: JSONValue) -> [Detail] {
        guard case .object(let attributes) = value else { return [Detail("fields.\(id)", or: [id], value)] }
        let names = [attributes["title"]?.filledIn, id, "fields.\(id)", "fields.\(id).value"].compactMap { $0 }
        let types = ["email": "email", "tel": "phone"]
        let field = attributes["type"]?.filledIn.flatMap { types[$0] }
        let (clean, raw) = (attributes["value"] ?? .null, attributes["raw_value"] ?? .null)
        let shown = Intake.text(clean) == nil ? raw : clean
        var details = [Detail(names[0], or: Array(names.dropFirst()), as: field, shown)]
        if !isSame(shown, raw) { details.append(Detail("\(id).raw_value", raw)) }
        // The others say what the field is like, not what was filled in.
        let settings = ["id", "type", "title", "required", "file_sizes", "file_types", "max_files", "attachment_type"]
        let others = attributes.without("value", "raw_value").filter { !settings.contains($0.name) }
        return details + Detail.all(in: JSONObject(others), at: id)
    }

    /// Whether what was filled in is what Elementor made of it: a list is joined by commas.
    private static func isSame(_ value: JSONValue, _ raw: JSONValue) -> Bool {
        guard case .array(let items) = raw else { return Intake.text(value) == Intake.text(raw) }
        return Intake.text(value) == items.compactMap(Intake.text).joined(separator: ", ")
    }

    /// What is known of the visit: its title and value.
    private static func attribute(_ key: String, _ value: JSONValue) -> [Detail] {
        guard case .object(let object) = value, let shown = object["value"] else {
            return Detail.all(in: JSONObject([("meta.\(key)", value)]))
        }
        let names = [object["title"]?.filledIn, "meta.\(key)", "meta.\(key).value"].compactMap { $0 }
        return [Detail(names[0], or: Array(names.dropFirst()), shown)]
            + Detail.all(in: object.without("title", "value"), at: "meta.\(key)")
    }
}
