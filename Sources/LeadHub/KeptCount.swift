import GRDB

/// Counts that triggers keep, beside a query that counts from scratch.
package struct KeptCount: Sendable {
    /// The table, and the column where it holds more than counts.
    package let name: String
    /// What is kept: the columns that a count belongs to, then the count.
    let kept: String
    /// The same, counted.
    let counted: String
    /// Forgets a kept row; nil where another statement corrects it.
    let forget: String?
    /// Puts a counted row in its place.
    let put: String

    /// - Returns: how many rows are wrong, missing or too many.
    /// - Throws: `DatabaseError`.
    package func countWrong(_ database: Database) throws -> Int {
        let (wrong, right) = try differences(database)
        return Set(wrong.map(KeptCount.key) + right.map(KeptCount.key)).count
    }

    /// Counts again.
    ///
    /// - Parameter database: inside a transaction that writes.
    /// - Returns: how many rows were wrong.
    /// - Throws: `DatabaseError`.
    package func repair(_ database: Database) throws -> Int {
        let (wrong, right) = try differences(database)
        if let forget {
            for row in wrong {
                try database.execute(sql: forget, arguments: StatementArguments(KeptCount.key(row)))
            }
        }
        for row in right { try database.execute(sql: put, arguments: StatementArguments(row.databaseValues)) }
        return Set(wrong.map(KeptCount.key) + right.map(KeptCount.key)).count
    }

    private func differences(_ database: Database) throws -> (wrong: [Row], right: [Row]) {
        (
            try Row.fetchAll(database, sql: "\(kept) EXCEPT SELECT * FROM (\(counted))"),
            try Row.fetchAll(database, sql: "SELECT * FROM (\(counted)) EXCEPT \(kept)")
        )
    }

    private static func key(_ row: Row) -> [DatabaseValue] {
        Array(row.databaseValues.dropLast())
    }
}

/// Every count that is kept.
package let keptCounts = Lead.keptCounts + [Submission.keptCount]
