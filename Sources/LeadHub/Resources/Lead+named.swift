import HTTP

extension Lead {
    /// How a custom field is named where fields of leads are: by its key behind this.
    static let customFieldPrefix = "custom_fields."

    /// Code points of a custom field's key.
    static let customFieldKeyLength = 1...64

    /// The field that a form, a step or a text names: one of the declared ones, or a custom field under its own name,
    /// as `custom_fields.budget`; nil where there can be no such field.
    static func field(named name: String) -> Field? {
        guard let key = Text.behind(customFieldPrefix, in: name) else { return fields.first { $0.name == name } }
        guard customFieldKeyLength.contains(key.unicodeScalars.count), key == Text.normalized(key),
            !Text.hasControlCharacter(key)
        else { return nil }
        return Field(name, .scalar, about: "What this workspace wants to know beside.")
    }
}
