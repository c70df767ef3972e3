import HTTP

extension Sender {
    /// Calendly says what becomes of an invitee (https://developer.calendly.com/api-docs/overview/webhooks), and signs
    /// it in `Calendly-Webhook-Signature: t=…,v1=…` over the moment, a dot and the body
    /// (https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures).
    static let calendly = Sender(verify: Calendly.verify, read: Calendly.read)
}

private enum Calendly {
    static func verify(_ delivery: Delivery) throws(HTTPError) {
        let body = try delivery.request.completeBody()
        let signature = StampedSignature(delivery.header("Calendly-Webhook-Signature"), version: "v1")
        let secret = delivery.setting("signing_key")
        guard let signature, signature.isValid(for: body, secret: secret, now: delivery.now) else { throw .forged }
    }

    static func read(_ delivery: Delivery) throws(HTTPError) -> Message {
        let body = try delivery.request.serviceObject()
        guard case .string(let event) = body["event"] else {
            throw .validationFailed(Problems("event", "The event field must be a string."))
        }
        guard event == "invitee.created" else { return .other(event) }
        let invitee = try body.object("payload")
        // The moment of this delivery, which the invitee has too, would be a second value of the same name.
        let about = Detail.all(in: body.without("event", "payload", "created_at"))
        return .lead(details(of: invitee) + about, id: invitee["uri"]?.identifier)
    }

    private static func details(of invitee: JSONObject) -> [Detail] {
        let fields = [
            "name": "full_name", "first_name": "first_name", "last_name": "last_name", "email": "email",
            "text_reminder_number": "phone",
        ]
        let others = Detail.all(in: invitee.without("questions_and_answers")).map { detail in
            guard detail.name == "scheduled_event.location.location" else {
                return fields[detail.name].map { detail.or(as: $0) } ?? detail
            }
            // Where the host calls the invitee, the place is the invitee's number.
            let type = JSONValue.object(invitee)["scheduled_event"]?["location"]?["type"]
            return type == "outbound_call" ? detail.or(as: "phone") : detail
        }
        // The number that the invitee gave for messages comes after the place, and is the better one.
        let own = others.filter { !$0.name.contains(".") }
        return answers(invitee["questions_and_answers"]) + own + others.filter { $0.name.contains(".") }
    }

    /// What the invitee was asked, each under the question.
    private static func answers(_ value: JSONValue?) -> [Detail] {
        guard case .array(let items) = value else {
            return value.map { Detail.all(in: JSONObject([("questions_and_answers", $0)])) } ?? []
        }
        return items.enumerated().flatMap { index, item -> [Detail] in
            let path = "questions_and_answers.\(index)"
            guard case .object(let answer) = item, let question = answer["question"]?.filledIn else {
                return Detail.all(in: JSONObject([(path, item)]))
            }
            return [Detail(question, or: [path], answer["answer"] ?? .null)]
                + Detail.all(in: answer.without("question", "answer", "position"), at: path)
        }
    }
}
