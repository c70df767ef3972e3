import Glibc

/// An open file, closed when its owner is done with it.
struct Descriptor: ~Copyable {
    let number: Int32

    init(number: Int32) {
        self.number = number
    }

    deinit {
        close(number)
    }

    /// What the system knows about the open file.
    ///
    /// - Throws: `CounterError.systemCall` when the system does not tell.
    func status() throws(CounterError) -> stat {
        var status = stat()
        try systemCall("fstat") { fstat(number, &status) }
        return status
    }
}

extension stat {
    var isRegularFile: Bool { st_mode & S_IFMT == S_IFREG }

    /// What is at a path now, a symbolic link not followed; nil if nothing is, or it cannot be reached.
    init?(at path: String) {
        self.init()
        guard lstat(path, &self) == 0 else { return nil }
    }

    func isSameFile(as other: stat) -> Bool {
        st_dev == other.st_dev && st_ino == other.st_ino
    }
}
