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
    }

    package init(_ field: Field, _ form: Form = .single) {
        self.field = field
        self.form = form
    }
}

/// A query after it was checked against a route's parameters.
package struct Query {
    private var values: [String: [Value]] = [:]
    /// What was sent but `page`, as it was sent: links carry it on.
    private let carried: [Substring]
    private let path: Substring

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
        var problems = Problems()
        for item in sent {
            guard let parameter = parameters.first(where: { $0.field.name == item.name }) else {
                problems.add(item.name, "The \(item.name.replacing("_", with: " ")) parameter is unknown.")
                continue
            }
            guard values[item.name] == nil else {
                problems.add(item.name, "The \(item.name.replacing("_", with: " ")) parameter comes more than once.")
                continue
            }
            do throws(Refusal) {
                values[item.name] = try Query.values(item.value, parameter)
            } catch {
                problems.add(error.problems)
            }
        }
        guard problems.isEmpty else { throw .validationFailed(problems) }
        carried = sent.filter { $0.name != "page" }.map(\.raw)
    }

    /// The parameter's values; empty where it did not come.
    package func texts(_ name: String) -> [String] {
        (values[name] ?? []).compactMap { if case .text(let text) = $0 { text } else { nil } }
    }

    package func integer(_ name: String) -> Int64? {
        if case .integer(let number) = values[name]?.first { number } else { nil }
    }

    /// The address of another page of the same list; `origin` is scheme and authority, without a slash at
    /// the end.
    package func link(origin: String, page: Int64) -> String {
        "\(origin)\(path)?" + (carried.map(String.init) + ["page=\(page)"]).joined(separator: "&")
    }

    private static func values(_ text: String, _ parameter: Parameter) throws(Refusal) -> [Value] {
        guard parameter.form == .list else { return [try parameter.field.checkQuery(text)] }
        var values: [Value] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
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
