import HTTPTypes

/// An answer, complete: no body is ever streamed, so that its length is known before its first byte leaves.
package struct Response {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: [UInt8]
    /// Whether it must be kept nowhere in the clear.
    package var isConfidential = false

    /// An answer with no body.
    package init(status: HTTPResponse.Status, fields: HTTPFields = [:]) {
        self.status = status
        self.fields = fields
        body = []
    }

    /// An answer whose body is one JSON text in UTF-8.
    package init(status: HTTPResponse.Status, fields: HTTPFields = [:], json: [UInt8]) {
        self.status = status
        self.fields = fields
        self.fields[.contentType] = "application/json; charset=utf-8"
        body = json
    }

    /// An answer whose body is a page for people, of text alone: no script, style or picture of any origin runs in it.
    /// Any page may show it in a frame, as it may the form before it.
    package init(status: HTTPResponse.Status, html: [UInt8]) {
        self.status = status
        fields = [
            .contentType: Response.htmlType,
            .contentSecurityPolicy: "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *",
            .xContentTypeOptions: "nosniff",
        ]
        body = html
    }

    /// An answer that is plain text, and is shown as nothing else.
    package init(status: HTTPResponse.Status, text: String) {
        self.status = status
        fields = [.contentType: "text/plain; charset=utf-8", .xContentTypeOptions: "nosniff"]
        body = Array(text.utf8)
    }

    package static let htmlType = "text/html; charset=utf-8"

    /// The answer in CGI form (RFC 3875 §6.2). A length is always sent: without one a client takes the
    /// answer of a worker that died halfway for a whole one. HEAD gets the length of the body left out.
    package func cgi(withBody: Bool) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(512 + body.count)
        bytes.append(contentsOf: "Status: \(status.code) \(status.reasonPhrase)\r\n".utf8)
        for field in fields {
            bytes.append(contentsOf: field.name.rawName.utf8)
            bytes.append(contentsOf: ": ".utf8)
            bytes.append(contentsOf: field.value.utf8)
            bytes.append(contentsOf: "\r\n".utf8)
        }
        if status != .noContent && status != .notModified {
            bytes.append(contentsOf: "Content-Length: \(body.count)\r\n".utf8)
        }
        bytes.append(contentsOf: "\r\n".utf8)
        if withBody { bytes.append(contentsOf: body) }
        return bytes
    }
}
