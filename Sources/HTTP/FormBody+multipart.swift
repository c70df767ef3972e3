extension FormBody {
    /// Reads `multipart/form-data` (RFC 7578; the parts as in RFC 2046 §5.1.1).
    ///
    /// - Parameters:
    ///   - bytes: the whole body.
    ///   - boundary: as the Content-Type has it.
    ///   - most: how many fields there may be.
    ///   - takesFiles: whether a file's name stands for it; else files are refused.
    /// - Returns: the fields in their order.
    /// - Throws: 400 for what breaks the syntax or is no UTF-8, 422 for files and for too many fields.
    static func parse(
        multipart bytes: [UInt8], boundary: String?, most: Int = mostFields, takesFiles: Bool = false,
    ) throws(HTTPError) -> [Entry] {
        guard let boundary, isBoundary(boundary) else {
            throw .badRequest("The Content-Type has no valid boundary.")
        }
        var parser = MultipartParser(bytes: bytes, boundary: boundary)
        var entries: [Entry] = []
        var files = Problems()
        while let part = try parser.nextPart() {
            try checkCount(entries.count + 1, most: most)
            if let file = part.fileName {
                // A browser sends a file that nobody chose as an empty one with no name.
                if file.isEmpty && part.content.isEmpty { continue }
                if takesFiles { entries.append((part.name, file)) }
                files.add(part.name, "The \(part.name.replacing("_", with: " ")) field must not be a file.")
            } else {
                entries.append((part.name, try text(part.content)))
            }
        }
        guard files.isEmpty || takesFiles else { throw .validationFailed(files) }
        return entries
    }

    private static func isBoundary(_ text: String) -> Bool {
        (1...70).contains(text.utf8.count) && text.last != " "
            && text.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || "'()+_,-./:=? ".utf8.contains(byte)
            }
    }
}

/// Takes a multipart body apart, part by part, each byte once.
private struct MultipartParser {
    private let bytes: [UInt8]
    /// A line's end and what begins the line that parts are kept apart by.
    private let delimiter: [UInt8]
    /// Where the next part's headers begin; nil before the first delimiter.
    private var position: Int?

    /// Of one part's headers.
    private static let headerLimitInBytes = 8_192

    struct Part {
        let name: String
        /// nil where it is no file.
        let fileName: String?
        let content: ArraySlice<UInt8>
    }

    init(bytes: [UInt8], boundary: String) {
        self.bytes = bytes
        delimiter = Array("\r\n--\(boundary)".utf8)
    }

    /// - Returns: nil behind the last one.
    mutating func nextPart() throws(HTTPError) -> Part? {
        guard try enterPart(), let begin = position else { return nil }
        let (headers, body) = try headers(from: begin)
        guard let end = delimiterIndex(from: body) else { throw broken }
        position = end + delimiter.count
        guard let disposition = headers, disposition.value == "form-data", let name = disposition["name"] else {
            throw broken
        }
        return Part(
            name: MultipartParser.unescaped(name), fileName: disposition["filename"] ?? disposition["filename*"],
            content: bytes[body..<end],
        )
    }

    private var broken: HTTPError { .badRequest("The body is not valid multipart/form-data.") }

    /// Goes behind the line of a delimiter; false where it was the last one.
    private mutating func enterPart() throws(HTTPError) -> Bool {
        if position == nil {
            let isFirst = bytes.starts(with: delimiter.dropFirst(2))
            guard let end = isFirst ? delimiter.count - 2 : delimiterIndex(from: 0).map({ $0 + delimiter.count }) else {
                throw broken
            }
            position = end
        }
        let rest = bytes[(position ?? 0)...]
        if rest.starts(with: "--".utf8) { return false }
        let padding = rest.prefix { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        guard bytes[padding.endIndex...].starts(with: "\r\n".utf8) else { throw broken }
        position = padding.endIndex + 2
        return true
    }

    /// Where the next delimiter begins, its line's end before it included.
    private func delimiterIndex(from start: Int) -> Int? {
        var rest = bytes[start...]
        while let index = rest.firstIndex(of: UInt8(ascii: "\r")) {
            if bytes[index...].starts(with: delimiter) { return index }
            rest = bytes[(index + 1)...]
        }
        return nil
    }

    /// Reads headers up to the empty line behind them.
    ///
    /// - Returns: the one that names the field, and where the content begins.
    private func headers(from start: Int) throws(HTTPError) -> (disposition: HeaderValue?, body: Int) {
        var disposition: HeaderValue?
        var position = start
        while true {
            let line = bytes[position...].prefix(MultipartParser.headerLimitInBytes).prefix { $0 != UInt8(ascii: "\r") }
            guard bytes[line.endIndex...].starts(with: "\r\n".utf8),
                line.endIndex - start <= MultipartParser.headerLimitInBytes
            else { throw broken }
            position = line.endIndex + 2
            guard !line.isEmpty else { return (disposition, position) }
            guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { throw broken }
            let value = line[(colon + 1)...]
            switch String(decoding: line[..<colon], as: UTF8.self).lowercased() {
            case "content-disposition":
                guard disposition == nil, let header = HeaderValue(value) else { throw broken }
                disposition = header
            case "content-transfer-encoding":
                // RFC 7578 §4.7: nobody should send it; base64 taken for text would be a wrong value.
                guard let header = HeaderValue(value), ["7bit", "8bit", "binary"].contains(header.value) else {
                    throw broken
                }
            default:
                break
            }
        }
    }

    /// What browsers escape in a name (https://html.spec.whatwg.org/#multipart-form-data).
    private static func unescaped(_ name: String) -> String {
        name.replacing("%22", with: "\"").replacing("%0D", with: "\r").replacing("%0A", with: "\n")
    }
}
