import HTTP
import Testing

/// What becomes of a value that a body brings for a field.
struct Checked {
    /// nil where it was refused, or null changes nothing.
    let value: Value?
    /// The envelope's `errors`, as JSON; empty where nothing was wrong.
    let errors: String

    /// The messages in `errors` where a single field is wrong.
    let messages: [String]

    /// Sends the value, written as JSON, in an update.
    init(_ json: String, _ field: Field) throws {
        let checked = try Checked.input("{\"\(field.name)\": \(json)}", [field], isNew: false)
        value = checked.input[field.name]
        errors = checked.errors
        messages = checked.messages
    }

    /// Checks a whole body.
    static func input(
        _ body: String, _ fields: [Field], isNew: Bool,
    ) throws -> (input: Input, errors: String, messages: [String]) {
        guard case .object(let object) = try JSONValue(parsing: Array(body.utf8)) else {
            throw Unexpected(text: body)
        }
        var problems = Problems()
        let input = Input(object, fields: fields, isNew: isNew, problems: &problems)
        return (input, try errors(problems), problems.messages)
    }

    /// The envelope's `errors` as JSON; empty where there is nothing wrong.
    static func errors(_ problems: Problems) throws -> String {
        try errors(HTTPError.validationFailed(problems))
    }

    /// The envelope's `errors` as JSON; empty where it has none.
    static func errors(_ error: HTTPError) throws -> String {
        guard case .object(let envelope) = try JSONValue(parsing: error.response.body) else {
            throw Unexpected(text: error.message)
        }
        return envelope["errors"]?.minified ?? ""
    }
}

struct Unexpected: Error {
    let text: String
}

/// A JSON string.
func quoted(_ text: String) -> String { JSONValue.string(text).minified }

func many(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }
