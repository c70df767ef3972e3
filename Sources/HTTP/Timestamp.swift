import Glibc

/// A moment as the API writes and reads it; inside, moments are Unix seconds.
package enum Timestamp {
    /// In UTC to the whole second, `2026-03-28T09:15:00+00:00`.
    package static func text(_ seconds: Int64) -> String {
        var time = time_t(seconds)
        var parts = tm()
        gmtime_r(&time, &parts)
        return String(unsafeUninitializedCapacity: 40) { buffer in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { return 0 }
                return strftime(start, characters.count, "%04Y-%m-%dT%H:%M:%S+00:00", &parts)
            }
        }
    }

    /// Reads an RFC 3339 date-time, or a bare date, which is its first second in UTC. A space may stand
    /// for the `T`, and for the `+` that an unescaped query loses.
    ///
    /// - Parameters:
    ///   - text: what came.
    ///   - roundsUp: whether a fraction of a second makes it the next one; else it is cut off.
    /// - Returns: Unix seconds; nil for anything else, a day that the calendar lacks included.
    package static func seconds(_ text: String, roundsUp: Bool = false) -> Int64? {
        var scanner = Scanner(bytes: Array(text.utf8)[...])
        guard let year = scanner.number(4), scanner.skip("-"), let month = scanner.number(2), scanner.skip("-"),
            let day = scanner.number(2), let midnight = midnight(year: year, month: month, day: day)
        else { return nil }
        if scanner.isAtEnd { return midnight }
        guard scanner.skip("T") || scanner.skip("t") || scanner.skip(" "),
            let hour = scanner.number(2), hour < 24, scanner.skip(":"),
            let minute = scanner.number(2), minute < 60, scanner.skip(":"),
            // RFC 3339 §5.7 knows the leap second; Unix time gives it the next second's number.
            let second = scanner.number(2), second <= 60
        else { return nil }
        var isWithin = false
        if scanner.skip(".") {
            let fraction = scanner.digits()
            guard !fraction.isEmpty else { return nil }
            isWithin = fraction.contains { $0 != UInt8(ascii: "0") }
        }
        guard let offset = scanner.offset(), scanner.isAtEnd else { return nil }
        let seconds = midnight + Int64(hour * 3600 + minute * 60 + second - offset)
        guard fourDigitYears.contains(seconds) else { return nil }
        return roundsUp && isWithin ? seconds + 1 : seconds
    }

    /// From 0000-01-01T00:00:00Z to 9999-12-31T23:59:59Z: an offset can lead out of what can be written back.
    private static let fourDigitYears: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    private static func midnight(year: Int, month: Int, day: Int) -> Int64? {
        var parts = tm()
        parts.tm_year = Int32(year) - 1900
        parts.tm_mon = Int32(month) - 1
        parts.tm_mday = Int32(day)
        let seconds = timegm(&parts)
        // timegm makes 2026-02-30 into March; such a day is refused.
        return parts.tm_mon == Int32(month) - 1 && parts.tm_mday == Int32(day) ? Int64(seconds) : nil
    }

    private struct Scanner {
        var bytes: ArraySlice<UInt8>

        var isAtEnd: Bool { bytes.isEmpty }

        mutating func number(_ width: Int) -> Int? {
            let digits = bytes.prefix(width)
            guard digits.count == width, digits.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return nil }
            bytes.removeFirst(width)
            return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        }

        mutating func skip(_ character: Unicode.Scalar) -> Bool {
            guard bytes.first == UInt8(ascii: character) else { return false }
            bytes.removeFirst()
            return true
        }

        mutating func digits() -> ArraySlice<UInt8> {
            let digits = bytes.prefix { $0 >= 0x30 && $0 <= 0x39 }
            bytes = bytes[digits.endIndex...]
            return digits
        }

        /// Seconds east of UTC.
        mutating func offset() -> Int? {
            if skip("Z") || skip("z") { return 0 }
            let sign = skip("-") ? -1 : 1
            guard sign < 0 || skip("+") || skip(" "), let hours = number(2), hours < 24, skip(":"),
                let minutes = number(2), minutes < 60
            else { return nil }
            return sign * (hours * 3600 + minutes * 60)
        }
    }
}
