import HTTP
import HTTPTypes
import Testing

@Suite struct ResponseTests {
    @Test func isWrittenInCGIsForm() {
        let response = Response(status: .created, fields: [.location: "/leads/1"], json: Array("{\"é\":1}".utf8))
        let lines = [
            "Status: 201 Created", "Location: /leads/1", "Content-Type: application/json; charset=utf-8",
            "Content-Length: 8", "", "{\"é\":1}",
        ]
        #expect(text(response) == lines.joined(separator: "\r\n"))
    }

    /// HEAD is answered like GET, the length included, and the body left out.
    @Test func leavesTheBodyOutForHEAD() {
        let response = Response(status: .ok, json: Array("{}".utf8))
        let whole = text(response)
        #expect(whole.hasSuffix("Content-Length: 2\r\n\r\n{}"))
        #expect(text(response, withBody: false) == String(whole.dropLast(2)))
    }

    @Test(arguments: [HTTPResponse.Status.noContent, .notModified])
    func sendsNoLengthWhereThereIsNoBody(status: HTTPResponse.Status) {
        let written = text(Response(status: status, fields: [.eTag: "\"a\""]))
        #expect(written == "Status: \(status.code) \(status.reasonPhrase)\r\nETag: \"a\"\r\n\r\n")
    }

    @Test func sendsTheLengthOfAnEmptyBody() {
        #expect(text(Response(status: .ok)) == "Status: 200 OK\r\nContent-Length: 0\r\n\r\n")
    }

    /// A value can neither end a header nor begin another.
    @Test func keepsAHeaderOnItsLine() {
        let response = Response(status: .ok, fields: [.location: "/a\r\nSet-Cookie: b=c"])
        #expect(text(response).split(separator: "\r\n").count == 3)
    }

    @Test(arguments: [
        (HTTPError.unauthorized, 401, "UNAUTHORIZED"), (.forbidden(missing: "read:leads"), 403, "FORBIDDEN"),
        (.notFound, 404, "NOT_FOUND"), (.unknownPath, 404, "NOT_FOUND"),
        (.methodNotAllowed(allow: "GET"), 405, "METHOD_NOT_ALLOWED"), (.badRequest("No."), 400, "BAD_REQUEST"),
        (.conflict("No."), 409, "CONFLICT"), (.payloadTooLarge, 413, "PAYLOAD_TOO_LARGE"),
        (.unsupportedMediaType, 415, "UNSUPPORTED_MEDIA_TYPE"), (.rateLimited(retryAfter: 5), 429, "RATE_LIMITED"),
        (.serverError, 500, "SERVER_ERROR"), (.serviceUnavailable("No."), 503, "SERVICE_UNAVAILABLE"),
        (.validationFailed(Problems("email", "No.")), 422, "VALIDATION_FAILED"),
    ])
    func putsErrorsIntoTheEnvelope(error: HTTPError, status: Int, code: String) throws {
        let response = error.response
        #expect(response.status.code == status)
        #expect(response.fields[.contentType] == "application/json; charset=utf-8")
        let errors = status == 422 ? #","errors":{"email":["No."]}"# : ""
        let envelope = "{\"status\":\"error\",\"message\":\"\(error.message)\",\"code\":\"\(code)\"\(errors)}"
        #expect(String(decoding: response.body, as: UTF8.self) == envelope)
        #expect(error.message.hasSuffix("."))
    }

    @Test func sendsTheHeadersOfAnError() {
        #expect(HTTPError.unauthorized.response.fields[.wwwAuthenticate] == "Bearer")
        #expect(HTTPError.methodNotAllowed(allow: "GET, HEAD").response.fields[.allow] == "GET, HEAD")
        #expect(HTTPError.rateLimited(retryAfter: 17).response.fields[.retryAfter] == "17")
        #expect(HTTPError.serviceUnavailable("No.", retryAfter: 3).response.fields[.retryAfter] == "3")
        #expect(HTTPError.forbidden(missing: "read:leads").message.contains(" read:leads"))
    }

    private func text(_ response: Response, withBody: Bool = true) -> String {
        String(decoding: response.cgi(withBody: withBody), as: UTF8.self)
    }
}
