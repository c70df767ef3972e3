/// Writes minified JSON (RFC 8259) into a buffer, and puts the commas.
///
/// The caller closes what it opens, and writes one value behind each key and one in all: nothing here checks that.
package struct JSONWriter: Sendable {
    /// What has been written so far.
    package private(set) var bytes: [UInt8] = []

    /// Whether a value stands directly before what comes next, in the same array or object.
    private var needsComma = false

    /// Takes how many bytes are expected; more may come.
    package init(reserving capacity: Int = 0) {
        bytes.reserveCapacity(capacity)
    }

    /// Opens an object; keys follow, each with its value.
    package mutating func beginObject() { open(UInt8(ascii: "{")) }

    /// Closes the object that was opened last.
    package mutating func endObject() { close(UInt8(ascii: "}")) }

    /// Opens an array; its values follow.
    package mutating func beginArray() { open(UInt8(ascii: "[")) }

    /// Closes the array that was opened last.
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    /// Takes the name of the member whose value is written next.
    package mutating func key(_ name: String) {
        appendQuoted(name, isKey: true)
        needsComma = false
    }

    /// Takes any text; what must be escaped in it is.
    package mutating func string(_ text: String) {
        appendQuoted(text, isKey: false)
    }

    /// Takes a whole number and writes its decimal digits.
    package mutating func integer(_ value: Int64) {
        appendItem(capacity: 20) { $0.append(decimal: value) }
    }

    /// Takes a whole number and writes its decimal digits.
    package mutating func integer(_ value: Int) {
        integer(Int64(value))
    }

    /// Takes the text of a number, valid by RFC 8259, section 6, and copies it as it is.
    package mutating func number(_ text: String) { raw(text) }

    /// Takes a truth value and writes `true` or `false`.
    package mutating func boolean(_ value: Bool) { raw(value ? "true" : "false") }

    /// Writes the value that stands for none.
    package mutating func null() { raw("null") }

    /// Takes one value that is valid, minified JSON already, and copies it byte for byte.
    package mutating func raw(_ json: String) {
        var json = json
        json.withUTF8 { source in
            appendItem(capacity: source.count) { $0.append(copying: source) }
        }
    }

    /// Takes a value of any kind and writes all that is in it, numbers and members as they stand there.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .boolean(let value): boolean(value)
        case .number(let text): number(text)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { self.value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for (name, value) in members {
                key(name)
                self.value(value)
            }
            endObject()
        }
    }
}

extension JSONWriter {
    private mutating func open(_ bracket: UInt8) {
        appendItem(capacity: 1) { $0.append(bracket) }
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// Appends a text in quotation marks, and behind a key its colon.
    private mutating func appendQuoted(_ text: String, isKey: Bool) {
        var text = text
        text.withUTF8 { source in
            var copied = 0
            appendItem(capacity: source.count + 3) { room in
                room.append(UInt8(ascii: "\""))
                copied = room.append(plainPrefixOf: UnsafeRawBufferPointer(source))
                if copied == source.count { room.append(closingString: isKey) }
            }
            if copied < source.count { appendEscaped(source[copied...], isKey: isKey) }
        }
    }

    /// Appends the rest of a text, from the first byte that must be escaped, and what closes it.
    private mutating func appendEscaped(_ rest: Slice<UnsafeBufferPointer<UInt8>>, isKey: Bool) {
        bytes.append(addingCapacity: rest.count * longestEscape + 2) { room in
            for byte in rest { room.append(escaping: byte) }
            room.append(closingString: isKey)
        }
    }

    /// Appends a key, a value or an opening bracket, and before it the comma where one is due. All of it in one step,
    /// since each step checks the buffer anew. `capacity` is the most bytes that `write` appends.
    @inline(__always)
    private mutating func appendItem(capacity: Int, _ write: (inout OutputSpan<UInt8>) -> Void) {
        bytes.append(addingCapacity: capacity + 1) { room in
            if needsComma { room.append(UInt8(ascii: ",")) }
            write(&room)
        }
        needsComma = true
    }
}

/// How many bytes the longest escape of one byte takes, `\u001f`.
private let longestEscape = 6

extension OutputSpan<UInt8> {
    @inline(__always)
    fileprivate mutating func append(copying source: UnsafeBufferPointer<UInt8>) {
        withUnsafeMutableBufferPointer { buffer, count in
            count = buffer[count...].initialize(fromContentsOf: source)
        }
    }

    @inline(__always)
    fileprivate mutating func append(closingString isKey: Bool) {
        append(UInt8(ascii: "\""))
        if isKey { append(UInt8(ascii: ":")) }
    }

    /// Appends the bytes before the first that must be escaped, eight at a time, and gives how many they are.
    @inline(__always)
    fileprivate mutating func append(plainPrefixOf source: UnsafeRawBufferPointer) -> Int {
        withUnsafeMutableBufferPointer { buffer, count in
            let target = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[count...])
            var index = 0
            while index + 8 <= source.count {
                let eight = source.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                guard !eight.hasByteToEscape else { break }
                target.storeBytes(of: eight, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < source.count, !source[index].mustBeEscapedInJSON {
                target[index] = source[index]
                index += 1
            }
            count += index
            return index
        }
    }

    /// Appends a byte of a string, escaped if it must be: in the short form where there is one (RFC 8259, section 7).
    fileprivate mutating func append(escaping byte: UInt8) {
        guard byte.mustBeEscapedInJSON else { return append(byte) }
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        case 0x08: append(UInt8(ascii: "b"))
        case 0x09: append(UInt8(ascii: "t"))
        case 0x0A: append(UInt8(ascii: "n"))
        case 0x0C: append(UInt8(ascii: "f"))
        case 0x0D: append(UInt8(ascii: "r"))
        default:
            for digit in (byte < 0x10 ? "u000" : "u00").utf8 { append(digit) }
            for digit in String(byte, radix: 16).utf8 { append(digit) }
        }
    }

    fileprivate mutating func append(decimal value: Int64) {
        if value < 0 { append(UInt8(ascii: "-")) }
        var rest = value.magnitude
        var power: UInt64 = 1
        while rest / power >= 10 { power *= 10 }
        while power > 0 {
            append(UInt8(ascii: "0") + UInt8(rest / power))
            rest %= power
            power /= 10
        }
    }
}

extension UInt64 {
    /// Whether one of the eight bytes must be escaped. Taking n from a byte borrows into its highest bit where the byte
    /// is below n; so does taking 1 where the exclusive or with a character has left 0. A borrow may mark the byte
    /// above as well, but only where one is marked rightly.
    fileprivate var hasByteToEscape: Bool {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let quotes = self ^ (ones &* 0x22)
        let backslashes = self ^ (ones &* 0x5C)
        let controls = (self &- ones &* 0x20) & ~self
        let marks = controls | (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes
        return marks & (ones &* 0x80) != 0
    }
}

extension JSONValue {
    /// The value as JSON text without white space.
    package var minified: String {
        var writer = JSONWriter(reserving: 64)
        writer.value(self)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
