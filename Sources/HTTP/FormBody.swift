import HTTPTypes

/// What a form sends: names and texts in their order, as a browser encodes them.
enum FormBody {
    /// A name and what was filled in under it.
    typealias Entry = (name: String, value: String)

    /// A form has some dozens of fields; what has more was not made by one.
    static let mostFields = 1_000

    /// Reads `application/x-www-form-urlencoded` (https://url.spec.whatwg.org/#urlencoded-parsing), but for bytes that
    /// are no UTF-8: those are refused, not replaced. A percent sign without two digits stands for itself.
    ///
    /// - Throws: 400 for what is no UTF-8, 422 for too many fields.
    static func parse(urlEncoded bytes: [UInt8], most: Int = mostFields) throws(HTTPError) -> [Entry] {
        var entries: [Entry] = []
        for pair in bytes.split(separator: UInt8(ascii: "&")) {
            let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
            entries.append((try decoded(pair[..<equals]), try decoded(pair[equals...].dropFirst())))
            try checkCount(entries.count, most: most)
        }
        return entries
    }

    /// - Throws: 422 past the most fields that a form may have.
    static func checkCount(_ count: Int, most: Int = mostFields) throws(HTTPError) {
        guard count <= most else {
            throw .validationFailed(Problems("body", "The body must not have more than \(most) fields."))
        }
    }

    /// - Throws: 400 for what is no UTF-8.
    static func text(_ bytes: some Sequence<UInt8>) throws(HTTPError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .badRequest("The body is not valid UTF-8.")
        }
        return text
    }

    private static func decoded(_ piece: ArraySlice<UInt8>) throws(HTTPError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(piece.count)
        var rest = piece
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "+"):
                bytes.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = rest.first?.hexDigitValue, let low = rest.dropFirst().first?.hexDigitValue else {
                    bytes.append(byte)
                    continue
                }
                bytes.append(high << 4 | low)
                rest = rest.dropFirst(2)
            default:
                bytes.append(byte)
            }
        }
        return try text(bytes)
    }

    /// One object of all entries: a name that comes twice, or that ends in `[]` as PHP's forms have it, has a list.
    static func object(_ entries: [Entry]) -> JSONObject {
        // Bytes are what names are compared by, here as in JSON.
        var places: [[UInt8]: Int] = [:]
        var members: [(name: String, values: [JSONValue], isList: Bool)] = []
        for entry in entries {
            let isList = entry.name.hasSuffix("[]")
            let name = isList ? String(entry.name.dropLast(2)) : entry.name
            if let place = places[Array(name.utf8)] {
                members[place].values.append(.string(entry.value))
                members[place].isList = true
            } else {
                places[Array(name.utf8)] = members.count
                members.append((name, [.string(entry.value)], isList))
            }
        }
        return JSONObject(members.map { ($0.name, $0.isList ? .array($0.values) : $0.values[0]) })
    }
}

extension Request {
    /// The body as one object, whatever a form or another sender wrote it in: JSON, URL-encoded or multipart. JSON is read
    /// with more patience than the API's own: for a byte order mark, and for a text that was cut within a character.
    ///
    /// - Parameter readsBrackets: whether `custom_fields[plan]` is `plan` in the object `custom_fields`, in what is not
    ///   JSON; else it is a name like any other.
    /// - Returns: what was filled in, each under its name.
    /// - Throws: 400 for what cannot be read, 413, 415, and 422 for JSON that is no object, for files and for too many
    ///   fields.
    package func formObject(readsBrackets: Bool = false) throws(HTTPError) -> JSONObject {
        guard let type = fields[.contentType] else { return try jsonForm() }
        guard let header = HeaderValue(type.utf8) else { throw .unsupportedFormType }
        let entries: [FormBody.Entry]
        switch header.value {
        case "application/x-www-form-urlencoded":
            guard header.isUTF8 else { throw .unsupportedFormType }
            entries = try FormBody.parse(urlEncoded: try completeBody())
        case "multipart/form-data":
            guard header.isUTF8 else { throw .unsupportedFormType }
            entries = try FormBody.parse(multipart: try completeBody(), boundary: header["boundary"])
        default:
            guard Request.isJSON(type) else { throw .unsupportedFormType }
            return try jsonForm()
        }
        let object = FormBody.object(entries)
        return readsBrackets ? FormBody.nested(object) : object
    }

    private func jsonForm() throws(HTTPError) -> JSONObject {
        let bytes = Request.withoutByteOrderMark(try completeBody())
        let object = try Request.jsonObject(bytes, mendsSurrogates: true)
        try FormBody.checkCount(object.count)
        return object
    }
}

extension HeaderValue {
    fileprivate var isUTF8: Bool { ["utf-8", "utf8"].contains(self["charset"]?.lowercased() ?? "utf-8") }
}

extension UInt8 {
    fileprivate var hexDigitValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
