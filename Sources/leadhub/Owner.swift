import Glibc

/// The user whom the files belong to.
enum Owner {
    /// Gives up root for the owner of the database's folder: whatever is made from here on is the owner's, as if the
    /// service had made it, and goes where the owner himself can write. A database that root or somebody else has put
    /// into that folder decides nothing, and neither does what a link in it leads to. In a folder of root's it is the
    /// owner of the name there, whom only root can have let in.
    ///
    /// - Throws: `CommandError` where the folder is not there, the kernel refuses, or the files are somebody else's.
    static func become(ofStateAt path: String) throws {
        guard geteuid() == 0 else { return }
        var status = stat()
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        guard stat(folder, &status) == 0 else {
            throw CommandError("\(folder) is not there: \(String(cString: strerror(errno)))")
        }
        if status.st_uid == 0 { lstat(path, &status) }
        guard status.st_uid != 0 else { return }
        var group = status.st_gid
        guard setgroups(1, &group) == 0, setgid(group) == 0, setuid(status.st_uid) == 0 else {
            throw CommandError("cannot become the owner of \(folder): \(String(cString: strerror(errno)))")
        }
        for file in ["", "-wal", "-shm", ".lock"].map({ path + $0 }) where access(file, R_OK | W_OK) != 0 {
            guard errno == EACCES || errno == EPERM else { continue }
            throw CommandError(
                "\(file) is kept from the owner of its folder; chown \(name(of: status.st_uid)): \(file)"
            )
        }
    }

    private static func name(of user: uid_t) -> String {
        getpwuid(user).map { String(cString: $0.pointee.pw_name) } ?? "\(user)"
    }
}
