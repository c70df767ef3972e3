import GRDB
import HTTP

extension HTTPError {
    /// What a client is told when the database refuses: the one place where a constraint gets a status.
    init(_ error: DatabaseError) {
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_FOREIGNKEY:
            self = .conflict("A record that the request refers to has been removed in the meantime.")
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY:
            self = .conflict("A record with the same values has been made in the meantime.")
        default:
            switch error.resultCode {
            case .SQLITE_BUSY, .SQLITE_LOCKED, .SQLITE_INTERRUPT:
                self = .serviceUnavailable("The server is busy; the request was not carried out.")
            case .SQLITE_READONLY, .SQLITE_FULL, .SQLITE_IOERR, .SQLITE_CANTOPEN, .SQLITE_NOMEM, .SQLITE_CORRUPT,
                .SQLITE_NOTADB:
                self = .serviceUnavailable("The database cannot be used now; the request was not carried out.")
            default:
                self = .serverError
            }
        }
    }
}
