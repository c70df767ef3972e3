import ArgumentParser
import LeadHub

struct CleanUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean-up",
        abstract: "Remove for good what is past its time: old deleted leads, kept answers, bodies that came.",
        discussion: "Once a day will do. It works in small steps between the writes of others; prints how many rows.",
    )

    @OptionGroup var options: Options

    /// Some 10 ms of the writers' lock.
    private static let rowsInAStep = 50

    func run() throws {
        try Session.run(options) { session in
            var removed = 0
            while true {
                let count = try session.connection.write { database in
                    try purge(limit: CleanUpCommand.rowsInAStep, database, now: session.now)
                }
                if count == 0 { break }
                removed += count
            }
            while try session.connection.write({ try Lead.mergeSearchIndex($0) }) {}
            try session.connection.sync()
            print(removed)
        }
    }
}
