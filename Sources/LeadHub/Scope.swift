/// What a key may be allowed; a route needs one of them.
package enum Scope: String, CaseIterable, Sendable {
    case readLeads = "read:leads"
    case writeLeads = "write:leads"
    case deleteLeads = "delete:leads"
    case readPipelines = "read:pipelines"
    case writePipelines = "write:pipelines"
    case readTags = "read:tags"
    case writeTags = "write:tags"
    case readUsers = "read:users"
    case writeUsers = "write:users"
    case deleteUsers = "delete:users"
    case readForms = "read:forms"
    case writeForms = "write:forms"
    case deleteForms = "delete:forms"
    case readAutomations = "read:automations"
    case writeAutomations = "write:automations"
    case deleteAutomations = "delete:automations"
    case readIntegrations = "read:integrations"
    case writeIntegrations = "write:integrations"
}

/// The scopes and wildcards that a key was given, as its row keeps them: separated by spaces.
package struct Grants: Sendable {
    private let names: [Substring]

    /// The names that stand for several scopes.
    package static let wildcards = ["read:*", "write:*", "delete:*", "*"]

    /// - Parameter text: names separated by spaces.
    package init(_ text: String) {
        names = text.split(separator: " ")
    }

    /// The names that are neither a scope nor a wildcard.
    package var unknown: [String] {
        names.map(String.init).filter { Scope(rawValue: $0) == nil && !Grants.wildcards.contains($0) }
    }

    package func allows(_ scope: Scope) -> Bool {
        names.contains { name in
            name == scope.rawValue || name == "*" || (name.hasSuffix(":*") && scope.rawValue.hasPrefix(name.dropLast()))
        }
    }
}
