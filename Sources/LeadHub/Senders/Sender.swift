import Foundation
import HTTP

/// How one kind of service sends leads: what proves that a body is its own, and what its bodies say.
struct Sender: Sendable {
    /// - Throws: 401 for what the service has not sent.
    let verify: @Sendable (Delivery) throws(HTTPError) -> Void
    /// - Throws: 400, 413, 415 and 422 for what is not of the service's shape.
    let read: @Sendable (Delivery) throws(HTTPError) -> Message
    /// The body as it is kept: as it came, but without secrets, and without the token of the address that it came to.
    let kept: @Sendable (Delivery) -> [UInt8]
    /// Answers the GET by which the service makes sure of the address; nil for services that do not ask.
    let greet: (@Sendable (Delivery) throws(HTTPError) -> Response)?

    init(
        verify: @escaping @Sendable (Delivery) throws(HTTPError) -> Void = { _ throws(HTTPError) in },
        kept: @escaping @Sendable (Delivery) -> [UInt8] = { $0.bytes },
        greet: (@Sendable (Delivery) throws(HTTPError) -> Response)? = nil,
        read: @escaping @Sendable (Delivery) throws(HTTPError) -> Message,
    ) {
        self.verify = verify
        self.read = read
        self.kept = { $0.withoutOwnToken(kept($0)) }
        self.greet = greet
    }
}

/// What came to an integration's address.
struct Delivery {
    let request: Request
    /// The integration's, with its secrets as they are.
    let config: JSONObject
    /// Unix seconds.
    let now: Int64

    /// The body as it came; empty where it did not come whole.
    var bytes: [UInt8] { request.completeBytes }

    /// Asterisks for the token: some services send the address along, and whoever knows it can send leads.
    fileprivate func withoutOwnToken(_ body: [UInt8]) -> [UInt8] {
        guard let token = request.target.path.split(separator: "/").last.map({ Data($0.utf8) }), token.count >= 16,
            Data(body).range(of: token) != nil
        else { return body }
        return Array(Data(body).replacing(token, with: Data("********".utf8)))
    }
}

/// What a service says.
enum Message {
    /// A lead; `id` is the service's own of this message, nil where it gives none.
    case lead([Detail], id: String?)
    /// Leads whose details are to be fetched from the service; and what is wrong with others in the same body.
    case announced([Announcement], error: String?)
    /// What a service sends to try the address: no lead is made of it.
    case test
    /// Something else than a lead; what it is.
    case other(String)
}

/// One thing that a service says of a lead.
struct Detail: Equatable {
    /// What the service calls it, dotted where it lies within others: what a field map names, and a custom field.
    let name: String
    /// What else a field map may call it.
    let otherNames: [String]
    /// The lead's field that it is, as far as the service says; `full_name` is another.
    let field: String?
    let value: JSONValue

    init(_ name: String, or otherNames: [String] = [], as field: String? = nil, _ value: JSONValue) {
        self.name = name
        self.otherNames = otherNames
        self.field = field
        self.value = value
    }

    /// All under their names; what has one name is a list.
    static func object(_ details: [Detail]) -> JSONObject {
        var places: [String: Int] = [:]
        var members: [(name: String, values: [JSONValue])] = []
        for detail in details {
            if let place = places[detail.name] {
                members[place].values.append(detail.value)
            } else {
                places[detail.name] = members.count
                members.append((detail.name, [detail.value]))
            }
        }
        return JSONObject(members.map { ($0.name, $0.values.count == 1 ? $0.values[0] : .array($0.values)) })
    }
}

/// A lead that a service has, and has told no more of than its id.
struct Announcement: Equatable {
    let id: String
    /// What else was said of it: kept with it, under these names.
    let details: JSONObject
}
