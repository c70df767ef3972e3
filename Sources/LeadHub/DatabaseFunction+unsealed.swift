import GRDB
import Logging
import Store

extension DatabaseFunction {
    /// `unsealed(text, context)` in SQL: what `Secrets` has sealed; null where it cannot be opened, so that a list can
    /// be read without a key. Why it cannot is logged.
    static func unsealed(by secrets: Result<Secrets, SecretsError>, _ log: Logger) -> DatabaseFunction {
        DatabaseFunction("unsealed", argumentCount: 2, pure: true) { values in
            guard case .success(let secrets) = secrets, let text = String.fromDatabaseValue(values[0]),
                let context = String.fromDatabaseValue(values[1])
            else { return nil }
            do {
                return try secrets.open(text, for: context)
            } catch {
                log.error("\(context) cannot be shown: \(error)")
                return nil
            }
        }
    }
}
