import Glibc

package enum OpenFile {
    /// Whether a name leads to the very file that a descriptor has open, and not by a link: since it was opened the file
    /// may have been removed, or have got another name.
    package static func isAt(_ path: String, _ descriptor: Int32) -> Bool {
        var (mine, there) = (stat(), stat())
        return fstat(descriptor, &mine) == 0 && lstat(path, &there) == 0
            && mine.st_ino == there.st_ino && mine.st_dev == there.st_dev
    }
}
