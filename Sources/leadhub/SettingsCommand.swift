import ArgumentParser
import LeadHub

struct SettingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settings",
        abstract: "Print every setting with its default, in the form of the settings file.",
    )

    @OptionGroup var options: Options

    func run() {
        for setting in Settings.all {
            print("# \(setting.description)")
            print("#\(setting.name)=\(setting.initial ?? "")\n")
        }
    }
}
