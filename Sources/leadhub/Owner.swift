import Glibc

/// The user whom the files belong to.
enum Owner {
    /// Gives up root for the owner of the database, or of the folder that it will be made in: whatever is
    /// made from here on is the owner's, as if the service had made it.
    ///
    /// - Throws: `CommandError` where the folder is not there or the kernel refuses.
    static func become(ofStateAt path: String) throws {
        guard geteuid() == 0 else { return }
        var status = stat()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard stat(path, &status) == 0 || stat(folder, &status) == 0 else {
            throw CommandError("\(folder) is not there: \(String(cString: strerror(errno)))")
        }
        guard status.st_uid != 0 else { return }
        var group = status.st_gid
        guard setgroups(1, &group) == 0, setgid(group) == 0, setuid(status.st_uid) == 0 else {
            throw CommandError("cannot become the owner of \(path): \(String(cString: strerror(errno)))")
        }
    }
}
