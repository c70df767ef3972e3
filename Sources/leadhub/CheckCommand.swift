import ArgumentParser
import LeadHub
import Store

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Look for damage in the database; prints what is wrong, and ends with status 1 then.",
        discussion: """
            It looks at the file, at every reference between records, and at the counts that are kept beside them. \
            Others read and write meanwhile; they wait while --repair counts again.
            """,
    )

    @OptionGroup var options: Options
    @Flag(help: "Count again what was miscounted.") var repair = false

    func run() throws {
        try Session.run(options) { session in
            let problems = try session.connection.read { try $0.findProblems() }
            problems.forEach { print($0) }
            var isWrong = !problems.isEmpty
            for count in keptCounts {
                let rows = try session.connection.read { try count.countWrong($0) }
                if rows == 0 { continue }
                guard repair else {
                    print("\(count.name): \(rows) wrong; leadhub check --repair counts again")
                    isWrong = true
                    continue
                }
                print("\(count.name): \(try session.write { try count.repair($0) }) corrected")
            }
            if isWrong { throw ExitCode.failure }
        }
    }
}
