import ArgumentParser
import HTTP
import LeadHub

struct PipelineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pipeline", abstract: "Make pipelines.", subcommands: [Create.self],
    )

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a pipeline with its stages; prints its id. The first of a workspace is its default one.",
        )

        @OptionGroup var options: Options
        @Option(help: ArgumentHelp("The workspace that it belongs to.", valueName: "slug")) var workspace: String
        @Argument(help: "What it is called.") var name: String
        @Option(help: ArgumentHelp("A stage; may be repeated, in order.", valueName: "name[:won|:lost]"))
        var stage: [String] = []

        func run() throws {
            let input = try Input(typed: ["name": .string(name)], for: Pipeline.fields)
            let stages = try stage.map(PipelineCommand.stage)
            try Session.run(options) { session in
                let workspace = try session.workspace(workspace)
                let id = try session.write { database in
                    try Pipeline.create(input, stages: stages, workspace: workspace, database, now: session.now)
                }
                print(id)
            }
        }
    }

    private static func stage(_ text: String) throws -> Input {
        let isWon = text.hasSuffix(":won")
        let isLost = text.hasSuffix(":lost")
        let name = isWon ? text.dropLast(4) : isLost ? text.dropLast(5) : text[...]
        return try Input(
            typed: ["name": .string(String(name)), "is_won": .boolean(isWon), "is_lost": .boolean(isLost)],
            for: Stage.fields,
        )
    }
}
