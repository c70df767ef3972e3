/// What stands in a page for people.
enum HTML {
    /// A text in the place of text, or of an attribute between double quotes. Code point by code point: a mark behind `<`
    /// hides it from nobody, and a client may call itself and us anything.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.map { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "\"": "&quot;"
            default: String(scalar)
            }
        }.joined()
    }
}
