import CCurl
import Glibc

/// Asks other servers, one request at a time; connections are kept for the next one. Redirects are not followed, and no
/// proxy is taken from the environment: behind one the guard against private networks would see nothing.
package final class OutgoingClient {
    private let transfers: OpaquePointer
    private let agent: String
    private let allowsPrivateNetworks: Bool
    private let signals: Int32

    static let timeToConnect = Duration.seconds(5)
    static let timeForAll = Duration.seconds(10)
    package static let answerLimitInBytes = 1_048_576

    /// - Parameters:
    ///   - agent: what `User-Agent` says.
    ///   - allowsPrivateNetworks: whether this machine and private networks may be asked.
    ///   - signals: a descriptor; once it is readable a request in hand is broken off.
    /// - Throws: `OutgoingError.failed` where curl cannot start.
    package init(agent: String, allowsPrivateNetworks: Bool, signals: Int32) throws(OutgoingError) {
        let code = curl_global_init(Int(CURL_GLOBAL_SSL))
        guard code == CURLE_OK else { throw OutgoingError(code) }
        guard let transfers = curl_multi_init() else { throw .failed("curl cannot start") }
        self.transfers = OpaquePointer(transfers)
        self.agent = agent
        self.allowsPrivateNetworks = allowsPrivateNetworks
        self.signals = signals
    }

    deinit {
        curl_multi_cleanup(UnsafeMutableRawPointer(transfers))
    }

    /// Sends a request, and waits for the whole answer.
    ///
    /// - Throws: `OutgoingError` where there is none.
    package func send(_ request: OutgoingRequest) throws(OutgoingError) -> OutgoingAnswer {
        guard let lines = request.lines, let handle = curl_easy_init() else { throw .invalid }
        defer { curl_easy_cleanup(handle) }
        var headers: UnsafeMutablePointer<curl_slist>?
        defer { curl_slist_free_all(headers) }
        // Without the first, curl would wait for leave to send a long body.
        for line in ["Expect:"] + lines { headers = curl_slist_append(headers, line) }
        let exchange = Exchange(allowsPrivateNetworks: allowsPrivateNetworks)
        // The handle points to it without holding it.
        return try withExtendedLifetime(exchange) { () throws(OutgoingError) in
            try set(request, headers, exchange, on: handle)
            let code = try perform(handle)
            if let reason = exchange.refusal { throw reason }
            guard code == CURLE_OK else { throw OutgoingError(code) }
            let wait = Int64(curl_retry_after(handle))
            return OutgoingAnswer(
                status: curl_status(handle), body: exchange.body, retryAfter: wait > 0 ? wait : nil,
            )
        }
    }

    private func set(
        _ request: OutgoingRequest, _ headers: UnsafeMutablePointer<curl_slist>?, _ exchange: Exchange,
        on handle: UnsafeMutableRawPointer,
    ) throws(OutgoingError) {
        let context = Unmanaged.passUnretained(exchange).toOpaque()
        var codes = [
            curl_set_text(handle, CURLOPT_URL, request.url),
            curl_set_text(handle, CURLOPT_PROTOCOLS_STR, "http,https"),
            curl_set_long(handle, CURLOPT_DISALLOW_USERNAME_IN_URL, 1),
            curl_set_text(handle, CURLOPT_PROXY, ""),
            curl_set_text(handle, CURLOPT_USERAGENT, agent),
            curl_set_pointer(handle, CURLOPT_HTTPHEADER, headers),
            curl_set_long(handle, CURLOPT_FOLLOWLOCATION, 0),
            curl_set_long(handle, CURLOPT_SSL_VERIFYPEER, 1),
            curl_set_long(handle, CURLOPT_SSL_VERIFYHOST, 2),
            curl_set_long(handle, CURLOPT_CONNECTTIMEOUT_MS, OutgoingClient.timeToConnect.milliseconds),
            curl_set_long(handle, CURLOPT_TIMEOUT_MS, OutgoingClient.timeForAll.milliseconds),
            curl_set_long(handle, CURLOPT_NOSIGNAL, 1),
            // A name server that says nothing would hold us for longer than the time-outs do.
            curl_set_long(handle, CURLOPT_QUICK_EXIT, 1),
            curl_set_writer(handle, Exchange.write, context),
            curl_set_socket_opener(handle, Exchange.open, context),
        ]
        if case .post(let body) = request.method {
            codes += [
                curl_set_long(handle, CURLOPT_POSTFIELDSIZE, body.count),
                // With one byte more than is copied: an empty array has no address.
                (body + [0]).withUnsafeBytes { curl_set_pointer(handle, CURLOPT_COPYPOSTFIELDS, $0.baseAddress) },
            ]
        }
        if let code = codes.first(where: { $0 != CURLE_OK }) { throw OutgoingError(code) }
    }

    /// - Returns: how the transfer ended.
    private func perform(_ handle: UnsafeMutableRawPointer) throws(OutgoingError) -> CURLcode {
        let transfers = UnsafeMutableRawPointer(transfers)
        guard curl_multi_add_handle(transfers, handle) == CURLM_OK else { throw .failed("curl cannot begin") }
        defer { curl_multi_remove_handle(transfers, handle) }
        var (running, waiting): (Int32, Int32) = (1, 0)
        while running > 0 {
            guard curl_multi_perform(transfers, &running) == CURLM_OK else { throw .failed("curl cannot go on") }
            if let message = curl_multi_info_read(transfers, &waiting) { return message.pointee.data.result }
            var watched = curl_waitfd(fd: signals, events: Int16(CURL_WAIT_POLLIN), revents: 0)
            guard curl_multi_poll(transfers, &watched, 1, 1_000, nil) == CURLM_OK else {
                throw .failed("curl cannot wait")
            }
            if watched.revents != 0 { throw .stopped }
        }
        throw .failed("curl gave no outcome")
    }
}

