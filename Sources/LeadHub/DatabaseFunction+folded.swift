import GRDB
import HTTP

extension DatabaseFunction {
    /// `folded(text)` in SQL: as names are compared.
    static let folded = DatabaseFunction("folded", argumentCount: 1, pure: true) { values in
        String.fromDatabaseValue(values[0]).map(Text.folded)
    }
}
