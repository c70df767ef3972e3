/// Which members an object within a record has.
package indirect enum Shape: Sendable {
    case fields([Field])
    /// The text of one member, a `choice`, says which others there are beside those that there always are.
    case choice(by: Field, always: [Field] = [], [(value: String, shape: Shape)])
    /// What some members say decides what others must be. The fields are given twice: as they are in general, and
    /// exactly as they are for one object, which may be anything that a client sent.
    case depending([Field], exactly: @Sendable (JSONObject) -> [Field])
    /// The text of a member beside the object, of this name, says which members it has.
    case beside(String, [(value: String, shape: Shape)])

    /// The fields of an object of this shape; nil where the member that decides is none of its choices.
    package func fields(of object: JSONObject) -> [Field]? {
        switch self {
        case .fields(let fields):
            return fields
        case .choice(let field, let always, let choices):
            let text = object.text(field.name)
            let choice = choices.first { $0.value == text }
            return choice?.shape.fields(of: object).map { [field] + always + $0 }
        case .depending(_, let exactly):
            return exactly(object)
        case .beside:
            return nil
        }
    }

    /// Checks an object as a new record is checked: what did not come has its initial value, so that every object of
    /// this shape has all its members.
    ///
    /// - Parameters:
    ///   - object: as it came.
    ///   - current: the same object of the record as it is: members that are still the same are accepted.
    ///   - path: the object's own, as `steps.2`.
    ///   - problems: gains a message for each member that will not do.
    /// - Returns: what is stored and sent out again.
    func check(
        _ object: JSONObject, current: JSONObject? = nil, at path: String, _ problems: inout Problems,
    ) -> JSONObject {
        guard let fields = fields(of: object) else {
            decide(object, at: path, &problems)
            return JSONObject([])
        }
        for member in object where !fields.contains(where: { $0.name == member.name }) {
            let title = "\(path).\(member.name)".replacing("_", with: " ")
            problems.add("\(path).\(member.name)", "The \(title) field is unknown.")
        }
        let own = alike(current, object)
        return JSONObject(
            fields.filter { !$0.rules.contains(.readOnly) }.map { field in
                (field.name, field.within(path).checkMember(object[field.name], current: own?[field.name], &problems))
            }
        )
    }

    /// The record's own object, where its members mean the same: those that decide have not changed.
    private func alike(_ current: JSONObject?, _ object: JSONObject) -> JSONObject? {
        guard case .choice(let field, _, let choices) = self else { return current }
        let text = object.text(field.name)
        guard let choice = choices.first(where: { $0.value == text }), current?.text(field.name) == text else {
            return nil
        }
        return choice.shape.alike(current, object)
    }

    /// Says what is wrong with the member that decides, and with those that there are however it does.
    private func decide(_ object: JSONObject, at path: String, _ problems: inout Problems) {
        guard case .choice(let field, let always, let choices) = self else { return }
        for field in always { _ = field.within(path).checkMember(object[field.name], &problems) }
        let before = problems.messages.count
        guard case .string(let text) = field.within(path).checkMember(object[field.name], &problems),
            let choice = choices.first(where: { $0.value == text })
        else {
            if problems.messages.count == before {
                problems.add(Refusal(field.within(path).name, "is required.").problems)
            }
            return checkUndecided(object, at: path, &problems)
        }
        choice.shape.decide(object, at: path, &problems)
    }

    /// Where the deciding member is wrong, a member that every choice has is refused all the same if none of them takes
    /// what came. Objects within are passed over: each choice wants something else in them.
    private func checkUndecided(_ object: JSONObject, at path: String, _ problems: inout Problems) {
        guard case .choice(_, _, let choices) = self else { return }
        let members = choices.map { choice in if case .fields(let fields) = choice.shape { fields } else { [Field]() } }
        for field in members.first ?? [] where !field.isRecord {
            let refusals = members.compactMap { $0.first { $0.name == field.name } }.map { variant in
                var found = Problems()
                _ = variant.within(path).checkMember(object[field.name], &found)
                return found
            }
            if refusals.count == choices.count, refusals.allSatisfy({ !$0.isEmpty }) { problems.add(refusals[0]) }
        }
    }
}

