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
        // What was fetched is taken once more.
        if body["field_data"] != nil { return try lead(body) }
        guard case .string(let kind) = body["object"] else {
            throw .validationFailed(Problems("object", "The object field must be a string."))
        }
        guard kind == "page" else { return .other(kind) }
        var changes = Changes()
        for (index, entry) in try body.list("entry").enumerated() { changes.read(entry, at: "entry.\(index)") }
        guard let first = changes.announcements.first else {
            guard changes.problems.isEmpty else { throw .validationFailed(changes.problems) }
            return .other(changes.others.first ?? kind)
        }
        if changes.announcements.count == 1 && first.id == testID { return .test }
        let messages = changes.problems.messages
        return .announced(changes.announcements, error: messages.isEmpty ? nil : messages.joined(separator: " "))
    }

    /// What one body announces. What is wrong in it keeps nobody from the leads beside it.
    private struct Changes {
        var announcements: [Announcement] = []
        /// What is said of other things than leads.
        var others: [String] = []
        var problems = Problems()
        private var seen: Set<String> = []

        mutating func read(_ entry: JSONValue, at path: String) {
            do throws(HTTPError) {
                let entry = try JSONObject.object(entry, at: path)
                // Messages to a page come without changes.
                guard entry["changes"] != nil else { return }
                for (index, change) in try entry.list("changes", at: "\(path).changes").enumerated() {
                    read(change: change, at: "\(path).changes.\(index)")
                }
            } catch {
                problems.add(error.problems)
            }
        }

        private mutating func read(change: JSONValue, at path: String) {
            do throws(HTTPError) {
                let change = try JSONObject.object(change, at: path)
                guard change["field"] == "leadgen" else {
                    others.append(change["field"]?.filledIn ?? "something else")
                    return
                }
                let value = try change.object("value", at: "\(path).value")
                guard let id = value["leadgen_id"]?.identifier else {
                    let title = "\(path).value.leadgen id"
                    throw .validationFailed(Problems("\(path).value.leadgen_id", "The \(title) field is required."))
                }
                guard seen.insert(id).inserted else { return }
                announcements.append(Announcement(id: id, details: value.without("leadgen_id")))
            } catch {
                problems.add(error.problems)
            }
        }
    }

    /// What Meta sends for one lead.
    static func announcing(_ id: String, _ details: JSONObject) -> JSONValue {
        let value = JSONObject([("leadgen_id", .string(id))] + details)
        return ["object": "page", "entry": [["changes": [["field": "leadgen", "value": .object(value)]]]]]
    }

    // MARK: - What is fetched

    /// The Graph API's answer as the ledger keeps it: with what announced the lead, so that it can be taken once more
    /// without that.
    ///
    /// - Parameters:
    ///   - answer: an object with members, as it came.
    ///   - id: the lead's.
    ///   - details: what else the announcement said.
    /// - Returns: the answer byte for byte, and the announcement as its last member; without that where it would be
    ///   longer than the ledger takes.
    static func fetched(_ answer: [UInt8], _ id: String, _ details: JSONObject) -> [UInt8] {
        let announced = JSONObject([("leadgen_id", .string(id))] + details)
        guard let end = answer.lastIndex(of: UInt8(ascii: "}")) else { return answer }
        let whole = answer[..<end] + Array(#","announced":\#(JSONValue.object(announced).minified)}"#.utf8)
        return whole.count <= Request.bodyLimitInBytes ? Array(whole) : answer
    }

    /// Reads what `fetched` made.
    ///
    /// - Throws: 422 where it does not say which lead it is.
    static func lead(_ fetched: JSONObject) throws(HTTPError) -> Message {
        var announced = JSONObject([])
        if case .object(let object) = fetched["announced"] { announced = object }
        guard let id = (announced["leadgen_id"] ?? fetched["id"])?.identifier else {
            throw .validationFailed(Problems("id", "The id field is required."))
        }
        return .lead(details(of: fetched.without("announced"), announced: announced), id: id)
    }

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
