import Store

/// Removes for good what is past its time, in steps between which others write.
package enum CleanUp {
    /// How long a step removes rows. Its commit comes on top, and whatever the machine does in between.
    private static let timeOfAStep = Duration.milliseconds(3)
    /// Between two looks at the time, where rows go quickly; a body of a megabyte takes as long as a hundred others.
    private static let mostRowsAtOnce = 16
    private static let quickly = Duration.milliseconds(0.5)

    /// Removes rows for as long as a step may take, and keeps the log short.
    ///
    /// - Parameters:
    ///   - connection: none of its transactions is open.
    ///   - now: Unix seconds.
    /// - Returns: how many rows; 0 where there is nothing left.
    /// - Throws: `StoreError`, `DatabaseError`.
    package static func step(_ connection: Connection, now: Int64) throws -> Int {
        let removed = try connection.write { database in
            let end = ContinuousClock.now.advanced(by: timeOfAStep)
            var (removed, rowsAtOnce) = (0, 1)
            repeat {
                let began = ContinuousClock.now
                let count = try purge(limit: rowsAtOnce, database, now: now)
                if count == 0 { break }
                removed += count
                rowsAtOnce = began.duration(to: .now) < quickly ? min(2 * rowsAtOnce, mostRowsAtOnce) : 1
            } while ContinuousClock.now < end
            return removed
        }
        try connection.keepLogShort(.ofCleanUp)
        return removed
    }
}
