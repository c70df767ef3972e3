import HTTP
import HTTPTypes

/// A method and a path, who may use them, and what answers.
package struct Route: Sendable {
    package private(set) var method: HTTPRequest.Method
    /// From the root, with names in braces where a value stands: `/api/v1/leads/{id}/tags/{tag}`. What is named
    /// `id` or `…_id` is an id, `token` a key of its own, anything else a text.
    package let path: String
    /// What a key needs for it; nil where no key is needed.
    package let scope: Scope?
    /// Another scope that serves as well; nil where there is none.
    package let otherScope: Scope?
    /// What it does, in a few words and for people.
    package let summary: String
    /// What else they should know; empty where that is all.
    package let description: String
    /// What it takes in its query; nil where it does not look there.
    package let parameters: [Parameter]?
    package let body: Body
    package let outcome: Outcome
    let handler: @Sendable (Call) throws -> Response
    let segments: [Substring]

    /// What a request carries.
    package enum Body: Sendable {
        case none
        /// A new record.
        case new(any Resource.Type)
        /// Some members of a record.
        case changes(any Resource.Type)
        /// An object of its own, under this name.
        case object(String, [Field])
        /// Whatever a form sends: JSON, URL-encoded or multipart.
        case form
        /// A lead in the same ways, in which nothing but its email must be right.
        case lead
        /// What a service sends in its own shape.
        case message
    }

    /// What it answers when it did what was asked.
    package enum Outcome: Sendable {
        /// 200: a page of records.
        case page(any Resource.Type)
        /// 200: all records there are, in no pages.
        case list(any Resource.Type)
        /// 200: one record.
        case record(any Resource.Type)
        /// 201: the new record, and its address.
        case created(any Resource.Type)
        /// 204
        case nothing
        /// 200: an object of its own, under this name.
        case object(String, [Field])
        /// 201: the new lead's id; 200: that of the one that was there.
        case taken
        /// 200: something else than a record, of this media type.
        case document(String)
    }

    init(
        _ method: HTTPRequest.Method, _ path: String, _ scope: Scope?, or otherScope: Scope? = nil, _ summary: String,
        about description: String = "", parameters: [Parameter]? = [], takes body: Body = .none,
        gives outcome: Outcome,
        _ handler: @escaping @Sendable (Call) throws -> Response,
    ) {
        self.method = method
        self.path = path.hasPrefix("/api/") ? path : "/api/v1" + path
        self.scope = scope
        self.otherScope = otherScope
        self.summary = summary
        self.description = description
        self.parameters = parameters
        self.body = body
        self.outcome = outcome
        self.handler = handler
        segments = self.path.split(separator: "/")
    }

    /// The scopes of which a key needs one; none where no key is needed.
    var scopes: [Scope] { [scope, otherScope].compactMap { $0 } }

    /// Whether it takes what comes from outside. Its handler itself looks for repetitions and at the query, by
    /// `Call.once`, after it has made sure of the sender, and keeps a body that is refused for these too.
    var isInbound: Bool {
        switch body {
        case .form, .lead, .message: true
        case .none, .new, .changes, .object: path.hasPrefix("/api/inbound/")
        }
    }

    /// Whether it needs a key, in a header or as the token in its path.
    var takesKey: Bool { !scopes.isEmpty || path.hasSuffix("{token}") }

    /// Whether a key with these scopes may use it.
    func isOpen(to grants: Grants) -> Bool { scopes.isEmpty || scopes.contains(where: grants.allows) }

    /// PUT does what PATCH does: the reference has both for every update, and both take what is to change.
    fileprivate var withPut: [Route] {
        guard method == .patch else { return [self] }
        var put = self
        put.method = .put
        return [put, self]
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
            guard !Route.isID(name) || Route.id(text) != nil else { return nil }
            values[name] = text
        }
        return values
    }

    /// Whether a value of this name in a path is an id.
    package static func isID(_ name: some StringProtocol) -> Bool { name == "id" || name.hasSuffix("_id") }

    /// Ids are written in one way only, so that a record has one address.
    static func id(_ text: String) -> Int64? {
        guard let id = Int64(text), id > 0, String(id) == text else { return nil }
        return id
    }
}

/// All routes of the resources.
package struct RouteTable: Sendable {
    package let routes = resources.flatMap { $0.routes }.flatMap(\.withPut)

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
