import GRDB

/// Interrupts statements that run past a moment.
final class Deadline {
    /// nil while there is no limit.
    var moment: ContinuousClock.Instant?
    private var handler: ProgressHandler?

    init(_ database: Database) {
        handler = ProgressHandler(database) { [unowned self] in moment.map { $0 >= .now } ?? true }
    }
}