extension Field {
    /// The same field as a member of an object at this path.
    package func within(_ path: String) -> Field { renamed("\(path).\(name)") }

    fileprivate var isRecord: Bool { if case .record = kind { true } else { false } }

    /// The same field, once a member beside it says which members it has; else as it is.
    ///
    /// - Parameter records: that it may be a member of; the first that says something counts.
    /// - Returns: the field.
    func decided(by records: JSONObject...) -> Field {
        guard case .record(.beside(let decider, let choices)) = kind,
            let text = records.lazy.compactMap({ $0.text(decider) }).first,
            let choice = choices.first(where: { $0.value == text })
        else { return self }
        return having(.record(choice.shape))
    }

    /// Checks the member of an object; adds to the problems where it will not do.
    fileprivate func checkMember(
        _ value: JSONValue?, current: JSONValue? = nil, _ problems: inout Problems,
    ) -> JSONValue {
        if rules.contains(.ignored) { return .null }
        if let value, value == current { return value }
        do throws(Refusal) {
            if value == nil && rules.contains(.present) { throw Refusal(name, "must be present.") }
            let checked = try value.map { json throws(Refusal) in try check(json, current: current) } ?? .null
            if checked == .null && rules.contains(.required) { throw Refusal(name, "is required.") }
            return json(checked == .null ? try initialValue() : checked)
        } catch {
            problems.add(error.problems)
            return .null
        }
    }

