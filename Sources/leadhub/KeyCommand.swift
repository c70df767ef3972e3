import ArgumentParser
import GRDB
import HTTP
import LeadHub
import RateLimit

struct KeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key",
        abstract: "Make, list and revoke API keys.",
        subcommands: [Create.self, List.self, Revoke.self],
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
            let unknown = Grants(scope.joined(separator: " ")).unknown
            guard unknown.isEmpty, !scope.isEmpty else {
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
                let key = try session.write { database in
                    try Key.create(input, scopes: scope, workspace: workspace, database, now: session.now)
                }
                print(key.secret)
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys, without their secrets.")

        @OptionGroup var options: Options
        @Option(help: ArgumentHelp("Only those of this workspace.", valueName: "slug")) var workspace: String?
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try Session.run(options) { session in
                let only = try workspace.map(session.workspace)
                let counters = try CounterTable(path: session.settings.counters, now: session.now) { _ in }
                let rows = try Row.fetchAll(
                    session.database,
                    sql: """
                        SELECT api_key.id, workspace.slug AS workspace, api_key.name, last_four, scopes, rate_limit,
                            api_key.created_at, expires_at, revoked_at
                        FROM api_key JOIN workspace ON workspace.id = workspace_id
                        WHERE workspace_id = coalesce(?, workspace_id) ORDER BY api_key.id
                        """,
                    arguments: [only],
                )
                var table = Table(rows)
                // When a key was last used stands in the table of counters, so that reading costs no write.
                table.append("last_used_at", try rows.map { try counters.lastUsed(key: $0["id"]).databaseValue })
                table.print(asJSON: json)
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
