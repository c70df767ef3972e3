import HTTPTypes

/// What a client is told when its request is refused: thrown anywhere below `Application.respond`,
/// made into the error envelope in that one place.
package struct HTTPError: Error {
    package let status: HTTPResponse.Status
    /// The envelope's `code`, for programs.
    package let code: String
    /// The envelope's `message`: one plain sentence, for people.
    package let message: String
    /// The envelope's `errors`; only for 422.
    package var problems = Problems()
    /// Headers that belong to this refusal, as `Allow` or `Retry-After`.
    package var fields = HTTPFields()

    /// What is wrong, in one line for people: the message, and each problem behind it.
    package var text: String { ([message] + problems.messages).joined(separator: " ") }

    private init(_ status: HTTPResponse.Status, _ code: String, _ message: String, _ fields: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.fields = fields
    }

    package static func badRequest(_ message: String) -> HTTPError {
        HTTPError(.badRequest, "BAD_REQUEST", message)
    }

    /// One and the same answer for every key that does not open the door (RFC 6750 §3).
    package static let unauthorized = HTTPError(
        .unauthorized, "UNAUTHORIZED", "A valid API key is required.", [.wwwAuthenticate: "Bearer"],
    )

    /// The same for every address that ends in a token and takes nothing.
    package static let unknownAddress = HTTPError(
        .unauthorized, "UNAUTHORIZED", "The address is unknown, expired or revoked.", [.wwwAuthenticate: "Bearer"],
    )

    /// What a service has not signed, or not as it was agreed.
    package static let forged = HTTPError(
        .unauthorized, "UNAUTHORIZED", "The signature is missing or wrong.", [.wwwAuthenticate: "Bearer"],
    )

    /// The same of services that sign nothing, but send a key in the body.
    package static let wrongKey = HTTPError(
        .unauthorized, "UNAUTHORIZED", "The key is missing or wrong.", [.wwwAuthenticate: "Bearer"],
    )

    package static func forbidden(_ message: String) -> HTTPError {
        HTTPError(.forbidden, "FORBIDDEN", message)
    }

    package static func forbidden(missing scope: String) -> HTTPError {
        HTTPError(.forbidden, "FORBIDDEN", "The API key lacks the scope \(scope).")
    }

    package static let notFound = HTTPError(.notFound, "NOT_FOUND", "The requested record does not exist.")

    package static let unknownPath = HTTPError(.notFound, "NOT_FOUND", "There is nothing at this path.")

    /// `allow` is the header of that name: the methods that the path takes (RFC 9110 §15.5.6).
    package static func methodNotAllowed(allow: String) -> HTTPError {
        HTTPError(
            .methodNotAllowed, "METHOD_NOT_ALLOWED", "This path does not take that method.", [.allow: allow],
        )
    }

    package static let preconditionFailed = HTTPError(
        .preconditionFailed, "PRECONDITION_FAILED", "The record has changed since it was read.",
    )

    package static let idempotencyKeyReused = HTTPError(
        .unprocessableContent, "IDEMPOTENCY_KEY_REUSED", "This Idempotency-Key came with another request before.",
    )

    package static func conflict(_ message: String) -> HTTPError {
        HTTPError(.conflict, "CONFLICT", message)
    }

    package static let payloadTooLarge = HTTPError(
        .contentTooLarge, "PAYLOAD_TOO_LARGE", "The body is larger than \(Request.bodyLimitInBytes) bytes.",
    )

    package static let unsupportedMediaType = HTTPError(
        .unsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body must be application/json in UTF-8.",
    )

    package static let unsupportedFormType = HTTPError(
        .unsupportedMediaType, "UNSUPPORTED_MEDIA_TYPE", "The body must be JSON, URL-encoded or multipart, in UTF-8.",
    )

    package static func validationFailed(_ problems: Problems) -> HTTPError {
        var error = HTTPError(.unprocessableContent, "VALIDATION_FAILED", "The given data was invalid.")
        error.problems = problems
        return error
    }

    // nginx says these three by itself (nginx/leadhub-http.conf); here they are documented.

    package static let requestTimeout = HTTPError(
        .requestTimeout, "REQUEST_TIMEOUT", "The request took too long to arrive.",
    )

    package static let uriTooLong = HTTPError(.uriTooLong, "URI_TOO_LONG", "The request address is too long.")

    package static let headersTooLarge = HTTPError(
        .requestHeaderFieldsTooLarge, "HEADERS_TOO_LARGE", "The request headers are too large.",
    )

    /// `retryAfter` is the seconds until the window ends.
    package static func rateLimited(retryAfter seconds: Int64) -> HTTPError {
        HTTPError(
            .tooManyRequests, "RATE_LIMITED", "Too many requests.", [.retryAfter: String(seconds)],
        )
    }

    package static let serverError = HTTPError(
        .internalServerError, "SERVER_ERROR", "An unexpected error occurred.",
    )

    /// `retryAfter` is the seconds after which another try makes sense.
    package static func serviceUnavailable(_ message: String, retryAfter seconds: Int = 2) -> HTTPError {
        HTTPError(
            .serviceUnavailable, "SERVICE_UNAVAILABLE", message, [.retryAfter: String(seconds)],
        )
    }
}

