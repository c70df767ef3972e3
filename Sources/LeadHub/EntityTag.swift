import Crypto

/// Names one state of a record (RFC 9110 §8.8.3): strong, because it is made from the very bytes that are sent.
enum EntityTag {
    /// - Returns: 32 hexadecimal digits of the body's SHA-256, in quotes.
    static func of(_ body: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text = [UInt8(ascii: "\"")]
        for byte in SHA256.hash(data: body).prefix(16) {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        text.append(UInt8(ascii: "\""))
        return String(decoding: text, as: UTF8.self)
    }
}
