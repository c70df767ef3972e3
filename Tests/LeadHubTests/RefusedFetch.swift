import Outgoing
import Testing

@testable import LeadHub

/// Something that the Graph API answers instead of a lead, and what is said of it.
struct Refused: Sendable, CustomTestStringConvertible {
    let reason: String
    var isGeneral = true
    var retryAfter: Int64?
    let answer: @Sendable (OutgoingRequest) throws(OutgoingError) -> OutgoingAnswer

    var testDescription: String { reason }

    static let all =
        errors + [
            status(429, "come later (HTTP 429)"), status(429, "come later", retryAfter: 120),
            status(503, "come later (HTTP 503)", retryAfter: 30), status(500, "failure of its own (HTTP 500)"),
            status(302, "leads elsewhere (HTTP 302)"), status(404, "refused (HTTP 404, code 0)", isGeneral: false),
            status(200, "not an answer of the Graph API", isGeneral: false),
            status(200, "not an answer of the Graph API", body: #"["a"]"#, isGeneral: false),
            status(200, "without its answers", body: #"{"id": "1"}"#, isGeneral: false),
            broken(.timedOut, "no whole answer in time"), broken(.privateNetwork, "a private network"),
            broken(.tooLong, "longer than 1048576 bytes", isGeneral: false),
            broken(.failed("Server died"), "Server died"),
            broken(.invalid, "not one that can be asked"),
        ]

    /// As https://developers.facebook.com/docs/graph-api/guides/error-handling shows them.
    private static let errors = [
        error(400, 190, "has expired or was revoked"), error(401, 102, "has expired or was revoked"),
        error(400, 10, "leads_retrieval"), error(403, 200, "leads_retrieval"), error(403, 299, "leads_retrieval"),
        error(400, 4, "limit of requests"), error(403, 80_005, "limit of requests", retryAfter: 600),
        error(400, 100, "does not know the lead", isGeneral: false),
        error(500, 2, "failure of its own (HTTP 500)"),
        error(400, 368, "refused (HTTP 400, code 368)", isGeneral: false),
        error(200, 190, "has expired or was revoked"),
    ]

    private static func error(
        _ status: Int, _ code: Int, _ reason: String, isGeneral: Bool = true, retryAfter: Int64? = nil,
    ) -> Refused {
        // Meta quotes a token that it cannot read.
        let body = #"""
            {"error": {"message": "Malformed access token \#(RunnerBench.token)", "type": "OAuthException",
            "code": \#(code), "fbtrace_id": "AbC"}}
            """#
        return self.status(status, reason, body: body, isGeneral: isGeneral, retryAfter: retryAfter)
    }

    private static func status(
        _ status: Int, _ reason: String, body: String = "<html>", isGeneral: Bool = true, retryAfter: Int64? = nil,
    ) -> Refused {
        Refused(reason: reason, isGeneral: isGeneral, retryAfter: retryAfter) { _ throws(OutgoingError) in
            OutgoingAnswer(status: status, body: Array(body.utf8), retryAfter: retryAfter)
        }
    }

    private static func broken(_ error: OutgoingError, _ reason: String, isGeneral: Bool = true) -> Refused {
        Refused(reason: reason, isGeneral: isGeneral) { _ throws(OutgoingError) in throw error }
    }
}
