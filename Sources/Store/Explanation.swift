import GRDB
import Glibc

/// What failed, in words for the log: what was said, and what an administrator does about it where that is plain.
package enum Explanation {
    private static let ownership = """
        it, what is beside it and its folder have to belong to the user whom the workers run as: \
        chown -R leadhub:leadhub /var/lib/leadhub
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
            case .SQLITE_IOERR: "the kernel's log may say what is wrong with the disk"
            default: nil
            }
        return join("\(error.extendedResultCode): \(error.message ?? "")", advice)
    }

    private static func join(_ words: String, _ advice: String?) -> String {
        advice.map { "\(words); \($0)" } ?? words
    }
}
