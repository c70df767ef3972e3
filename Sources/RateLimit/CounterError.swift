import Glibc

/// Why a counter could not be read or written.
package enum CounterError: Error, Equatable, CustomStringConvertible {
    /// The system refused a call: its name and its errno.
    case systemCall(name: String, code: Int32)
    /// A key id that no row can have: below 1 or above `CounterTable.largestKey`.
    case keyOutOfRange(Int64)
    /// The file at this path was another one at every attempt to open it.
    case unsettled(path: String)

    /// What went wrong, in words for the log.
    package var description: String {
        switch self {
        case .systemCall(let name, let code): "\(name): \(String(cString: strerror(code)))"
        case .keyOutOfRange(let key): "no counter for key \(key): ids run from 1 to \(CounterTable.largestKey)"
        case .unsettled(let path): "\(path) keeps being replaced"
        }
    }
}

/// Makes a system call, again as often as a signal interrupts it.
///
/// - Parameters:
///   - name: The call's name, for the error.
///   - call: Makes the call; -1 means that `errno` says why not.
/// - Returns: What the call gave.
/// - Throws: `CounterError.systemCall` when the call fails.
@discardableResult
func systemCall(_ name: String, _ call: () -> Int32) throws(CounterError) -> Int32 {
    while true {
        let result = call()
        if result != -1 {
            return result
        }
        let code = errno
        if code != EINTR {
            throw .systemCall(name: name, code: code)
        }
    }
}
