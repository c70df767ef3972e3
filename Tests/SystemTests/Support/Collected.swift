import Synchronization

/// What several threads find, in one place.
final class Collected<Element: Sendable>: Sendable {
    private let elements = Mutex<[Element]>([])

    func append(_ element: Element) {
        elements.withLock { $0.append(element) }
    }

    var all: [Element] { elements.withLock { $0 } }
}

/// Says to several threads that it is time to stop.
final class Flag: Sendable {
    private let isUp = Atomic<Bool>(false)

    func raise() { isUp.store(true, ordering: .releasing) }

    var isRaised: Bool { isUp.load(ordering: .acquiring) }
}
