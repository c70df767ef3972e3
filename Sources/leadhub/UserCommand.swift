import ArgumentParser
import HTTP
import LeadHub

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Make users.", subcommands: [Create.self],
    )

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a user; prints the user's id.")

        @OptionGroup var options: Options
        @Option(help: ArgumentHelp("The workspace that the user belongs to.", valueName: "slug")) var workspace: String
        @Option(help: "The user's full name.") var name: String
        @Option(help: "The user's address.") var email: String
        @Option(help: "admin, manager, agent (by default) or read_only.") var role: String?
        @Option(help: "invited (by default), active or suspended.") var status: String?

        func run() throws {
            let input = try Input(
                typed: [
                    "name": .string(name), "email": .string(email), "role": .text(role), "status": .text(status),
                ],
                for: User.fields,
            )
            try Session.run(options) { session in
                let workspace = try session.workspace(workspace)
                print(try session.write { try User.create(input, workspace: workspace, $0, now: session.now) })
            }
        }
    }
}
