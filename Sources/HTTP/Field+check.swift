/// Why a value does not do: messages for people, each with the field's path or that of a nested one.
struct Refusal: Error {
    private(set) var problems = Problems()

    init(_ path: String, _ rule: String) {
        problems.add(path, "The \(path.replacing("_", with: " ")) field \(rule)")
    }

    init(selected path: String) {
        problems.add(path, "The selected \(path.replacing("_", with: " ")) is invalid.")
    }

    /// - Parameter problems: at least one.
    init(_ problems: Problems) {
        self.problems = problems
    }
}

extension Field {
    /// Whether a value will do.
    package func takes(_ value: JSONValue) -> Bool { (try? check(value)) != nil }

    /// Turns a JSON value into what the column holds. The messages follow Laravel's wording.
    ///
    /// - Parameters:
    ///   - value: as it came.
    ///   - current: the record's own: what an object has of it unchanged is accepted, whatever it is, and so are the
    ///     masks of a list's secrets, in whatever order its items come.
    /// - Returns: what the column holds.
    /// - Throws: `Refusal` for a value of another type or past the field's limits.
    func check(_ value: JSONValue, current: JSONValue? = nil) throws(Refusal) -> Value {
        let checked = try checkKind(value, current)
        if rules.contains(.secret), case .text(let text) = checked, Mask.isMask(text) {
            throw Refusal(name, "must be the secret itself, not its mask.")
        }
        if rules.contains(.required) && (checked == .array([]) || checked == .names([])) {
            throw Refusal(name, "is required.")
        }
        if checked != .null, let rule = objection?(checked) { throw Refusal(name, rule) }
        try checkTexts(in: value)
        return checked
    }

    private func checkKind(_ value: JSONValue, _ current: JSONValue?) throws(Refusal) -> Value {
        switch (kind, value) {
        case (_, .null): .null
        case (.text(let length), _): try text(value, length)
        case (.email, _): try email(value)
        case (.phone(let most), _): try phone(value, most)
        case (.color, _): try color(value)
        case (.choice(let choices), _): try choice(value, choices)
        case (.choices(let choices), _): try names(value, 1...255, choices.count, among: choices)
        case (.integer(let range), _): try integer(value, range)
        case (.money(let range), _): try money(value, range)
        case (.boolean, .boolean(let isTrue)): .integer(isTrue ? 1 : 0)
        case (.boolean, _): throw Refusal(name, "must be true or false.")
        case (.time, _): try time(value)
        case (.id, _), (.reference, _): try integer(value, 1...Int64.max)
        case (.url, _), (.address, _): try url(value)
        case (.slug(let length), _): try slug(value, length)
        case (.references(_, let most), _): try ids(value, most)
        case (.referenceByName(_, let length), _): try text(value, length)
        case (.scalar, _): try scalar(value)
        case (.either(let kinds), _): try either(value, kinds)
        case (.record(let shape), _): try record(value, shape, current)
        case (.records(let shape, let most), _): try records(value, shape, most, current)
        case (.names(let length, let most), _): try names(value, length, most)
        case (.object(let limits), _): try object(value, limits)
        }
    }

    private func string(_ value: JSONValue, _ path: String? = nil) throws(Refusal) -> String {
        let path = path ?? name
        guard case .string(let raw) = value else { throw Refusal(path, "must be a string.") }
        guard !Text.stacksMarks(raw) else { throw Refusal(path, "must not stack more than 30 marks on a character.") }
        let text = Text.normalized(raw)
        guard !Text.hasControlCharacter(text) else {
            throw Refusal(path, "must not contain control characters.")
        }
        return text
    }

    private func text(
        _ value: JSONValue, _ length: ClosedRange<Int>, _ path: String? = nil,
    ) throws(Refusal) -> Value {
        let normalized = try string(value, path)
        guard !normalized.isEmpty else { return .null }
        var text = normalized
        // A secret is what others have too: each space counts.
        if rules.contains(.secret), case .string(let raw) = value, !Mask.isMask(normalized) { text = raw }
        let count = text.unicodeScalars.count
        guard count <= length.upperBound else {
            throw Refusal(path ?? name, "must not be greater than \(length.upperBound) characters.")
        }
        guard count >= length.lowerBound else {
            throw Refusal(path ?? name, "must be at least \(length.lowerBound) characters.")
        }
        return .text(text)
    }

    private func requiredText(
        _ value: JSONValue, _ length: ClosedRange<Int>, _ path: String,
    ) throws(Refusal) -> String {
        guard case .text(let text) = try text(value, length, path) else { throw Refusal(path, "is required.") }
        return text
    }

    private func scalar(_ value: JSONValue) throws(Refusal) -> Value {
        switch value {
        case .string:
            let text = try string(value)
            return text.isEmpty ? .null : .json(.string(text))
        case .number, .boolean:
            return .json(value)
        default:
            throw Refusal(name, "must be text, a number or a boolean.")
        }
    }