/// What curl's callbacks have to do with, during one request.
private final class Exchange {
    private(set) var body: [UInt8] = []
    private var hasRefused = false
    private var hasOpened = false
    private var isTooLong = false
    private let allowsPrivateNetworks: Bool

    init(allowsPrivateNetworks: Bool) {
        self.allowsPrivateNetworks = allowsPrivateNetworks
    }

    /// Why it failed, where that was our own doing.
    var refusal: OutgoingError? {
        isTooLong ? .tooLong : hasRefused && !hasOpened ? .privateNetwork : nil
    }

    /// Takes a piece of the body; taking less than is given ends the transfer.
    static let write: curl_write_callback = { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let piece = UnsafeRawBufferPointer(start: bytes, count: size * count)
        guard exchange.body.count + piece.count <= OutgoingClient.answerLimitInBytes else {
            exchange.isTooLong = true
            return 0
        }
        exchange.body += piece
        return piece.count
    }

    /// Makes the socket for an address that the name has led to: whatever the name is called, here it shows where it
    /// leads.
    static let open: curl_opensocket_callback = { context, _, address in
        guard let context, let address, let place = address.pointer(to: \.addr) else { return CURL_SOCKET_BAD }
        let exchange = Unmanaged<Exchange>.fromOpaque(context).takeUnretainedValue()
        let (family, kind) = (address.pointee.family, address.pointee.socktype)
        guard exchange.allowsPrivateNetworks || NetworkAddress(place, family: family)?.isPublic == true else {
            exchange.hasRefused = true
            return CURL_SOCKET_BAD
        }
        exchange.hasOpened = true
        return socket(family, kind | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
}

extension OutgoingError {
    fileprivate init(_ code: CURLcode) {
        self =
            switch code {
            case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_LOGIN_DENIED: .invalid
            case CURLE_OPERATION_TIMEDOUT: .timedOut
            default: .failed(String(cString: curl_easy_strerror(code)))
            }
    }
}

extension Duration {
    fileprivate var milliseconds: Int { Int(self / .milliseconds(1)) }
}
