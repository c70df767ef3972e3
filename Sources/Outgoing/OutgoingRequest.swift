/// A request to somebody else's server.
package struct OutgoingRequest {
    package enum Method {
        case get
        case post([UInt8])
    }

    package let method: Method
    /// With http or https, and without a user's name in it.
    package let url: String
    /// In their order; curl adds `Host` and what the body needs.
    package let fields: [(name: String, value: String)]

    package init(_ method: Method, _ url: String, fields: [(name: String, value: String)] = []) {
        self.method = method
        self.url = url
        self.fields = fields
    }

    /// A line's end in one would begin another header.
    var lines: [String]? {
        let lines = fields.map { "\($0.name): \($0.value)" }
        return lines.contains { $0.utf8.contains { $0 < 0x20 || $0 == 0x7F } } ? nil : lines
    }
}

/// What the other server answered, whatever its status.
package struct OutgoingAnswer {
    package let status: Int
    package let body: [UInt8]
    /// The seconds that `Retry-After` asks to wait for (RFC 9110 §10.2.3), also where it names a moment; nil without it.
    package let retryAfter: Int64?

    package init(status: Int, body: [UInt8], retryAfter: Int64? = nil) {
        self.status = status
        self.body = body
        self.retryAfter = retryAfter
    }
}

/// Why there is no answer. None says anything of the request, which may hold secrets.
package enum OutgoingError: Error, Equatable, CustomStringConvertible {
    /// The address is not one that is connected to, or a header cannot be sent.
    case invalid
    /// The name leads to this machine or a private network, which the settings do not allow.
    case privateNetwork
    case timedOut
    /// The answer was longer than we take.
    case tooLong
    /// This process was told to end.
    case stopped
    /// Something else; curl's words, which name no address.
    case failed(String)

    package var description: String {
        switch self {
        case .invalid: "the address is not one that can be asked"
        case .privateNetwork: "the address leads into a private network"
        case .timedOut: "there was no whole answer in time"
        case .tooLong: "the answer was longer than \(OutgoingClient.answerLimitInBytes) bytes"
        case .stopped: "it was broken off"
        case .failed(let words): words
        }
    }
}
