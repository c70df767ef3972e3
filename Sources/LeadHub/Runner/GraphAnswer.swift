import HTTP
import Outgoing

/// What the Graph API answers (https://developers.facebook.com/docs/graph-api/guides/error-handling).
enum GraphAnswer {
    /// - Returns: the lead, with its fields.
    /// - Throws: `JobFailure`. The API's own message is not in it: it may quote the access token.
    static func lead(_ answer: OutgoingAnswer) throws(JobFailure) -> JSONObject {
        guard let value = try? JSONValue(parsing: answer.body), case .object(let object) = value else {
            throw failure(answer, code: nil)
        }
        guard answer.status == 200, object["error"] == nil else {
            throw failure(answer, code: object["error"]?["code"])
        }
        guard case .array = object["field_data"] else {
            throw JobFailure(
                "Meta gave the lead without its answers: the access token may lack the permission leads_retrieval.",
                isGeneral: false,
            )
        }
        return object
    }

    private static func failure(_ answer: OutgoingAnswer, code: JSONValue?) -> JobFailure {
        let (status, wait) = (answer.status, answer.retryAfter)
        var number = 0
        if case .number(let text) = code { number = Int(text) ?? 0 }
        switch number {
        case 102, 190:
            return JobFailure("Meta does not take the access token: it has expired or was revoked. Enter a new one.")
        case 3, 10, 200...299:
            return JobFailure(
                "The access token lacks the permission leads_retrieval, or the page's Leads Access Manager keeps it out."
            )
        case 4, 17, 32, 613, 80_000...80_014:
            return JobFailure("Meta's limit of requests is reached.", retryAfter: wait)
        case 100, 803:
            return JobFailure("Meta does not know the lead, or keeps it from this access token.", isGeneral: false)
        default:
            break
        }
        switch status {
        case 429, 503: return JobFailure("Meta asks to come later (HTTP \(status)).", retryAfter: wait)
        case 500...: return JobFailure("Meta has a failure of its own (HTTP \(status)).", retryAfter: wait)
        case 300..<400: return JobFailure("The Graph API address leads elsewhere (HTTP \(status)).")
        case 200: return JobFailure("What came is not an answer of the Graph API.", isGeneral: false)
        default:
            return JobFailure("Meta refused (HTTP \(status), code \(number)).", isGeneral: false)
        }
    }
}