    /// Refuses a value with texts in it that will not do; it is given as it came, so that each is where the client looks
    /// for it.
    func checkTexts(in value: JSONValue) throws(Refusal) {
        guard let textObjection else { return }
        var problems = Problems()
        for (path, text) in value.texts(at: name) {
            if let rule = textObjection(text) { problems.add(Refusal(path, rule).problems) }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
    }

    /// The value of a member that was not sent. An initial object is checked like one that was, so that it has all its
    /// members and the required ones are missed.
    private func initialValue() throws(Refusal) -> Value {
        guard case .record = kind, case .object(let object) = initial else { return initial }
        return try check(.object(object))
    }

    /// A checked value as JSON, as it is sent out.
    package func json(_ value: Value) -> JSONValue {
        switch (kind, value) {
        case (_, .null): .null
        case (.boolean, .integer(let number)): .boolean(number != 0)
        case (.money, .integer(let number)): .number(Decimal.hundredths(number))
        case (.time, .integer(let number)): .string(Timestamp.text(number))
        case (_, .integer(let number)): .number(String(number))
        case (_, .text(let text)): .string(text)
        case (_, .names(let names)): .array(names.map { .string($0) })
        case (_, .array(let values)): .array(values)
        case (_, .object(let object)): .object(object)
        case (_, .json(let value)): value
        }
    }

    func either(_ value: JSONValue, _ kinds: [Kind]) throws(Refusal) -> Value {
        for kind in kinds {
            if let checked = try? having(kind).check(value) { return checked }
        }
        throw Refusal(name, "must be of another type.")
    }

    func record(_ value: JSONValue, _ shape: Shape, _ current: JSONValue?) throws(Refusal) -> Value {
        guard case .object(let object) = value else { throw Refusal(name, "must be an object.") }
        let own: JSONObject? = if case .object(let own) = current { own } else { nil }
        var problems = Problems()
        let checked = shape.check(object, current: own, at: name, &problems)
        guard problems.isEmpty else { throw Refusal(problems) }
        return .object(checked)
    }

    func records(_ value: JSONValue, _ shape: Shape, _ most: Int, _ current: JSONValue?) throws(Refusal) -> Value {
        guard case .array(let items) = value else { throw Refusal(name, "must be an array.") }
        guard items.count <= most else { throw Refusal(name, "must not have more than \(most) items.") }
        var problems = Problems()
        var records: [JSONValue] = []
        for (index, item) in items.enumerated() {
            guard case .object(let object) = item else {
                problems.add(Refusal("\(name).\(index)", "must be an object.").problems)
                continue
            }
            let own = shape.withSecrets(of: object, in: current)
            records.append(.object(shape.check(object, current: own, at: "\(name).\(index)", &problems)))
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        return .array(records)
    }
}

extension JSONValue {
    /// Every text in it, by its dotted path.
    fileprivate func texts(at path: String) -> [(path: String, text: String)] {
        switch self {
        case .string(let text): [(path, text)]
        case .array(let items): items.enumerated().flatMap { $0.element.texts(at: "\(path).\($0.offset)") }
        case .object(let object): object.flatMap { $0.value.texts(at: "\(path).\($0.name)") }
        case .null, .boolean, .number: []
        }
    }
}

// MARK: - Secrets in lists

extension Shape {
    /// The first item of the record's own list that has the same texts as its secrets: where they are masks, those are
    /// the record's. Nil where the object has no secrets.
    fileprivate func withSecrets(of object: JSONObject, in current: JSONValue?) -> JSONObject? {
        let sent = secrets(in: object)
        guard !sent.isEmpty, case .array(let items) = current else { return nil }
        return items.lazy.compactMap { if case .object(let own) = $0 { own } else { nil } }
            .first { secrets(in: $0) == sent }
    }

    private func secrets(in object: JSONObject) -> [JSONValue] {
        (fields(of: object) ?? []).flatMap { field -> [JSONValue] in
            switch (field.kind, object[field.name]) {
            case (.record(let shape), .object(let member)): shape.secrets(in: member)
            case (_, let value?) where field.rules.contains(.secret) && value != .null: [value]
            default: []
            }
        }
    }
}

extension JSONObject {
    /// A member's text as a checked field holds it; nil where it is no text.
    package func text(_ name: String) -> String? {
        guard case .string(let text) = self[name], !Text.stacksMarks(text) else { return nil }
        return Text.normalized(text)
    }
}

// MARK: - References

/// A place in a body that names another record of the workspace.
package struct Mention: Equatable {
    /// Dotted, as `steps.2.config.user_id`.
    package let path: String
    package let reference: Field.Reference
    package let target: Target

    package enum Target: Equatable {
        case id(Int64)
        /// Folded.
        case name(String)
    }
}

extension Field {
    /// Every record that a value of this field names; where it was not checked, or would not do, what is wrong in it
    /// names none.
    package func mentions(in value: JSONValue) -> [Mention] {
        switch (kind, value) {
        case (.reference(let reference), .number(let text)):
            return Int64(text).map { [Mention(path: name, reference: reference, target: .id($0))] } ?? []
        case (.referenceByName(let reference, _), .string(let text)) where !Text.stacksMarks(text):
            return [Mention(path: name, reference: reference, target: .name(Text.folded(Text.normalized(text))))]
        case (.references(let reference, let most), .array(let items)):
            let field = Field("", .reference(reference), about: "")
            return items.prefix(most).enumerated().flatMap {
                field.renamed("\(name).\($0.offset)").mentions(in: $0.element)
            }
        case (.record(let shape), .object(let object)):
            return shape.mentions(in: object, at: name)
        case (.records(let shape, let most), .array(let items)):
            return items.prefix(most).enumerated().flatMap { index, item -> [Mention] in
                guard case .object(let object) = item else { return [] }
                return shape.mentions(in: object, at: "\(name).\(index)")
            }
        default:
            return []
        }
    }
}

extension Shape {
    fileprivate func mentions(in object: JSONObject, at path: String) -> [Mention] {
        (fields(of: object) ?? []).flatMap { field in
            field.within(path).mentions(in: object[field.name] ?? .null)
        }
    }
}
