import HTTPTypes

extension Request {
    /// The body that another service sent, as one object, however it is labelled: JSON where it begins like that,
    /// multipart where its label says so, else URL-encoded. What one service mislabels, another one misspells: only what
    /// cannot be read is refused. A file's name stands for the file, and a list of one object for that.
    ///
    /// - Throws: 400 for what cannot be read, 413, and 422 for JSON that is no object.
    package func serviceObject() throws(HTTPError) -> JSONObject {
        let bytes = Request.withoutByteOrderMark(try completeBody())
        let spaces: [UInt8] = [0x20, 0x09, 0x0A, 0x0D]
        guard let first = bytes.first(where: { !spaces.contains($0) }) else { throw .badRequest("The body is empty.") }
        let label = fields[.contentType].flatMap { HeaderValue($0.utf8) }
        if label?.value == "multipart/form-data" {
            let entries = try FormBody.parse(
                multipart: bytes, boundary: label?["boundary"], most: .max, takesFiles: true,
            )
            return FormBody.nested(FormBody.object(entries))
        }
        let beginsLikeJSON = first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        // WordPress plugins label as JSON what they send as a form.
        let isJSON = label?.value.hasSuffix("json") == true && !bytes.contains(UInt8(ascii: "="))
        guard beginsLikeJSON || isJSON else { return try Request.form(bytes) }
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: bytes, mendsSurrogates: true)
        } catch {
            if label?.value == "application/x-www-form-urlencoded" { return try Request.form(bytes) }
            throw .badRequest(error.message)
        }
        return try Request.onlyObject(of: value)
    }

    private static func form(_ bytes: [UInt8]) throws(HTTPError) -> JSONObject {
        FormBody.nested(FormBody.object(try FormBody.parse(urlEncoded: bytes, most: .max)))
    }

    private static func onlyObject(of value: JSONValue) throws(HTTPError) -> JSONObject {
        switch value {
        case .object(let object): return object
        case .array(let items):
            if items.count == 1, case .object(let object) = items[0] { return object }
            throw .validationFailed(Problems("body", "The body must be a JSON object, or a list of one."))
        default: throw .validationFailed(Problems("body", "The body must be a JSON object."))
        }
    }

    static func withoutByteOrderMark(_ bytes: [UInt8]) -> [UInt8] {
        bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    }
}
