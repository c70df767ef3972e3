import CLinux
import Glibc
import Synchronization

/// One opened and mapped file of counters: its rows, their locks, its growth. `CounterTable` describes the layout.
final class CounterFile {
    static let headerRow = 0
    /// How long a worker waits for another one that holds a row: one that is stopped with it must not stop them all.
    private static let patience = Duration.seconds(5)
    private static let growthInRows = 4096
    private static let pageInBytes = 4096

    let path: String
    private let descriptor: Descriptor
    private let identity: stat
    private var sizeInBytes: Int
    private var mapping: UnsafeMutablePointer<Atomic<UInt64>>

    /// Maps an opened file as long as it is now.
    ///
    /// - Parameters:
    ///   - descriptor: The file: regular, with a good header, open for reading and writing.
    ///   - path: Where it is expected to stay.
    /// - Throws: `CounterError.systemCall` when it cannot be mapped.
    init(_ descriptor: consuming Descriptor, path: String) throws(CounterError) {
        let status = try descriptor.status()
        self.path = path
        identity = status
        sizeInBytes = Int(status.st_size)
        mapping = try Self.map(descriptor.number, sizeInBytes: sizeInBytes)
        self.descriptor = descriptor
    }

    deinit {
        munmap(mapping, sizeInBytes)
    }

    // MARK: - Whether it is still the right file

    /// Whether the file is still the one at its path, as long as it is mapped, and of our layout: not deleted, replaced,
    /// moved, cut short or overwritten. Touching the mapping of a file that was cut short would end the process.
    var isCurrent: Bool {
        guard let status = stat(at: path) else { return false }
        return status.isSameFile(as: identity) && Int(status.st_size) >= sizeInBytes && header.fault == nil
    }

    private var header: CounterHeader {
        let row = CounterRow(number: Self.headerRow, in: mapping)
        return CounterHeader(magic: row[0], layout: row[1])
    }

    // MARK: - Rows

    /// The row of that number; nil if it lies past what is mapped.
    func row(_ number: Int) -> CounterRow? {
        (number + 1) * CounterRow.sizeInBytes <= sizeInBytes ? CounterRow(number: number, in: mapping) : nil
    }

    /// Locks a row for all other workers, and waits up to 5 s while one of them holds it.
    ///
    /// - Throws: `CounterError.systemCall` when the system refuses the lock.
    func lock(_ row: Int) throws(CounterError) {
        try Self.lock(row, of: descriptor)
    }

    /// As `lock(_:)`, for a file that is not mapped yet.
    static func lock(_ row: Int, of descriptor: borrowing Descriptor) throws(CounterError) {
        let code = linux_lock_range_until(
            descriptor.number, offset(of: row), off_t(CounterRow.sizeInBytes),
            patience.components.seconds * 1_000_000_000,
        )
        guard code == 0 else { throw .systemCall(name: "fcntl(F_OFD_SETLKW)", code: code) }
    }

    /// Gives a row's lock back.
    func unlock(_ row: Int) {
        _ = linux_unlock_range(descriptor.number, Self.offset(of: row), off_t(CounterRow.sizeInBytes))
    }

    /// Has the disk set aside the page that a row's first use writes to: writing to a hole of a mapped file when the
    /// disk is full would end the process, and this only throws.
    ///
    /// - Throws: `CounterError.systemCall` when the disk is full.
    func allocate(_ row: CounterRow) throws(CounterError) {
        let page = Self.offset(of: row.number) / off_t(Self.pageInBytes) * off_t(Self.pageInBytes)
        var code: Int32
        repeat {
            code = posix_fallocate(descriptor.number, page, off_t(Self.pageInBytes))
        } while code == EINTR
        guard code == 0 || code == EOPNOTSUPP else { throw .systemCall(name: "posix_fallocate", code: code) }
    }

    // MARK: - Growth

    /// Maps the file so far that it holds a row; makes it longer, by a hole, if it is too short. The caller holds no lock.
    ///
    /// - Throws: `CounterError.systemCall` when it cannot be made longer or mapped.
    func reach(_ row: Int) throws(CounterError) {
        try lock(Self.headerRow)
        defer { unlock(Self.headerRow) }
        let steps = row / Self.growthInRows + 1
        let needed = steps * Self.growthInRows * CounterRow.sizeInBytes
        if Int(try descriptor.status().st_size) < needed {
            try systemCall("ftruncate") { ftruncate(descriptor.number, off_t(needed)) }
        }
        try remap()
    }

    /// Maps the file as long as it is now.
    ///
    /// - Throws: `CounterError.systemCall` when it cannot be mapped.
    func remap() throws(CounterError) {
        let size = Int(try descriptor.status().st_size)
        let renewed = try Self.map(descriptor.number, sizeInBytes: size)
        munmap(mapping, sizeInBytes)
        (mapping, sizeInBytes) = (renewed, size)
    }

    private static func map(
        _ descriptor: Int32,
        sizeInBytes: Int,
    ) throws(CounterError) -> UnsafeMutablePointer<Atomic<UInt64>> {
        let address = mmap(nil, sizeInBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let address, address != MAP_FAILED else { throw .systemCall(name: "mmap", code: errno) }
        return address.bindMemory(to: Atomic<UInt64>.self, capacity: sizeInBytes / MemoryLayout<UInt64>.size)
    }

    private static func offset(of row: Int) -> off_t {
        off_t(row * CounterRow.sizeInBytes)
    }
}
