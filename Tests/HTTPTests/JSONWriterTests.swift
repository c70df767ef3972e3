import Testing

@testable import HTTP

@Suite struct JSONWriterTests {
    @Test func putsTheCommas() {
        let text = written { writer in
            writer.beginObject()
            writer.key("data")
            writer.beginArray()
            for id in 1...2 {
                writer.beginObject()
                writer.key("id")
                writer.integer(id)
                writer.key("tags")
                writer.beginArray()
                writer.endArray()
                writer.key("custom_fields")
                writer.beginObject()
                writer.endObject()
                writer.key("starred")
                writer.boolean(id == 1)
                writer.endObject()
            }
            writer.endArray()
            writer.key("from")
            writer.null()
            writer.key("to")
            writer.string("x")
            writer.key("value")
            writer.number("1.50")
            writer.key("raw")
            writer.raw(#"[1,{"a":"b"}]"#)
            writer.key("last")
            writer.boolean(false)
            writer.endObject()
        }
        let first = #"{"id":1,"tags":[],"custom_fields":{},"starred":true}"#
        let second = #"{"id":2,"tags":[],"custom_fields":{},"starred":false}"#
        let rest = #""from":null,"to":"x","value":1.50,"raw":[1,{"a":"b"}],"last":false"#
        #expect(text == "{\"data\":[\(first),\(second)],\(rest)}")
    }

    @Test func putsACommaBetweenElementsOfEachKind() {
        let text = written { writer in
            writer.beginArray()
            for _ in 0..<2 {
                writer.null()
                writer.boolean(true)
                writer.integer(0)
                writer.number("1e3")
                writer.string("")
                writer.raw("{}")
                writer.beginArray()
                writer.beginArray()
                writer.endArray()
                writer.endArray()
                writer.beginObject()
                writer.endObject()
            }
            writer.endArray()
        }
        let elements = #"null,true,0,1e3,"",{},[[]],{}"#
        #expect(text == "[\(elements),\(elements)]")
    }

    @Test(
        arguments: [
            (0, "0"),
            (7, "7"),
            (10, "10"),
            (99, "99"),
            (-1, "-1"),
            (1_000_000, "1000000"),
            (-907, "-907"),
            (.max, "9223372036854775807"),
            (.min, "-9223372036854775808"),
        ] as [(Int64, String)])
    func writesIntegers(value: Int64, text: String) {
        #expect(written { $0.integer(value) } == text)
        #expect(written { $0.integer(Int(value)) } == text)
    }

    @Test func writesEveryPowerOfTenAndItsNeighbours() {
        var power: Int64 = 1
        for _ in 0..<19 {
            for value in [power - 1, power, power + 1, -power] {
                #expect(written { $0.integer(value) } == String(value))
            }
            power = power.multipliedReportingOverflow(by: 10).partialValue
        }
    }

    @Test func escapesOnlyWhatRFC8259Requires() {
        for byte in UInt8(0)..<0x80 {
            let expected =
                switch byte {
                case 0x08: "\\b"
                case 0x09: "\\t"
                case 0x0A: "\\n"
                case 0x0C: "\\f"
                case 0x0D: "\\r"
                case 0x22: "\\\""
                case 0x5C: "\\\\"
                case 0..<0x10: "\\u000" + String(byte, radix: 16)
                case 0x10..<0x20: "\\u00" + String(byte, radix: 16)
                default: String(Unicode.Scalar(byte))
                }
            #expect(written { $0.string(String(Unicode.Scalar(byte))) } == "\"\(expected)\"")
        }
        let other = "/ \u{7F} é e\u{301} € 😀 \u{2028} \u{10FFFF}"
        #expect(Array(written { $0.string(other) }.utf8) == Array("\"\(other)\"".utf8))
    }

    @Test func escapesAtEveryPlaceInTextsOfEveryLength() {
        for (byte, escape) in [("\"", "\\\""), ("\\", "\\\\"), ("\u{1F}", "\\u001f"), ("\0", "\\u0000")] {
            for length in 1...40 {
                for place in 0..<length {
                    let before = String(repeating: "!", count: place)
                    let after = String(repeating: "ÿ", count: length - place - 1)
                    #expect(written { $0.string(before + byte + after) } == "\"\(before)\(escape)\(after)\"")
                }
                let all = String(repeating: byte, count: length)
                let allEscaped = String(repeating: escape, count: length)
                #expect(written { $0.string(all) } == "\"\(allEscaped)\"")
            }
        }
    }

    @Test func leavesTextOfEveryLengthAsItIs() {
        for length in 0...100 {
            for character in ["a", " ", "!", "#", "[", "]", "\u{7F}", "ü", "€", "😀"] {
                let text = String(repeating: character, count: length)
                #expect(written { $0.string(text) } == "\"\(text)\"")
            }
        }
    }

    @Test func escapesKeysToo() {
        let text = written { writer in
            writer.beginObject()
            writer.key("a \"quoted\"\nname")
            writer.null()
            writer.key("")
            writer.null()
            writer.endObject()
        }
        #expect(text == #"{"a \"quoted\"\nname":null,"":null}"#)
    }

    @Test func growsPastWhatWasReserved() {
        let text = String(repeating: "long text\n", count: 10_000)
        var writer = JSONWriter(reserving: 8)
        writer.beginArray()
        for _ in 0..<3 { writer.string(text) }
        writer.endArray()
        let element = "\"" + String(repeating: "long text\\n", count: 10_000) + "\""
        #expect(writer.bytes == Array("[\(element),\(element),\(element)]".utf8))
    }

    @Test(arguments: [
        #"{"z":1.0,"a":[1e400,-0,123456789012345678901234567890],"m":{"y":null,"b":true,"a":false}}"#,
        #"[{"\u0000":"\u001f"},"",[[],{}],0.10]"#,
    ])
    func givesBackWhatWasParsedByteForByte(text: String) throws {
        let value = try JSONValue(parsing: Array(text.utf8))
        #expect(written { $0.value(value) } == text)
    }
}

/// Gives what the writer is made to write. `==` takes a composed and a decomposed character for one: a test in which
/// that matters compares the bytes.
private func written(_ write: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    write(&writer)
    return String(decoding: writer.bytes, as: UTF8.self)
}
