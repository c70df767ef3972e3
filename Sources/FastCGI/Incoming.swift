import CFastCGI

/// A request as FastCGI delivers it.
package struct Incoming {
    package let params: Params
    package let body: Body

    /// What came on the standard input stream (FastCGI 1.0 §5.3), already read to its end.
    package enum Body: Equatable {
        /// As many bytes as CONTENT_LENGTH said.
        case complete([UInt8])
        /// More bytes than the worker keeps; all were read and none was kept.
        case tooLarge
        /// The stream ended before CONTENT_LENGTH: the client or nginx went away in the middle.
        case incomplete
    }
}

/// The CGI variables of a request (RFC 3875 §4.1), in the order in which nginx sent them.
package struct Params {
    private let pairs: [(name: Substring, value: Substring)]

    init(_ environment: FCGX_ParamArray?) {
        var pairs: [(name: Substring, value: Substring)] = []
        pairs.reserveCapacity(32)
        var next = environment
        while let entry = next?.pointee {
            let text = String(cString: entry)
            if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
                pairs.append((text[..<equals], text[text.utf8.index(after: equals)...]))
            }
            next = next?.successor()
        }
        self.pairs = pairs
    }

    /// The first value of a variable; nil where it did not come.
    package subscript(name: String) -> String? {
        pairs.first { $0.name == name }.map { String($0.value) }
    }

    /// Every variable that carries a request header (`HTTP_…`), by the header's own name.
    package var headers: some Sequence<(name: String, value: String)> {
        let underscore = UInt8(ascii: "_")
        return pairs.lazy.filter { $0.name.hasPrefix("HTTP_") }.map { pair in
            let name = pair.name.utf8.dropFirst(5).map { $0 == underscore ? UInt8(ascii: "-") : $0 }
            return (String(decoding: name, as: UTF8.self), String(pair.value))
        }
    }
}
