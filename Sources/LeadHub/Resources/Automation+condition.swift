import HTTP

extension Automation {
    enum Operator: String, CaseIterable {
        case equals
        case notEquals = "not_equals"
        case contains
        case notContains = "not_contains"
        case isEmpty = "is_empty"
        case isNotEmpty = "is_not_empty"
        case greaterThan = "greater_than"
        case lessThan = "less_than"
        case hasTag = "has_tag"
        case lacksTag = "lacks_tag"
    }

    /// `{field, operator, value}`: what must hold of a lead for its run to go on.
    static let condition = Shape.depending([
        Field(
            "field", .text(1...78), .required,
            about: "A field of leads, `tags`, or `custom_fields.` and a custom field's key.",
        ),
        comparison(Operator.allCases),
        Field(
            "value", .scalar,
            about: """
                What the field is compared with: a number for `greater_than` and `less_than`, or a date where the field \
                is a time; the name of a tag for `has_tag` and `lacks_tag`; text for `contains` and `not_contains`; for \
                `equals` and `not_equals` what the field itself takes. `is_empty` and `is_not_empty` look at none.
                """,
        ),
    ]) { condition in
        guard let field = condition.text("field").flatMap(Lead.field) else {
            return [fieldName(nil), comparison(Operator.allCases), unread]
        }
        let operators = operators(on: field)
        let operation = operators.first { $0.rawValue == condition.text("operator") }
        return [fieldName(field), comparison(operators), operation.map { value(of: field, $0) } ?? unread]
    }

    /// The member `field` where it names this one, or none that there is.
    static func fieldName(_ field: Field?) -> Field {
        Field("field", .choice(field.map { [$0.name] } ?? []), .required, about: "A field of leads.")
    }

    private static func comparison(_ operators: [Operator]) -> Field {
        Field("operator", .choice(operators.map(\.rawValue)), .required, about: "How the field is compared.")
    }

    /// A value that is not looked at.
    private static let unread = Field("value", .scalar, .ignored, about: "Not looked at.")

    /// What can be asked of a field.
    private static func operators(on field: Field) -> [Operator] {
        let asked: [Operator] =
            switch field.kind {
            case .names: [.contains, .notContains, .hasTag, .lacksTag]
            case .object: []
            case .boolean: [.equals, .notEquals]
            case .choice, .email, .phone: [.equals, .notEquals, .contains, .notContains]
            case .id, .reference, .integer, .money, .time: [.equals, .notEquals, .greaterThan, .lessThan]
            default: [.equals, .notEquals, .contains, .notContains, .greaterThan, .lessThan]
            }
        return asked + [.isEmpty, .isNotEmpty]
    }

    private static func value(of field: Field, _ operation: Operator) -> Field {
        switch operation {
        case .isEmpty, .isNotEmpty:
            return unread
        case .hasTag, .lacksTag:
            return compared(with: .referenceByName(Field.Reference("tag"), 1...Tag.longestName))
        case .contains, .notContains:
            return compared(with: .text(1...255))
        case .greaterThan, .lessThan:
            if case .time = field.kind { return compared(with: .time) }
            return compared(with: .scalar).refusing { value in
                if case .json(.number) = value { nil } else { "must be a number." }
            }
        case .equals, .notEquals:
            // Leads keep the users that they were assigned to, and a condition may ask for those.
            return compared(with: field.name == "assigned_user_id" ? .reference(User.any) : field.kind)
        }
    }

    private static func compared(with kind: Field.Kind) -> Field {
        Field("value", kind, .required, about: "What the field is compared with.")
    }
}
