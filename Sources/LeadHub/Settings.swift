import Foundation
import Logging

/// Everything that an operator can set: by a line `KEY=value` in the settings file, or by an environment
/// variable of the same name, which wins. Adding one is a row in `all` and, where code needs it, a property.
package struct Settings: Sendable {
    package struct Setting: Sendable {
        package let name: String
        /// nil where it is unset by default.
        package let initial: String?
        package let description: String
    }

    package static let all = [
        Setting(
            name: "LEADHUB_DATABASE", initial: "/var/lib/leadhub/leadhub.db",
            description: "Path of the database; its log and its lock stand beside it.",
        ),
        Setting(
            name: "LEADHUB_COUNTERS", initial: "/var/lib/leadhub/counters",
            description: "Path of the table of rate-limit counters.",
        ),
        Setting(
            name: "LEADHUB_SECRET_KEY_FILE", initial: nil,
            description:
                "Path of a file of 32 random bytes, the key of all secrets in the database; keep a copy apart. By "
                + "default systemd's credential secret-key; without it secrets can be neither kept nor used.",
        ),
        Setting(
            name: "LEADHUB_LOG_LEVEL", initial: "info",
            description: "The least that is logged: trace, debug, info, notice, warning, error or critical.",
        ),
        Setting(
            name: "LEADHUB_BASE_URL", initial: nil,
            description: "Scheme and host of links, as https://crm.example.com; by default those of the request.",
        ),
        Setting(
            name: "LEADHUB_CORS_ORIGINS", initial: nil,
            description: "Origins whose web pages may call the API, separated by commas; * for all. By default none.",
        ),
        Setting(
            name: "LEADHUB_OUTGOING_PRIVATE_NETWORKS", initial: "refuse",
            description:
                "Whether addresses in integrations may lead to this machine and private networks: allow or refuse.",
        ),
    ]

    /// Read where no file is named; it need not be there.
    package static let defaultFile = "/etc/leadhub/leadhub.conf"

    package let database: String
    package let counters: String
    package let secretKeyFile: String?
    package let logLevel: Logger.Level
    /// Without a slash at its end.
    package let baseURL: String?
    package let crossOrigin: CrossOrigin
    package let allowsPrivateNetworks: Bool

    /// - Parameters:
    ///   - file: the settings file that was named; nil for the default one.
    ///   - environment: of the process.
    /// - Throws: `SettingsError` for a file that cannot be read, a name that does not exist, a value that will not do.
    package init(file: String?, environment: [String: String]) throws(SettingsError) {
        var values = try Settings.read(file ?? Settings.defaultFile, isOptional: file == nil)
        for setting in Settings.all {
            let value = environment[setting.name] ?? values[setting.name] ?? ""
            values[setting.name] = value.isEmpty ? setting.initial : value
        }
        func path(_ name: String) throws(SettingsError) -> String {
            guard let value = values[name], value.hasPrefix("/") else {
                throw .invalid(name, "must be an absolute path")
            }
            return value
        }
        database = try path("LEADHUB_DATABASE")
        counters = try path("LEADHUB_COUNTERS")
        let credentials = environment["CREDENTIALS_DIRECTORY"]
        secretKeyFile =
            values["LEADHUB_SECRET_KEY_FILE"] == nil
            ? credentials.map { "\($0)/secret-key" } : try path("LEADHUB_SECRET_KEY_FILE")
        guard let level = values["LEADHUB_LOG_LEVEL"].flatMap(Logger.Level.init(rawValue:)) else {
            throw .invalid("LEADHUB_LOG_LEVEL", "must be trace, debug, info, notice, warning, error or critical")
        }
        logLevel = level
        baseURL = try values["LEADHUB_BASE_URL"].map(Settings.origin)
        crossOrigin = CrossOrigin(values["LEADHUB_CORS_ORIGINS"])
        guard let networks = values["LEADHUB_OUTGOING_PRIVATE_NETWORKS"], ["allow", "refuse"].contains(networks) else {
            throw .invalid("LEADHUB_OUTGOING_PRIVATE_NETWORKS", "must be allow or refuse")
        }
        allowsPrivateNetworks = networks == "allow"
    }

    private static func origin(_ text: String) throws(SettingsError) -> String {
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host() != nil,
            url.path().isEmpty || url.path() == "/", url.query() == nil, url.fragment() == nil, url.user() == nil
        else { throw .invalid("LEADHUB_BASE_URL", "must be a scheme and a host, as https://crm.example.com") }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// The file's form is that of systemd's EnvironmentFile (systemd.exec(5)) without its line continuations:
    /// both read the same file.
    private static func read(_ file: String, isOptional: Bool) throws(SettingsError) -> [String: String] {
        guard !isOptional || FileManager.default.fileExists(atPath: file) else { return [:] }
        guard access(file, R_OK) == 0 else { throw .unreadable(file, String(cString: strerror(errno))) }
        guard let data = FileManager.default.contents(atPath: file), let text = String(data: data, encoding: .utf8)
        else { throw .unreadable(file, "it is not text in UTF-8") }
        var values: [String: String] = [:]
        for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") || line.hasPrefix(";") { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let name = parts.first?.trimmingCharacters(in: .whitespaces),
                let value = parts.last,
                !value.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            else { throw .malformed(file, line: number + 1) }
            guard all.contains(where: { $0.name == name }) else { throw .unknown(name, file, line: number + 1) }
            values[name] = unquoted(value)
        }
        return values
    }

    private static func unquoted(_ value: Substring) -> String {
        let value = value.trimmingCharacters(in: .whitespaces)
        guard value.count >= 2, let quote = value.first, quote == "\"" || quote == "'", value.last == quote else {
            return value
        }
        return String(value.dropFirst().dropLast())
    }
}

/// What is wrong with the settings.
package enum SettingsError: Error, CustomStringConvertible {
    case unreadable(String, String)
    /// No `KEY=value`; the file and the line.
    case malformed(String, line: Int)
    /// A name that no setting has.
    case unknown(String, String, line: Int)
    /// The setting, and what it must be.
    case invalid(String, String)

    package var description: String {
        switch self {
        case .unreadable(let file, let reason): "the settings file \(file) cannot be read: \(reason)"
        case .malformed(let file, let line): "\(file), line \(line): KEY=value is expected"
        case .unknown(let name, let file, let line): "\(file), line \(line): there is no setting \(name)"
        case .invalid(let name, let rule): "\(name) \(rule)"
        }
    }
}
