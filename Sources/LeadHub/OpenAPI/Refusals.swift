import HTTP
import HTTPTypes

/// A way in which a request is refused: an answer that operations share.
struct DocumentedRefusal {
    /// Of the component.
    let name: String
    let error: HTTPError
    let description: String
    /// Headers that every such answer has.
    var headers: [String] = []

    var status: String { String(error.status.code) }

    var response: JSONValue {
        let example = try? JSONValue(parsing: error.response.body)
        let schema = JSONSchema.reference(error.status == .unprocessableContent ? "ValidationError" : "Error")
        let isCounted = ![.unauthorized, .requestTimeout, .uriTooLong, .requestHeaderFieldsTooLarge]
            .contains(error.status)
        return [
            "description": .string("`\(error.code)`: \(description)"),
            "headers": DocumentedHeader.references(
                headers + ["X-Request-Id"] + (isCounted ? DocumentedHeader.rateLimit : [])
            ),
            "content": ["application/json": ["schema": schema, "example": example ?? [:]]],
        ]
    }

    /// All there are, in the order of their status.
    static let all = [
        DocumentedRefusal(
            name: "BadRequest", error: .badRequest("The body is empty; a JSON object is expected."),
            description: """
                The request cannot be read: a body that is no JSON or not in UTF-8, a broken percent-escape, a malformed \
                header.
                """,
        ),
        DocumentedRefusal(
            name: "Unauthorized", error: .unauthorized,
            description: "The API key is missing, unknown, expired or revoked, or its workspace is suspended.",
            headers: ["WWW-Authenticate"],
        ),
        DocumentedRefusal(
            name: "Forbidden", error: .forbidden(missing: "write:leads"),
            description: "The API key lacks the scope that the message names.",
        ),
        DocumentedRefusal(
            name: "NotFound", error: .notFound, description: "The workspace has no such record.",
        ),
        DocumentedRefusal(
            name: "MethodNotAllowed", error: .methodNotAllowed(allow: "GET, HEAD, OPTIONS"),
            description: "The path does not take the method; `Allow` lists those that it takes.", headers: ["Allow"],
        ),
        DocumentedRefusal(
            name: "RequestTimeout", error: .requestTimeout, description: "The request did not arrive in time.",
        ),
        DocumentedRefusal(
            name: "Conflict", error: .conflict("The pipeline cannot be deleted: 3 leads are in it."),
            description: "The request does not fit what the records are at the moment; the message says why.",
        ),
        DocumentedRefusal(
            name: "PreconditionFailed", error: .preconditionFailed,
            description: "The record is no longer the one that `If-Match` names.",
        ),
        DocumentedRefusal(
            name: "PayloadTooLarge", error: .payloadTooLarge, description: "The body is larger than 1 MiB.",
        ),
        DocumentedRefusal(
            name: "URITooLong", error: .uriTooLong, description: "The address is longer than 8 KiB.",
        ),
        DocumentedRefusal(
            name: "UnsupportedMediaType", error: .unsupportedMediaType,
            description: "The body has a `Content-Type` that the operation does not take.",
        ),
        DocumentedRefusal(
            name: "ValidationFailed",
            error: .validationFailed(Problems("email", "The email field must be a valid email address.")),
            description: """
                What was sent does not do: `errors` has the messages for each field, nested ones by their dotted path. \
                Or `IDEMPOTENCY_KEY_REUSED`, without `errors`: the `Idempotency-Key` came with another request before.
                """,
        ),
        DocumentedRefusal(
            name: "RateLimited", error: .rateLimited(retryAfter: 1200),
            description: "The API key has no requests left in this hour.", headers: ["Retry-After"],
        ),
        DocumentedRefusal(
            name: "HeadersTooLarge", error: .headersTooLarge, description: "A header is longer than 8 KiB.",
        ),
        DocumentedRefusal(
            name: "ServerError", error: .serverError,
            description: "A mistake of the server; the request id finds it in the logs.",
        ),
        DocumentedRefusal(
            name: "ServiceUnavailable",
            error: .serviceUnavailable("The server is busy; the request was not carried out."),
            description: "The server is busy or cannot reach its files: try again after `Retry-After` seconds.",
            headers: ["Retry-After"],
        ),
    ]

