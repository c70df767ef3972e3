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

    /// The host goes into links, so nothing but a host's own characters may be in it.
    private static func origin(_ params: Params) -> String? {
        let host = params["HTTP_HOST"].flatMap { $0.isEmpty ? nil : $0 } ?? params["SERVER_NAME"] ?? ""
        let isHost = host.utf8.allSatisfy { byte in
            Character(Unicode.Scalar(byte)).isLetter && byte < 0x80 || (0x30...0x39).contains(byte)
                || "-._:[]".utf8.contains(byte)
        }
        guard !host.isEmpty, isHost else { return nil }
        return "\(params["REQUEST_SCHEME"] ?? "http")://\(host)"
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
