import HTTPTypes

/// A request, whole: its body has been read before anything looks at it.
package struct Request {
    package var method: HTTPRequest.Method
    package var target: Target
    package var fields: HTTPFields
    package var body: Body
    /// Scheme and authority that the client used, `https://example.com:8443`; nil where it named no host.
    package var origin: String?
    /// Names this request in the answer and in the logs.
    package var id: String

    package enum Body: Equatable {
        case complete([UInt8])
        /// Past `bodyLimitInBytes`.
        case tooLarge
        /// Shorter than its Content-Length said.
        case incomplete
    }

    /// The most that a body may hold.
    package static let bodyLimitInBytes = 1_048_576

    package init(
        method: HTTPRequest.Method,
        target: Target,
        fields: HTTPFields = [:],
        body: Body = .complete([]),
        origin: String? = nil,
        id: String,
    ) {
        self.method = method
        self.target = target
        self.fields = fields
        self.body = body
        self.origin = origin
        self.id = id
    }

    /// A method that only reads (RFC 9110 §9.2.1).
    package var isSafe: Bool { method == .get || method == .head || method == .options }

    /// The credentials after `Bearer` (RFC 6750 §2.1); nil where there are none.
    package var bearerToken: String? {
        guard let value = fields[.authorization], let space = value.firstIndex(of: " ") else { return nil }
        guard value[..<space].lowercased() == "bearer" else { return nil }
        return String(value[space...].drop { $0 == " " })
    }

    /// The body as one JSON object.
    ///
    /// - Throws: 400 for what is no JSON, 413, 415, and 422 for JSON that is no object.
    package func jsonObject() throws(HTTPError) -> JSONObject {
        let bytes = try completeBody()
        if let type = fields[.contentType], !Request.isJSON(type) { throw .unsupportedMediaType }
        return try Request.jsonObject(bytes)
    }

    /// - Throws: 400 for what is no JSON, 422 for JSON that is no object.
    static func jsonObject(_ bytes: [UInt8], mendsSurrogates: Bool = false) throws(HTTPError) -> JSONObject {
        guard !bytes.isEmpty else { throw .badRequest("The body is empty; a JSON object is expected.") }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, mendsSurrogates: mendsSurrogates)
        } catch {
            throw .badRequest(error.message)
        }
        guard case .object(let object) = value else {
            throw .validationFailed(Problems("body", "The body must be a JSON object."))
        }
        return object
    }

    /// The body as it came; empty where it did not come whole.
    package var completeBytes: [UInt8] { if case .complete(let bytes) = body { bytes } else { [] } }

    /// - Throws: 413, and 400 for a body that broke off.
    package func completeBody() throws(HTTPError) -> [UInt8] {
        switch body {
        case .complete(let bytes): return bytes
        case .tooLarge: throw .payloadTooLarge
        case .incomplete: throw .badRequest("The body is shorter than its Content-Length.")
        }
    }

    /// `application/json`, or a type with the suffix `+json` (RFC 6839 §3.1), in UTF-8.
    static func isJSON(_ contentType: String) -> Bool {
        let parts = contentType.lowercased().split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" } }
        guard let type = parts.first, type == "application/json" || type.hasSuffix("+json") else { return false }
        return parts.dropFirst().allSatisfy { part in
            !part.hasPrefix("charset=") || ["utf-8", "\"utf-8\"", "utf8"].contains(part.dropFirst(8))
        }
    }
}
