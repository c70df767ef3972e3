import HTTP

extension Sender {
    /// Meta tells a page's app of each lead of an ad on Facebook or Instagram, with nothing but ids: the lead itself is
    /// fetched afterwards (https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving). It proves an
    /// address by a GET, signs what it posts in `X-Hub-Signature-256: sha256=<hexadecimal>`, and puts up to 1,000 changes
    /// into one body (https://developers.facebook.com/docs/graph-api/webhooks/getting-started).
    static let facebookLeadAds = Sender(
        verify: FacebookLeadAds.verify, greet: FacebookLeadAds.greet, read: FacebookLeadAds.read,
    )
}

enum FacebookLeadAds {
    fileprivate static func verify(_ delivery: Delivery) throws(HTTPError) {
        let body = try delivery.request.completeBody()
        guard let header = delivery.header("X-Hub-Signature-256"), header.hasPrefix("sha256="),
            let signature = Signature(hexadecimal: header.dropFirst("sha256=".count)),
            signature.isValid(for: body, secret: delivery.setting("app_secret"))
        else { throw .forged }
    }

    fileprivate static func greet(_ delivery: Delivery) throws(HTTPError) -> Response {
        let parameters = try delivery.request.target.parameters()
        func value(_ name: String) -> String? { parameters.first { $0.name == name }?.value }
        guard value("hub.mode") == "subscribe", let challenge = value("hub.challenge"), !challenge.isEmpty,
            let token = value("hub.verify_token"), let own = delivery.setting("verify_token"),
            Signature.isSame(token, as: own)
        else { throw .forbidden("The verify token is missing or wrong.") }
        return Response(status: .ok, text: challenge)
    }

    // MARK: - What is announced

    /// The id of the lead that Meta's own button "Test" announces, which is not to be had. Not in its pages: as recorded
    /// bodies have it.
    private static let testID = "444444444444"

    fileprivate static func read(_ delivery: Delivery) throws(HTTPError) -> Message {
        let body = try delivery.request.serviceObject()
        // The Graph API's answer, as it was fetched: it is taken once more.
        if let id = body["id"]?.identifier, body["field_data"] != nil {
            return .lead(details(of: body, announced: JSONObject([])), id: id)
        }
        guard case .string(let kind) = body["object"] else {
            throw .validationFailed(Problems("object", "The object field must be a string."))
        }
        guard kind == "page" else { return .other(kind) }
        var others: [String] = []
        var announcements: [Announcement] = []
        var seen: Set<String> = []
        for (index, entry) in try body.list("entry").enumerated() {
            let entry = try JSONObject.object(entry, at: "entry.\(index)")
            // Messages to a page come without changes.
            guard entry["changes"] != nil else { continue }
            for (place, change) in try entry.list("changes", at: "entry.\(index).changes").enumerated() {
                let path = "entry.\(index).changes.\(place)"
                let change = try JSONObject.object(change, at: path)
                guard change["field"] == "leadgen" else {
                    others.append(change["field"]?.filledIn ?? "something else")
                    continue
                }
                let announcement = try announcement(
                    of: change.object("value", at: "\(path).value"), at: "\(path).value")
                if seen.insert(announcement.id).inserted { announcements.append(announcement) }
            }
        }
        guard !announcements.isEmpty else { return .other(others.first ?? kind) }
        return seen == [testID] ? .test : .announced(announcements)
    }

    private static func announcement(of value: JSONObject, at path: String) throws(HTTPError) -> Announcement {
        guard let id = value["leadgen_id"]?.identifier else {
            throw .validationFailed(Problems("\(path).leadgen_id", "The \(path).leadgen id field is required."))
        }
        return Announcement(id: id, details: value.without("leadgen_id"))
    }

    /// What Meta sends for one lead.
    static func announcing(_ id: String, _ details: JSONObject) -> JSONValue {
        let value = JSONObject([("leadgen_id", .string(id))] + details)
        return ["object": "page", "entry": [["changes": [["field": "leadgen", "value": .object(value)]]]]]
    }

    // MARK: - What is fetched

    /// What a lead is asked for at the Graph API.
    static let query = """
        fields=created_time,id,ad_id,ad_name,adset_id,adset_name,form_id,field_data,is_organic,\
        custom_disclaimer_responses
        """

    /// Meta's names of what it asks for itself; others are the advertiser's own questions.
    private static let fields = [
        "full_name": "full_name", "first_name": "first_name", "last_name": "last_name", "email": "email",
        "work_email": "email", "phone_number": "phone", "work_phone_number": "phone", "company_name": "company",
        "job_title": "job_title", "country": "country",
    ]

    /// What the Graph API says of a lead.
    ///
    /// - Parameters:
    ///   - lead: its answer.
    ///   - announced: what the announcement said: kept where the answer does not say it.
    /// - Returns: the answers to the form, the consent to each disclaimer as `consent.<key>`, and all else by its name;
    ///   the lead's id as `leadgen_id`.
    static func details(of lead: JSONObject, announced: JSONObject) -> [Detail] {
        let others = JSONObject(
            lead.without("field_data", "custom_disclaimer_responses").map {
                ($0.name == "id" ? "leadgen_id" : $0.name, $0.value)
            }
        )
        let more = JSONObject(announced.filter { others[$0.name] == nil })
        return items(lead["field_data"], "field_data", answer)
            + items(lead["custom_disclaimer_responses"], "custom_disclaimer_responses", consent)
            + Detail.all(in: others) + Detail.all(in: more)
    }

    /// What a list's objects say, and as it came what is of another shape.
    private static func items(
        _ list: JSONValue?, _ name: String, _ read: (JSONObject) -> [Detail]?,
    ) -> [Detail] {
        guard case .array(let items) = list else { return list.map { Detail.all(in: JSONObject([(name, $0)])) } ?? [] }
        return items.enumerated().flatMap { index, item -> [Detail] in
            if case .object(let object) = item, let details = read(object) { return details }
            return Detail.all(in: JSONObject([("\(name).\(index)", item)]))
        }
    }

    private static func answer(_ object: JSONObject) -> [Detail]? {
        guard let name = object["name"]?.filledIn, case .array(let values) = object["values"] else { return nil }
        return [Detail(name, as: fields[name], values.count == 1 ? values[0] : .array(values))]
            + Detail.all(in: object.without("name", "values"), at: name)
    }

    /// A box that was not ticked comes as an empty text, and is said all the same.
    private static func consent(_ object: JSONObject) -> [Detail]? {
        guard let key = object["checkbox_key"]?.identifier else { return nil }
        let isChecked = object["is_checked"].flatMap(Intake.text).map { ["1", "true"].contains($0) } ?? false
        return [Detail("consent.\(key)", .boolean(isChecked))]
            + Detail.all(in: object.without("checkbox_key", "is_checked"), at: "consent.\(key)")
    }
}
