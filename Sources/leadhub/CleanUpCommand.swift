import ArgumentParser
import LeadHub

struct CleanUpCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clean-up",
        abstract: "Remove for good what is past its time: old deleted leads, kept answers, bodies that came.",
        discussion: "A runner does it every hour. It works in small steps between others' writes; prints how many rows.",
    )

    @OptionGroup var options: Options

    func run() throws {
        try Session.run(options) { session in
            var removed = 0
            while true {
                let count = try CleanUp.step(session.connection, now: session.now)
                if count == 0 { break }
                removed += count
            }
            while try session.connection.write({ try Lead.mergeSearchIndex($0) }) {}
            try session.connection.sync()
            print(removed)
        }
    }
}
