import Glibc

/// An address that a connection would be made to, as a socket has it: of IPv4 or IPv6.
package struct NetworkAddress: Equatable {
    /// 4 or 16 bytes, the highest first.
    let bytes: [UInt8]

    /// Reads an address as it is written, without brackets or a zone; nil where it is none.
    package init?(_ text: String) {
        var (four, six) = (in_addr(), in6_addr())
        if inet_pton(AF_INET, text, &four) == 1 {
            bytes = withUnsafeBytes(of: &four) { Array($0) }
        } else if inet_pton(AF_INET6, text, &six) == 1 {
            bytes = withUnsafeBytes(of: &six) { Array($0) }
        } else {
            return nil
        }
    }

    /// Takes the address out of what connect(2) is given; nil for what is neither IPv4 nor IPv6.
    ///
    /// - Parameters:
    ///   - address: a `sockaddr_in` or `sockaddr_in6`, whole.
    ///   - family: which of them.
    init?(_ address: UnsafeRawPointer, family: Int32) {
        switch family {
        case AF_INET:
            bytes = withUnsafeBytes(of: address.loadUnaligned(as: sockaddr_in.self).sin_addr) { Array($0) }
        case AF_INET6:
            bytes = withUnsafeBytes(of: address.loadUnaligned(as: sockaddr_in6.self).sin6_addr) { Array($0) }
        default:
            return nil
        }
    }

    private init(bytes: ArraySlice<UInt8>) {
        self.bytes = Array(bytes)
    }

    /// Whether it is one of the internet's, and not of this machine, its networks, or of no use at all. Where an address
    /// of IPv6 stands for one of IPv4, that one decides.
    package var isPublic: Bool {
        if bytes.count == 4 { return !NetworkAddress.special4.contains { $0.contains(self) } }
        if let embedded { return embedded.isPublic }
        return NetworkAddress.global6.contains(self) && !NetworkAddress.special6.contains { $0.contains(self) }
    }

    /// The address of IPv4 behind a translator of the network's (RFC 6052); all else that holds one is special.
    private var embedded: NetworkAddress? {
        NetworkAddress.translated.contains(self) ? NetworkAddress(bytes: bytes[12...]) : nil
    }

    // https://www.iana.org/assignments/iana-ipv4-special-registry and -ipv6-special-registry, as of 2025.

    private static let special4 = Block.list(
        "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 "
            + "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4"
    )
    /// What is given out for the internet. The unspecified address, loopback, addresses of IPv4 in the old form and the
    /// mapped one, private, link-local and multicast addresses are outside of it.
    private static let global6 = Block("2000::/3")
    /// Teredo and others of the IETF's, documentation, 6to4.
    private static let special6 = Block.list("2001::/23 2001:db8::/32 2002::/16 3fff::/20")
    private static let translated = Block("64:ff9b::/96")

    /// The addresses that begin with the same bits.
    private struct Block {
        let address: NetworkAddress
        let bits: Int

        static func list(_ texts: String) -> [Block] { texts.split(separator: " ").map { Block(String($0)) } }

        init(_ text: String) {
            let parts = text.split(separator: "/").map(String.init)
            guard parts.count == 2, let address = NetworkAddress(parts[0]), let bits = Int(parts[1]) else {
                preconditionFailure("\(text) is no block of addresses")
            }
            self.address = address
            self.bits = bits
        }

        func contains(_ other: NetworkAddress) -> Bool {
            guard address.bytes.count == other.bytes.count else { return false }
            let (whole, rest) = bits.quotientAndRemainder(dividingBy: 8)
            guard address.bytes.prefix(whole) == other.bytes.prefix(whole) else { return false }
            let mask = ~(UInt8.max >> rest)
            return rest == 0 || address.bytes[whole] & mask == other.bytes[whole] & mask
        }
    }
}