extension HTTPError {
    /// The error envelope of the reference, as a response.
    package var response: Response {
        var writer = JSONWriter(reserving: 256)
        writer.beginObject()
        writer.key("status")
        writer.string("error")
        writer.key("message")
        writer.string(message)
        writer.key("code")
        writer.string(code)
        if !problems.isEmpty {
            writer.key("errors")
            problems.write(to: &writer)
        }
        writer.endObject()
        return Response(status: status, fields: fields, json: writer.bytes)
    }
}

/// What is wrong with a request's data, field by field, in the order in which it was found.
package struct Problems {
    private var fields: [(name: String, messages: [String])] = []

    /// No more fields than this are reported: a body can have a hundred thousand that are wrong.
    private static let most = 100

    package init() {}

    /// A single field that is wrong.
    package init(_ field: String, _ message: String) {
        fields = [(field, [message])]
    }

    package var isEmpty: Bool { fields.isEmpty }

    /// Whether something is wrong with this field, given by its name or dotted path.
    package func concern(_ field: String) -> Bool { fields.contains { $0.name == field } }

    /// Whether nothing more is taken in.
    var isFull: Bool { fields.count >= Problems.most }

    /// Adds a message under a field's name, or the dotted path of a nested one.
    package mutating func add(_ field: String, _ message: String) {
        guard !isFull else { return }
        if let index = fields.firstIndex(where: { $0.name == field }) {
            if !fields[index].messages.contains(message) { fields[index].messages.append(message) }
        } else {
            fields.append((field, [message]))
        }
    }

    package mutating func add(_ others: Problems) {
        for field in others.fields {
            for message in field.messages { add(field.name, message) }
        }
    }

    /// Adds what was found by looking further: where something is wrong with a field already, or within it, what follows
    /// from that is not said too.
    package mutating func add(further others: Problems) {
        for field in others.fields where !fields.contains(where: { $0.name.isPlace(in: field.name) }) {
            for message in field.messages { add(field.name, message) }
        }
    }

    /// All messages, one after the other, as the command line shows them.
    package var messages: [String] { fields.flatMap(\.messages) }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        for field in fields {
            writer.key(field.name)
            writer.beginArray()
            for message in field.messages { writer.string(message) }
            writer.endArray()
        }
        writer.endObject()
    }
}

extension String {
    /// Whether a path is another one, or leads on from it.
    fileprivate func isPlace(in path: String) -> Bool {
        utf8.starts(with: path.utf8) && (utf8.count == path.utf8.count || utf8.dropFirst(path.utf8.count).first == 0x2E)
    }
}
