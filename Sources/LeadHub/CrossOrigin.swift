import HTTP
import HTTPTypes

/// Which web pages of other origins may call the API from a browser (CORS, https://fetch.spec.whatwg.org).
/// None, unless the operator lists them; but every page may send a form to the form's own address, which needs no key.
package struct CrossOrigin: Sendable {
    private let origins: [String]

    /// - Parameter list: origins separated by commas, as `https://app.example.com`; `*` for all.
    init(_ list: String?) {
        origins = (list ?? "").filter { $0 != " " }.split(separator: ",").map(String.init)
    }

    private static let exposed = [
        "ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After",
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-Request-Id",
    ].joined(separator: ", ")
    private static let accepted = [
        "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match", "X-Request-Id",
    ].joined(separator: ", ")
    /// How long a browser may remember what was answered.
    private static let memory = Duration.seconds(3600)

    /// The answer to a browser that asks before it calls, without a key, with the methods that the path takes; nil for
    /// any other request.
    func preflight(_ request: Request, allow: String) -> Response? {
        guard request.method == .options, request.fields[.accessControlRequestMethod] != nil,
            let origin = allowed(request)
        else { return nil }
        return Response(
            status: .noContent,
            fields: [
                .accessControlAllowOrigin: origin,
                .accessControlAllowMethods: allow,
                .accessControlAllowHeaders: CrossOrigin.accepted,
                .accessControlMaxAge: String(CrossOrigin.memory.components.seconds),
                .vary: "Origin",
            ],
        )
    }

    /// Lets the page that asked read an answer and its headers.
    func allow(_ response: inout Response, to request: Request) {
        guard !origins.isEmpty || CrossOrigin.isForAll(request) else { return }
        response.fields[.vary] = "Origin"
        guard let origin = allowed(request) else { return }
        response.fields[.accessControlAllowOrigin] = origin
        response.fields[.accessControlExposeHeaders] = CrossOrigin.exposed
    }

    private func allowed(_ request: Request) -> String? {
        guard let origin = request.fields[.origin] else { return nil }
        return CrossOrigin.isForAll(request) || origins.contains("*") || origins.contains(origin) ? origin : nil
    }

    private static func isForAll(_ request: Request) -> Bool {
        request.target.path.hasPrefix("/api/inbound/forms/")
    }
}
