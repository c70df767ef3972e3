import Foundation
import HTTP

@testable import LeadHub

/// Checks values against schemas as the document has them: the part of JSON Schema 2020-12 that it uses. A keyword that
/// this does not know is a problem too, so that none goes unchecked.
struct SchemaChecker {
    /// The document that references lead into.
    let document: JSONValue

    /// What is wrong, each with the path of where; empty for a value that fits.
    func problems(_ value: JSONValue, _ schema: JSONValue, at path: String = "$") -> [String] {
        guard case .object(let keywords) = schema else {
            return schema == false ? ["\(path) must not be there"] : []
        }
        return keywords.flatMap { keyword, argument in
            problems(value, keyword, argument, schema).map { $0.hasPrefix("$") ? $0 : "\(path) \($0)" }
                .map { $0.replacing("$$", with: path) }
        }
    }

    func fits(_ value: JSONValue, _ schema: JSONValue) -> Bool { problems(value, schema).isEmpty }

    /// What a reference leads to; the value itself where it is none.
    func resolved(_ value: JSONValue) -> JSONValue? {
        guard case .string(let reference) = value["$ref"] else { return value }
        guard reference.hasPrefix("#/") else { return nil }
        return reference.split(separator: "/").dropFirst().reduce(document as JSONValue?) { $0?[String($1)] }
    }

    private func problems(
        _ value: JSONValue, _ keyword: String, _ argument: JSONValue, _ schema: JSONValue,
    ) -> [String] {
        switch keyword {
        case "description", "title", "examples", "default", "readOnly":
            return []
        case "$ref":
            return resolved(schema).map { problems(value, $0, at: "$$") } ?? ["names what is not there: \(argument)"]
        case "type":
            let types = argument.elements.isEmpty ? [argument] : argument.elements
            return types.contains { matches(value, type: $0.string ?? "") }
                ? [] : ["is \(value), no \(argument.minified)"]
        case "const":
            return value == argument ? [] : ["is not \(argument.minified)"]
        case "enum":
            return argument.elements.contains(value) ? [] : ["is none of \(argument.minified)"]
        case "anyOf":
            return argument.elements.contains { fits(value, $0) } ? [] : ["fits none of anyOf"]
        case "oneOf":
            let count = argument.elements.count { fits(value, $0) }
            return count == 1 ? [] : ["fits \(count) of oneOf"]
        default:
            break
        }
        switch value {
        case .string(let text): return problems(text, keyword, argument)
        case .number(let text): return problems(number: text, keyword, argument)
        case .array(let items): return problems(items, keyword, argument)
        case .object(let object): return problems(object, keyword, argument, schema)
        case .null, .boolean: return []
        }
    }

    private func matches(_ value: JSONValue, type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.boolean, "boolean"), (.string, "string"), (.number, "number"), (.array, "array"),
            (.object, "object"):
            true
        case (.number(let text), "integer"): Double(text).map { $0 == $0.rounded() } ?? false
        default: false
        }
    }

    private func problems(_ text: String, _ keyword: String, _ argument: JSONValue) -> [String] {
        let count = text.unicodeScalars.count
        switch keyword {
        case "minLength": return count >= argument.count ? [] : ["is too short"]
        case "maxLength": return count <= argument.count ? [] : ["is too long"]
        case "pattern":
            let pattern = try? Regex(argument.string ?? "[").matchingSemantics(.unicodeScalar)
            let found = pattern.flatMap { try? $0.firstMatch(in: text) }
            return found == nil ? ["does not match \(argument.minified): \(text.debugDescription)"] : []
        case "format":
            return hasFormat(text, argument.string ?? "") ? [] : ["is no \(argument.minified): \(text)"]
        default: return Self.ofOthers.contains(keyword) ? [] : ["has an unknown keyword \(keyword)"]
        }
    }

    private func hasFormat(_ text: String, _ format: String) -> Bool {
        switch format {
        case "date-time":
            text.wholeMatch(of: /\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)/) != nil
                && Timestamp.seconds(text) != nil
        case "date": text.wholeMatch(of: /\d{4}-\d\d-\d\d/) != nil && Timestamp.seconds(text) != nil
        case "idn-email": text.wholeMatch(of: /[^@\s]+@[^@\s.]+(\.[^@\s.]+)+/) != nil
        case "uri": URL(string: text)?.scheme != nil
        case "password": true
        default: false
        }
    }

    private func problems(number text: String, _ keyword: String, _ argument: JSONValue) -> [String] {
        guard let number = Foundation.Decimal(string: text) else { return ["is no number"] }
        let limit = Foundation.Decimal(string: argument.minified) ?? 0
        switch keyword {
        case "minimum": return number >= limit ? [] : ["is below \(limit)"]
        case "maximum": return number <= limit ? [] : ["is above \(limit)"]
        case "multipleOf": return Field("n", .money(.min ... .max), about: "").takes(.number(text)) ? [] : ["is odd"]
        case "format": return []
        default: return Self.ofOthers.contains(keyword) ? [] : ["has an unknown keyword \(keyword)"]
        }
    }

    private func problems(_ items: [JSONValue], _ keyword: String, _ argument: JSONValue) -> [String] {
        switch keyword {
        case "items": return items.enumerated().flatMap { problems($0.element, argument, at: "$$.\($0.offset)") }
        case "minItems": return items.count >= argument.count ? [] : ["has too few items"]
        case "maxItems": return items.count <= argument.count ? [] : ["has too many items"]
        default: return Self.ofOthers.contains(keyword) ? [] : ["has an unknown keyword \(keyword)"]
        }
    }

    private func problems(
        _ object: JSONObject, _ keyword: String, _ argument: JSONValue, _ schema: JSONValue,
    ) -> [String] {
        switch keyword {
        case "properties":
            return argument.names.flatMap { name in
                object[name].map { problems($0, argument[name] ?? true, at: "$$.\(name)") } ?? []
            }
        case "required":
            return argument.elements.compactMap(\.string).filter { object[$0] == nil }.map { "has no \($0)" }
        case "patternProperties": return []
        case "additionalProperties":
            let patterns = (schema["patternProperties"]?.names ?? []).compactMap { try? Regex($0) }
            return object.flatMap { member -> [String] in
                let isKnown =
                    schema["properties"]?[member.name] != nil
                    || patterns.contains { member.name.contains($0) }
                return isKnown ? [] : problems(member.value, argument, at: "$$.\(member.name)")
            }
        case "propertyNames": return object.flatMap { problems(.string($0.name), argument, at: "$$ key") }
        case "maxProperties": return object.count <= argument.count ? [] : ["has too many members"]
        default: return Self.ofOthers.contains(keyword) ? [] : ["has an unknown keyword \(keyword)"]
        }
    }

    /// Keywords that say nothing of values of another type.
    private static let ofOthers: Set = [
        "properties", "required", "patternProperties", "additionalProperties", "propertyNames", "maxProperties",
        "items", "minItems", "maxItems", "minimum", "maximum", "multipleOf", "minLength", "maxLength", "pattern",
        "format",
    ]
}

extension JSONValue {
    fileprivate var count: Int { Int(integer ?? 0) }
}