    private func email(_ value: JSONValue) throws(Refusal) -> Value {
        let checked = try text(value, 1...254)
        guard case .text(let address) = checked else { return checked }
        // Code point by code point: a mark behind an `@` makes it another character for Swift, and for nobody else.
        let parts = address.unicodeScalars.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Refusal(name, "must be a valid email address.") }
        let atoms = parts[0].split(separator: ".", omittingEmptySubsequences: false)
        let labels = parts[1].split(separator: ".", omittingEmptySubsequences: false)
        guard labels.count >= 2, labels.allSatisfy(Field.isDomainLabel), !atoms.contains(where: \.isEmpty),
            !address.unicodeScalars.contains(where: {
                $0.properties.isWhitespace || "<>()[],;:\\\"".unicodeScalars.contains($0)
            })
        else { throw Refusal(name, "must be a valid email address.") }
        return checked
    }

    /// Letters of any script with their marks, digits, and hyphens within (RFC 5890 §2.3.1, RFC 5892).
    private static func isDomainLabel(_ label: Substring.UnicodeScalarView) -> Bool {
        guard let first = label.first, let last = label.last, first != "-", last != "-",
            !first.properties.isGraphemeExtend, !last.properties.isJoinControl
        else { return false }
        return label.allSatisfy { scalar in
            let properties = scalar.properties
            return scalar == "-" || properties.isAlphabetic || properties.isJoinControl
                || [.nonspacingMark, .spacingMark, .decimalNumber, .otherNumber].contains(properties.generalCategory)
        }
    }

    private func phone(_ value: JSONValue, _ most: Int) throws(Refusal) -> Value {
        let checked = try text(value, 1...most)
        guard case .text(let number) = checked else { return checked }
        guard Text.digits(number).count >= 5 else { throw Refusal(name, "must have at least 5 digits.") }
        return checked
    }

    private func color(_ value: JSONValue) throws(Refusal) -> Value {
        let checked = try text(value, 1...255)
        guard case .text(let color) = checked else { return checked }
        guard color.utf8.count == 7, color.first == "#", color.dropFirst().allSatisfy(\.isHexDigit) else {
            throw Refusal(name, "must be a valid hexadecimal color.")
        }
        return checked
    }

    private func url(_ value: JSONValue) throws(Refusal) -> Value {
        let checked = try text(value, 1...2_048)
        guard case .text(let address) = checked else { return checked }
        // A host, by its name or as a number in brackets (RFC 3986 §3.2.2), and a port. No user: addresses are shown.
        let form =
            #/
            (?i: https? ) ://
            (?: [^ \/ ? \# \s \\ @ : " < > \^ ` \{ | \} \[ \] ]+
            | \[ [0-9A-Fa-f]{0,4} (?: : [0-9A-Fa-f]{0,4} ){2,7} (?: (?: \. [0-9]{1,3} ){3} )? \] )
            (?: : ([0-9]{0,5}) )?
            (?: [ \/ ? \# ] [^ \s \\ " < > \^ ` \{ | \} ]* )?
            /#.matchingSemantics(.unicodeScalar)
        guard let match = address.wholeMatch(of: form), match.1.flatMap({ Int($0) }) ?? 0 <= Field.highestPort else {
            throw Refusal(name, "must be a valid URL.")
        }
        return checked
    }

    private static let highestPort = 65_535

    private func slug(_ value: JSONValue, _ length: ClosedRange<Int>) throws(Refusal) -> Value {
        let checked = try text(value, length)
        guard case .text(let slug) = checked else { return checked }
        guard slug.wholeMatch(of: /[a-z0-9]+(-+[a-z0-9]+)*/) != nil else {
            throw Refusal(name, "must be lower-case letters, digits and hyphens within.")
        }
        return checked
    }

    private func ids(_ value: JSONValue, _ most: Int) throws(Refusal) -> Value {
        guard case .array(let items) = value else { throw Refusal(name, "must be an array.") }
        guard items.count <= most else { throw Refusal(name, "must not have more than \(most) items.") }
        var ids: [JSONValue] = []
        var problems = Problems()
        for (index, item) in items.enumerated() {
            do throws(Refusal) {
                let id = Field("\(name).\(index)", .id, about: "")
                guard item != .null else { throw Refusal(id.name, "must be an integer.") }
                let checked = id.json(try id.check(item))
                if !ids.contains(checked) { ids.append(checked) }
            } catch {
                problems.add(error.problems)
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        return .array(ids)
    }

    private func choice(_ value: JSONValue, _ choices: [String]) throws(Refusal) -> Value {
        let text = try string(value)
        guard !text.isEmpty else { return .null }
        guard choices.contains(text) else { throw Refusal(selected: name) }
        return .text(text)
    }

    private func integer(_ value: JSONValue, _ range: ClosedRange<Int64>) throws(Refusal) -> Value {
        guard case .number(let text) = value, let scaled = Decimal.scaled(text, digits: 0) else {
            throw Refusal(name, "must be an integer.")
        }
        return .integer(try within(range, scaled, written: String.init))
    }

    private func money(_ value: JSONValue, _ range: ClosedRange<Int64>) throws(Refusal) -> Value {
        guard case .number(let text) = value else { throw Refusal(name, "must be a number.") }
        guard let hundredths = Decimal.scaled(text, digits: 2) else {
            throw Refusal(name, "must have 0-2 decimal places.")
        }
        return .integer(try within(range, hundredths, written: Decimal.hundredths))
    }

    private func within(
        _ range: ClosedRange<Int64>, _ number: Decimal.Scaled, written: (Int64) -> String,
    ) throws(Refusal) -> Int64 {
        switch number {
        case .number(let number) where range.contains(number): return number
        // Nothing is too large where there is no limit: a page past the last, an id that no record has.
        case .tooLarge where range.upperBound == .max: return .max
        case _ where range.upperBound == .max: throw Refusal(name, "must be at least \(written(range.lowerBound)).")
        default: break
        }
        throw Refusal(name, "must be between \(written(range.lowerBound)) and \(written(range.upperBound)).")
    }

    private func time(_ value: JSONValue) throws(Refusal) -> Value {
        guard case .string(let text) = value,
            let seconds = Timestamp.seconds(Text.normalized(text), roundsUp: rules.contains(.roundedUp))
        else { throw Refusal(name, "must be a valid date.") }
        return .integer(seconds)
    }

    /// A name that comes twice counts once; of names that are compared folded the first spelling stays.
    private func names(
        _ value: JSONValue, _ length: ClosedRange<Int>, _ most: Int, among choices: [String]? = nil,
    ) throws(Refusal) -> Value {
        guard case .array(let items) = value else { throw Refusal(name, "must be an array.") }
        let isExact = choices != nil || rules.contains(.exact)
        var names: [String] = []
        var seen: Set<String> = []
        var problems = Problems()
        for (index, item) in items.enumerated() where !problems.isFull {
            do throws(Refusal) {
                let path = "\(name).\(index)"
                let text = try requiredText(item, length, path)
                if choices?.contains(text) == false { throw Refusal(selected: path) }
                if seen.insert(isExact ? text : Text.folded(text)).inserted { names.append(text) }
            } catch {
                problems.add(error.problems)
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        guard names.count <= most else { throw Refusal(name, "must not have more than \(most) items.") }
        return .names(names)
    }

    private func object(_ value: JSONValue, _ limits: ObjectLimits) throws(Refusal) -> Value {
        guard case .object(let given) = value else { throw Refusal(name, "must be an object.") }
        // A key that is taken away takes no room.
        guard given.count(where: { $0.value != .null }) <= limits.keys else {
            throw Refusal(name, "must not have more than \(limits.keys) keys.")
        }
        var members: [(name: String, value: JSONValue)] = []
        var keys: Set<String> = []
        var problems = Problems()
        for member in given where !problems.isFull {
            do throws(Refusal) {
                let key = try objectKey(member.name, limits.keyLength)
                guard keys.insert(key).inserted else {
                    throw Refusal("\(name).\(key)", "comes more than once.")
                }
                members.append((key, limits.isNested ? member.value : try objectValue(member.value, key)))
            } catch {
                problems.add(error.problems)
            }
        }
        guard problems.isEmpty else { throw Refusal(problems) }
        let object = JSONObject(members)
        guard JSONValue.object(object).minified.utf8.count <= limits.sizeInBytes else {
            throw Refusal(name, "must not be greater than \(limits.sizeInBytes / 1024) kilobytes.")
        }
        return .object(object)
    }

    /// A key has no path of its own that a client could look for: its object's stands for it.
    private func objectKey(_ raw: String, _ length: ClosedRange<Int>) throws(Refusal) -> String {
        let key = Text.stacksMarks(raw) ? "" : Text.normalized(raw)
        guard length.contains(key.unicodeScalars.count), !Text.hasControlCharacter(key) else {
            throw Refusal(
                name,
                "must have keys of \(length.lowerBound) to \(length.upperBound) characters, none a control character.",
            )
        }
        return key
    }

    private func objectValue(_ value: JSONValue, _ key: String) throws(Refusal) -> JSONValue {
        switch value {
        case .string(let text) where Text.isBlank(text): .null
        case .string: .string(try string(value, "\(name).\(key)"))
        case .null, .boolean, .number: value
        case .array, .object: throw Refusal("\(name).\(key)", "must be text, a number, a boolean or null.")
        }
    }
}
