import FastCGI
import HTTP
import HTTPTypes

extension Request {
    /// Reads the CGI variables that `nginx/leadhub-fastcgi.conf` sends.
    init(_ incoming: Incoming) {
        let params = incoming.params
        var fields = HTTPFields()
        for header in params.headers {
            if let name = HTTPField.Name(header.name) { fields.append(HTTPField(name: name, value: header.value)) }
        }
        if let type = params["CONTENT_TYPE"], !type.isEmpty { fields[.contentType] = type }
        self.init(
            // nginx passes on nothing but a token; what is none is a method that no path takes.
            method: params["REQUEST_METHOD"].flatMap { HTTPRequest.Method($0) } ?? .trace,
            target: Target(params["REQUEST_URI"] ?? ""),
            fields: fields,
            body: Body(incoming.body),
            origin: Request.origin(params),
            id: Request.id(params["HTTP_X_REQUEST_ID"]),
        )
    }

    /// The host goes into links, so it must look like one; where it does not, the server's own name and port serve.
    private static func origin(_ params: Params) -> String {
        let own = "\(params["SERVER_NAME"] ?? "localhost"):\(params["SERVER_PORT"] ?? "443")"
        let host = params["HTTP_HOST"].flatMap { isHost($0) ? $0 : nil } ?? own
        return "\(params["REQUEST_SCHEME"] ?? "https")://\(host)"
    }

    /// A name or an address, and a port where there is one (RFC 9110 §7.2).
    private static func isHost(_ text: String) -> Bool {
        let bytes = text.utf8
        let digits = bytes.reversed().prefix { (0x30...0x39).contains($0) }
        let hasPort = !digits.isEmpty && bytes.dropLast(digits.count).last == UInt8(ascii: ":")
        let name = hasPort ? bytes.dropLast(digits.count + 1) : bytes[...]
        if name.first == UInt8(ascii: "["), name.last == UInt8(ascii: "]") {
            let address = name.dropFirst().dropLast()
            return !address.isEmpty && address.allSatisfy { "0123456789abcdefABCDEF:.".utf8.contains($0) }
        }
        return !name.isEmpty && name.allSatisfy { Request.isLetterOrDigit($0) || "._-".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
    }

    /// nginx's own id of the request, or the caller's where nginx found it a valid one.
    private static func id(_ given: String?) -> String {
        if let given, !given.isEmpty { return given }
        return String(UInt64.random(in: 0 ... .max), radix: 16)
    }
}

extension Request.Body {
    fileprivate init(_ body: Incoming.Body) {
        switch body {
        case .complete(let bytes): self = .complete(bytes)
        case .tooLarge: self = .tooLarge
        case .incomplete: self = .incomplete
        }
    }
}
