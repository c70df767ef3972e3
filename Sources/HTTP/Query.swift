/// A parameter that a route takes in its query.
package struct Parameter: Sendable {
    /// Its name and what each of its values must be.
    package let field: Field
    package let form: Form

    package enum Form: Sendable {
        /// One value, once.
        case single
        /// One or several values, separated by commas.
        case list
        /// One value each time that it comes.
        case repeated
        /// `name[key]=value`, once for each key.
        case keyed
        /// One text, once, taken as it is; it may be empty.
        case raw
    }

    package init(_ field: Field, _ form: Form = .single) {
        self.field = field
        self.form = form
    }
}

/// A query after it was checked against a route's parameters.
package struct Query {
    private var values: [String: [Value]] = [:]
    /// For each keyed parameter the keys that came.
    private var keys: [String: [String]] = [:]
    /// What was sent but `page`, as it was sent: links carry it on.
    private let carried: [Substring]
    private let path: Substring

    /// One with nothing in it.
    package init() {
        (carried, path) = ([], "")
    }

    /// Checks every parameter of a request's query and reports all that is wrong at once.
    ///
    /// - Parameters:
    ///   - target: the request's.
    ///   - parameters: what the route takes; nil where it does not look at its query.
    /// - Throws: 400 for a broken percent-escape; 422 for a parameter that the route does not take, one
    ///   that comes twice, or a value that will not do.
    package init(_ target: Target, parameters: [Parameter]?) throws(HTTPError) {
        path = target.path
        guard let parameters else {
            carried = []
            return
        }
        let sent = try target.parameters()
        carried = sent.filter { $0.name != "page" && $0.name != "cursor" }.map(\.raw)
        var problems = Problems()
        for item in sent {
            do throws(Refusal) {
                try take(item.name, item.value, parameters)
            } catch {
                problems.add(error.problems)
            }
        }
        guard problems.isEmpty else { throw .validationFailed(problems) }
    }

    private mutating func take(_ name: String, _ text: String, _ parameters: [Parameter]) throws(Refusal) {
        let (plain, key) = Query.split(name)
        guard let parameter = parameters.first(where: { $0.field.name == plain && ($0.form == .keyed) == (key != nil) })
        else { throw Refusal(Problems(name, "The \(name.replacing("_", with: " ")) parameter is unknown.")) }
        guard values[name] == nil || parameter.form == .repeated else {
            throw Refusal(Problems(name, "The \(name.replacing("_", with: " ")) parameter comes more than once."))
        }
        if let key { keys[plain, default: []].append(key) }
        values[name, default: []] += try Query.values(text, parameter)
    }

    /// The parts of `name[key]`. A key may begin with a mark that would make one character of itself and the bracket.
    private static func split(_ name: String) -> (plain: String, key: String?) {
        let scalars = name.unicodeScalars
        guard scalars.last == "]", let bracket = scalars.firstIndex(of: "[") else { return (name, nil) }
        return (String(scalars[..<bracket]), String(scalars[bracket...].dropFirst().dropLast()))
    }

    /// Whether the parameter came.
    package func has(_ name: String) -> Bool { values[name] != nil }

    /// The parameter's values; empty where it did not come.
    package func texts(_ name: String) -> [String] {
        (values[name] ?? []).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    package func integer(_ name: String) -> Int64? {
        if case .integer(let number) = values[name]?.first { number } else { nil }
    }

    /// What came as `name[key]=value`.
    package func keyed(_ name: String) -> [(key: String, value: String)] {
        (keys[name] ?? []).map { ($0, texts("\(name)[\($0)]").first ?? "") }
    }

    /// The filters and the order that were asked for, whatever part of the list and however long.
    package var list: String {
        values.filter { !["page", "per_page", "cursor"].contains($0.key) }
            .map { "\($0.key)=\($0.value)" }.sorted().joined(separator: "&")
    }

    /// The address of another page of the same list; `origin` is scheme and authority, without a slash at
    /// the end.
    package func link(origin: String, page: Int64) -> String {
        link(origin: origin, "page=\(page)")
    }

    /// The address of another part of the same list, by cursor.
    package func link(origin: String, cursor: String) -> String {
        link(origin: origin, "cursor=\(cursor)")
    }

    private func link(origin: String, _ part: String) -> String {
        "\(origin)\(path)?" + (carried.map(String.init) + [part]).joined(separator: "&")
    }

    private static func values(_ text: String, _ parameter: Parameter) throws(Refusal) -> [Value] {
        if parameter.form == .raw || parameter.form == .keyed { return [.text(text)] }
        guard parameter.form == .list else { return [try parameter.field.checkQuery(text)] }
        var values: [Value] = []
        for piece in text.unicodeScalars.split(separator: ",", omittingEmptySubsequences: false) {
            values.append(try parameter.field.checkQuery(String(piece)))
        }
        return values
    }
}

extension Field {
    /// Checks a value that a query carries: always text, so it is read as the field's own type first.
    fileprivate func checkQuery(_ text: String) throws(Refusal) -> Value {
        let value: JSONValue =
            switch kind {
            case .id, .reference, .integer, .money: Decimal.isNumber(text) ? .number(text) : .string(text)
            case .boolean: text == "true" ? .boolean(true) : text == "false" ? .boolean(false) : .string(text)
            default: .string(text)
            }
        let checked = try check(value)
        guard checked != .null else { throw Refusal(name, "is required.") }
        return checked
    }
}
