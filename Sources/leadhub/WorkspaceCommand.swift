import ArgumentParser
import GRDB
import HTTP
import LeadHub

struct WorkspaceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workspace",
        abstract: "Make, list, suspend and resume workspaces.",
        subcommands: [Create.self, List.self, Suspend.self, Resume.self],
    )

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a workspace; prints its id.")

        @OptionGroup var options: Options
        @Argument(help: "Names it in addresses: lower-case letters, digits and hyphens.") var slug: String
        @Option(help: "What people call it; the slug by default.") var name: String?

        func run() throws {
            guard Workspace.isSlug(slug) else {
                throw CommandError("\(slug) is no slug: up to 63 lower-case letters, digits and inner hyphens")
            }
            let input = try Input(
                typed: ["slug": .string(slug), "name": .string(name ?? slug)], for: Workspace.fields,
            )
            try Session.run(options) { session in
                guard try Workspace.find(slug: slug, session.database) == nil else {
                    throw CommandError("there is a workspace \(slug) already")
                }
                print(try session.write { try Workspace.create(input, $0, now: session.now) })
            }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the workspaces.")

        @OptionGroup var options: Options
        @Flag(help: "Print JSON.") var json = false

        func run() throws {
            try Session.run(options) { session in
                let rows = try Row.fetchAll(
                    session.database,
                    sql: "SELECT id, slug, name, created_at, suspended_at FROM workspace ORDER BY slug",
                )
                Table(rows).print(asJSON: json)
            }
        }
    }

    struct Suspend: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shut a workspace: its keys open nothing.")

        @OptionGroup var options: Options
        @Argument var slug: String

        func run() throws {
            try Session.run(options) { session in try WorkspaceCommand.suspend(slug, at: session.now, session) }
        }
    }

    struct Resume: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Open a suspended workspace again.")

        @OptionGroup var options: Options
        @Argument var slug: String

        func run() throws {
            try Session.run(options) { session in try WorkspaceCommand.suspend(slug, at: nil, session) }
        }
    }

    /// Suspends a workspace from a moment on, in Unix seconds; nil to resume.
    private static func suspend(_ slug: String, at moment: Int64?, _ session: Session) throws {
        let id = try session.workspace(slug)
        try session.write { database in
            try database.execute(
                sql: """
                    UPDATE workspace SET suspended_at = iif(?1 IS NULL, NULL, coalesce(suspended_at, ?1)), updated_at = ?2
                    WHERE id = ?3
                    """,
                arguments: [moment, session.now, id],
            )
        }
    }
}