    static var schemas: [JSONObject.Member] {
        let codes = all.map(\.error.code) + [HTTPError.idempotencyKeyReused.code]
        let error: JSONValue = [
            "type": "object",
            "description": "Why a request was refused.",
            "properties": [
                "status": ["type": "string", "const": "error"],
                "message": ["type": "string", "description": "One plain sentence, for people."],
                "code": [
                    "type": "string", "enum": .array(codes.map { .string($0) }), "description": "For programs.",
                ],
            ],
            "required": ["status", "message", "code"],
        ]
        let errors: JSONValue = [
            "type": "object", "description": "For each field that will not do its messages.",
            "additionalProperties": ["type": "array", "items": ["type": "string"], "minItems": 1],
        ]
        guard case .object(let properties) = error["properties"] else { return [] }
        let validation = error.with(("properties", JSONValue.object(properties).with(("errors", errors))))
        return [("Error", error), ("ValidationError", validation)]
    }

    /// Those that a route can give.
    static func of(_ route: Route) -> [DocumentedRefusal] {
        let writes = route.method != .get
        let looksAtBody = if case .none = route.body { false } else { true }
        return all.filter { refusal in
            switch refusal.error.status {
            case .unauthorized, .tooManyRequests: route.takesKey
            case .forbidden: !route.scopes.isEmpty || route.path.hasSuffix("{token}")
            case .notFound: route.path.contains("{")
            case .conflict: writes
            case .preconditionFailed: writes && route.method != .post
            case .contentTooLarge, .unsupportedMediaType: looksAtBody
            case .unprocessableContent: looksAtBody || route.parameters != nil
            default: true
            }
        }
    }
}

/// A header of answers.
struct DocumentedHeader {
    let name: String
    let schema: JSONValue
    let description: String
    /// Whether it is always there where it is documented.
    var isRequired = true

    static let rateLimit = [
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "RateLimit-Policy", "RateLimit",
    ]

    static func references(_ names: [String]) -> JSONValue {
        .object(JSONObject(names.map { ($0, ["$ref": .string("#/components/headers/\($0)")]) }))
    }

    var component: JSONValue {
        [
            "description": .string(description), "required": .boolean(isRequired), "schema": schema,
        ]
    }

    private static let count: JSONValue = ["type": "integer", "minimum": 0]

    static let all = [
        DocumentedHeader(
            name: "X-Request-Id", schema: ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,128}$"],
            description: "Names the request in the logs: the client's own `X-Request-Id`, where it sent a valid one.",
        ),
        DocumentedHeader(
            name: "X-RateLimit-Limit", schema: count, description: "Requests that the key may make in an hour.",
            isRequired: false,
        ),
        DocumentedHeader(
            name: "X-RateLimit-Remaining", schema: count, description: "Requests that it has left in this hour.",
            isRequired: false,
        ),
        DocumentedHeader(
            name: "X-RateLimit-Reset", schema: count, description: "When the hour ends, in Unix seconds.",
            isRequired: false,
        ),
        DocumentedHeader(
            name: "RateLimit-Policy", schema: ["type": "string", "examples": ["\"default\";q=1000;w=3600"]],
            description: "The limit, as draft-ietf-httpapi-ratelimit-headers writes it.", isRequired: false,
        ),
        DocumentedHeader(
            name: "RateLimit", schema: ["type": "string", "examples": ["\"default\";r=847;t=1200"]],
            description: "What is left of it, and for how many seconds it has to last.", isRequired: false,
        ),
        DocumentedHeader(
            name: "ETag", schema: ["type": "string", "pattern": "^\"[0-9a-f]{32}\"$"],
            description: "Names this state of what was answered, for `If-Match` and `If-None-Match`.",
        ),
        DocumentedHeader(
            name: "Location", schema: ["type": "string", "format": "uri"], description: "The new record's address.",
        ),
        DocumentedHeader(
            name: "Idempotency-Replayed", schema: ["type": "string", "const": "true"],
            description: "This is the answer that a request with the same `Idempotency-Key` got before.",
            isRequired: false,
        ),
        DocumentedHeader(
            name: "Retry-After", schema: count, description: "Seconds after which another try makes sense.",
        ),
        DocumentedHeader(
            name: "Allow", schema: ["type": "string", "examples": ["GET, HEAD, POST, OPTIONS"]],
            description: "The methods that the path takes.",
        ),
        DocumentedHeader(
            name: "WWW-Authenticate", schema: ["type": "string", "const": "Bearer"],
            description: "How to authenticate.",
        ),
    ]
}
