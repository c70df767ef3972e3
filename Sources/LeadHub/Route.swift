import HTTP
import HTTPTypes

/// A method and a path, who may use them, and what answers.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// From the root, with names in braces where a value stands: `/api/v1/leads/{id}/tags/{tag}`. What is named
    /// `id` or `…_id` is an id, anything else a text.
    package let path: String
    /// What a key needs for it; nil where no key is needed.
    package let scope: Scope?
    /// What it takes in its query; nil where it does not look there.
    package let parameters: [Parameter]?
    let handler: @Sendable (Call) throws -> Response
    let segments: [Substring]

    init(
        _ method: HTTPRequest.Method, _ path: String, _ scope: Scope?, parameters: [Parameter]? = [],
        _ handler: @escaping @Sendable (Call) throws -> Response,
    ) {
        self.method = method
        self.path = "/api/v1" + path
        self.scope = scope
        self.parameters = parameters
        self.handler = handler
        segments = self.path.split(separator: "/")
    }

    /// The values in a path that has this route's form; nil for any other path.
    fileprivate func values(in path: [String]) -> [String: String]? {
        guard path.count == segments.count else { return nil }
        var values: [String: String] = [:]
        for (segment, text) in zip(segments, path) {
            guard segment.first == "{" else {
                if segment == text { continue } else { return nil }
            }
            let name = String(segment.dropFirst().dropLast())
            if name == "id" || name.hasSuffix("_id") {
                guard Route.id(text) != nil else { return nil }
            }
            values[name] = text
        }
        return values
    }

    /// Ids are written in one way only, so that a record has one address.
    static func id(_ text: String) -> Int64? {
        guard let id = Int64(text), id > 0, String(id) == text else { return nil }
        return id
    }
}

/// All routes of the resources.
package struct RouteTable: Sendable {
    package let routes = resources.flatMap { $0.routes }

    package init() {}

    /// The routes that a path leads to, one for each method.
    struct Match {
        var routes: [Route] = []
        var values: [String: String] = [:]

        var isOpen: Bool { routes.contains { $0.scope == nil } }

        /// What the path takes, for the header `Allow` (RFC 9110 §10.2.1).
        var allow: String {
            let methods = routes.map(\.method.rawValue)
            return (methods + (methods.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]).joined(separator: ", ")
        }

        /// - Throws: 404 where the path leads nowhere, 405 where it does not take the method.
        func route(for method: HTTPRequest.Method) throws(HTTPError) -> Route {
            guard !routes.isEmpty else { throw .unknownPath }
            let sought = method == .head ? .get : method
            guard let route = routes.first(where: { $0.method == sought }) else {
                throw .methodNotAllowed(allow: allow)
            }
            return route
        }
    }

    /// - Throws: 400 for a broken percent-escape, 404 for a path that no route could have.
    func match(_ target: Target) throws(HTTPError) -> Match {
        let path = try target.segments()
        var match = Match()
        for route in routes {
            guard let values = route.values(in: path) else { continue }
            match.routes.append(route)
            match.values = values
        }
        return match
    }
}
