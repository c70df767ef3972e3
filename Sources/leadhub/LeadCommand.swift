import ArgumentParser
import LeadHub

struct LeadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lead", abstract: "Restore deleted leads.", subcommands: [Restore.self],
    )

    struct Restore: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring back a lead that was deleted within the last \(Lead.daysUntilRemoval) days.",
        )

        @OptionGroup var options: Options
        @Argument(help: "The lead's id.") var id: Int64

        func run() throws {
            try Session.run(options) { session in
                guard try session.write({ try Lead.restore(id, $0, now: session.now) }) else {
                    throw CommandError("no lead \(id) was deleted within the last \(Lead.daysUntilRemoval) days")
                }
            }
        }
    }
}
