import ArgumentParser
import Foundation
import GRDB
import HTTP
import LeadHub
import RateLimit

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, list, limit and revoke API keys and the tokens of inbound addresses.",
        subcommands: [Create.self, List.self, Update.self, Revoke.self],
    )

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key; prints it, and nothing else. It can't be shown again.",
            discussion: """
                Scopes: \(Scope.allCases.map(\.rawValue).joined(separator: ", ")); \
                wildcards: \(Grants.wildcards.joined(separator: ", ")).
                """,
        )

        @OptionGroup var options: Options
        @Option(help: ArgumentHelp("The workspace that it opens.", valueName: "slug")) var workspace: String
        @Option(help: "What the key is for.") var name: String
        @Option(help: "What it may do; may be repeated.") var scope: [String]
        @Option(help: "Requests that it may make in an hour; 1000 by default.") var rateLimit: Int64?
        @Option(help: ArgumentHelp("From when on it opens nothing, as 2027-01-31.", valueName: "date"))
        var expires: String?

        func run() throws {
            let scopes = scope.flatMap { $0.split(separator: " ").map(String.init) }
            let unknown = Grants(scopes.joined(separator: " ")).unknown
            guard unknown.isEmpty, !scopes.isEmpty else {
                throw CommandError("no such scope: \(unknown.joined(separator: ", ")); see leadhub key create --help")
            }
            let input = try Input(
                typed: [
                    "name": .string(name), "rate_limit": rateLimit.map { .number(String($0)) },
                    "expires_at": .text(expires),
                ],
                for: Key.fields,
            )
            try Session.run(options) { session in
                let workspace = try session.workspace(workspace)
                // Printed before it is made: a key that nobody could be shown does not come to be.
                try session.write { database in
                    let secret = try Key.create(
                        input, scopes: scopes, workspace: workspace, database, now: session.now,
                    )
                    try FileHandle.standardOutput.write(contentsOf: Data("\(secret)\n".utf8))
                }
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List the keys and the tokens of inbound addresses, without their secrets.")

        @OptionGroup var options: Options
        @Option(help: ArgumentHelp("Only those of this workspace.", valueName: "slug")) var workspace: String?
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try Session.run(options) { session in
                let only = try workspace.map(session.workspace)
                let rows = try Row.fetchAll(
                    session.database,
                    sql: """
                        SELECT api_key.id, workspace.slug AS workspace, kind, api_key.name, last_four, scopes,
                            rate_limit, api_key.created_at, expires_at, revoked_at
                        FROM api_key JOIN workspace ON workspace.id = workspace_id
                        WHERE workspace_id = coalesce(?, workspace_id) ORDER BY api_key.id
                        """,
                    arguments: [only],
                )
                var table = Table(rows)
                let path = session.settings.counters
                let isThere = FileManager.default.fileExists(atPath: path)
                let counters =
                    isThere
                    ? try CounterTable(path: path, now: session.now) { complaint in
                        FileHandle.standardError.write(Data("\(complaint)\n".utf8))
                    } : nil
                // When a key was last used stands in the table of counters, so that reading costs no write.
                let lastUses = try rows.map { try counters?.lastUsed(key: $0["id"]).databaseValue ?? .null }
                table.append("last_used_at", lastUses)
                table.print(asJSON: json)
            }
        }
    }

    struct Update: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a key's limit or the day on which it expires.",
            discussion: "The token of an inbound address is a key too; it has no limit until it is given one.",
        )

        @OptionGroup var options: Options
        @Argument(help: "As leadhub key list shows it.") var id: Int64
        @Option(help: "Requests that it may make in an hour.") var rateLimit: Int64?
        @Option(help: ArgumentHelp("From when on it opens nothing, as 2027-01-31.", valueName: "date"))
        var expires: String?

        func validate() throws {
            guard rateLimit != nil || expires != nil else {
                throw ValidationError("name what is to change: --rate-limit or --expires")
            }
        }

        func run() throws {
            let input = try Input(
                typed: ["rate_limit": rateLimit.map { .number(String($0)) }, "expires_at": .text(expires)],
                for: Key.fields.filter { ["rate_limit", "expires_at"].contains($0.name) },
            )
            try Session.run(options) { session in
                let changes = try session.write { database in
                    try database.execute(
                        sql: """
                            UPDATE api_key SET rate_limit = coalesce(?, rate_limit), expires_at = coalesce(?, expires_at)
                            WHERE id = ?
                            """,
                        arguments: [
                            input.integer("rate_limit"), input.integer("expires_at"), id,
                        ],
                    )
                    return database.changesCount
                }
                guard changes == 1 else { throw CommandError("there is no key \(id)") }
            }
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key: it opens nothing from now on.")

        @OptionGroup var options: Options
        @Argument(help: "As leadhub key list shows it.") var id: Int64

        func run() throws {
            try Session.run(options) { session in
                let changes = try session.write { database in
                    try database.execute(
                        sql: "UPDATE api_key SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                        arguments: [session.now, id],
                    )
                    return database.changesCount
                }
                guard changes == 1 else { throw CommandError("there is no key \(id)") }
            }
        }
    }
}
