import GRDB
import GRDBSQLite
import Glibc

/// What failed, in words for the log: what was said, and what an administrator does about it where that is plain.
package enum Explanation {
    private static let ownership = """
        run this as root; where a service says so, chown -R leadhub:leadhub /var/lib/leadhub
        """
    private static let room = "make room on its file system; what was acknowledged is safe"

    /// Explains an `errno`.
    package static func text(_ code: Int32) -> String {
        let advice: String? =
            switch code {
            case EACCES, EPERM: ownership
            case ENOSPC, EDQUOT: room
            default: nil
            }
        return join(String(cString: strerror(code)), advice)
    }

    /// Explains what SQLite refused.
    package static func text(_ error: DatabaseError) -> String {
        let advice: String? =
            switch error.resultCode {
            case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM: ownership
            case .SQLITE_FULL: room
            case .SQLITE_CORRUPT, .SQLITE_NOTADB: "leadhub check says more, leadhub restore goes back to a backup"
            case .SQLITE_IOERR: "\(room); or, where there is room, the kernel's log says what is wrong with the disk"
            default: nil
            }
        // "Not an error": what SQLite says of a copy, whose connection had none.
        let message = error.message.flatMap { $0 == "not an error" ? nil : $0 }
        let code = error.extendedResultCode.rawValue
        return join("\(message ?? String(cString: sqlite3_errstr(code))) (SQLite \(code))", advice)
    }

    private static func join(_ words: String, _ advice: String?) -> String {
        advice.map { "\(words); \($0)" } ?? words
    }
}
