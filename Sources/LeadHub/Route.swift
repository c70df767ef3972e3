import HTTP
import HTTPTypes

/// A method and a path, who may use them, and what answers.
package struct Route: Sendable {
    package let method: HTTPRequest.Method
    /// From the root, with `{name}` where an id stands: `/api/v1/leads/{id}`.
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

    /// The ids in a path that has this route's form; nil for any other path.
    fileprivate func ids(in path: [String]) -> [String: Int64]? {
        guard path.count == segments.count else { return nil }
        var ids: [String: Int64] = [:]
        for (segment, text) in zip(segments, path) {
            if segment.first == "{" {
                guard let id = Route.id(text) else { return nil }
                ids[String(segment.dropFirst().dropLast())] = id
            } else if segment != text {
                return nil
            }
        }
        return ids
    }

    /// Ids are written in one way only, so that a record has one address.
    private static func id(_ text: String) -> Int64? {
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
        var ids: [String: Int64] = [:]

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
            guard let ids = route.ids(in: path) else { continue }
            match.routes.append(route)
            match.ids = ids
        }
        return match
    }
}
