import Crypto
import Foundation
import HTTP
import HTTPTypes

/// What proves that a sender knows the secret: HMAC-SHA256 (RFC 2104) of the body's bytes as they came. It is compared
/// in constant time, so that no one finds it out byte by byte.
struct Signature {
    private let code: Data

    /// Nil for anything but 64 hexadecimal digits.
    init?(hexadecimal text: some StringProtocol) {
        let digits = text.utf8.map { Character(Unicode.Scalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == 2 * SHA256.byteCount else { return nil }
        var code = Data()
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            code.append(high << 4 | low)
        }
        self.code = code
    }

    /// Nil for anything but 32 bytes in Base64, as RFC 4648 §4 writes them.
    init?(base64 text: some StringProtocol) {
        guard let code = Data(base64Encoded: String(text)), code.count == SHA256.byteCount,
            code.base64EncodedString() == text
        else { return nil }
        self.code = code
    }

    /// - Parameters:
    ///   - bytes: what is signed.
    ///   - secret: nil or empty where there is none: nothing is signed with that.
    /// - Returns: whether it is what the secret makes of the bytes.
    func isValid(for bytes: some DataProtocol, secret: String?) -> Bool {
        guard let secret, !secret.isEmpty else { return false }
        let key = SymmetricKey(data: Data(secret.utf8))
        return HMAC<SHA256>.isValidAuthenticationCode(code, authenticating: bytes, using: key)
    }

    /// Whether two secrets are the same, in a time that says nothing of where they differ.
    static func isSame(_ secret: String, as other: String) -> Bool {
        SHA256.hash(data: Data(secret.utf8)) == SHA256.hash(data: Data(other.utf8))
    }
}

/// A signature of the moment and the body together, `t=1700000000,v1=…` as Stripe invented it: what somebody recorded
/// is worth nothing later.
struct StampedSignature {
    /// Unix seconds, as they are written: that is what is signed.
    private let time: Substring
    private let signatures: [Signature]

    /// How far sender's and our clock may differ, in seconds.
    static let tolerance: Int64 = 300

    /// Reads a header, whose signatures stand behind `version`; nil for what is not written so, or has none.
    init?(_ header: String?, version: String) {
        var times: [Substring] = []
        var signatures: [Signature] = []
        for piece in header?.split(separator: ",") ?? [] {
            let parts = piece.drop { $0 == " " }.split(separator: "=", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            if parts[0] == "t" { times.append(parts[1]) }
            if parts[0] == version, let signature = Signature(hexadecimal: parts[1]) { signatures.append(signature) }
        }
        guard times.count == 1, !signatures.isEmpty else { return nil }
        (time, self.signatures) = (times[0], signatures)
    }

    /// Whether one of its signatures is right, and not too old or from the future.
    ///
    /// - Parameters:
    ///   - body: what was signed behind the moment.
    ///   - secret: that it was signed with.
    ///   - now: Unix seconds.
    /// - Returns: false where there is no secret.
    func isValid(for body: some Sequence<UInt8>, secret: String?, now: Int64) -> Bool {
        let tolerance = StampedSignature.tolerance
        guard let seconds = Int64(time), (now - tolerance...now + tolerance).contains(seconds) else { return false }
        let bytes = Data("\(time).".utf8) + Data(body)
        return signatures.contains { $0.isValid(for: bytes, secret: secret) }
    }
}

extension Delivery {
    /// The value of a header; nil where it did not come.
    func header(_ name: String) -> String? { HTTPField.Name(name).flatMap { request.fields[$0] } }

    /// A text of the integration's config; nil where it is not set.
    func setting(_ name: String) -> String? {
        if case .string(let text) = config[name], !text.isEmpty { text } else { nil }
    }
}
