import Crypto
import Foundation
import Store
import Testing

@Suite struct SecretsTests {
    private static let text = "s3cret: größer 🔑"

    @Test func opensWhatItHasSealed() throws {
        let secrets = try secrets(key(1))
        for text in ["", "a", Self.text, String(repeating: "x", count: 100_000)] {
            #expect(try secrets.open(secrets.seal(text, for: "here"), for: "here") == text)
        }
    }

    @Test func sealsTheSameTextEachTimeAnew() throws {
        let secrets = try secrets(key(1))
        let sealed = try Set((0..<50).map { _ in try secrets.seal(Self.text, for: "here") })
        #expect(sealed.count == 50)
        #expect(sealed.allSatisfy { !$0.contains("s3cret") })
    }

    /// Written again from the comment at `Secrets`, so that what is on disk can be read without this program.
    @Test func writesWhatItsDescriptionSays() throws {
        let parts = try secrets(key(7)).seal(Self.text, for: "here").split(separator: ".").map(String.init)
        let key = SymmetricKey(data: key(7))
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Data("leadhub key name".utf8), outputByteCount: 4,
        ).withUnsafeBytes { $0.map { String(format: "%02x", $0) }.joined() }
        #expect(parts.count == 3)
        #expect(parts[0] == "v1")
        #expect(parts[1] == name)
        let bytes = try #require(Data(base64Encoded: parts[2]))
        let box = try AES.GCM.SealedBox(
            nonce: AES.GCM.Nonce(data: bytes.prefix(12)), ciphertext: bytes.dropFirst(12).dropLast(16),
            tag: bytes.suffix(16),
        )
        let text = try AES.GCM.open(box, using: key, authenticating: Data("v1.\(name).here".utf8))
        #expect(String(decoding: text, as: UTF8.self) == Self.text)
    }

    @Test func opensNothingThatWasChangedInAnyByte() throws {
        let secrets = try secrets(key(1))
        let sealed = try secrets.seal("abc", for: "here")
        let parts = sealed.split(separator: ".").map(String.init)
        let bytes = try #require(Data(base64Encoded: parts[2]))
        for index in bytes.indices {
            var changed = bytes
            changed[index] ^= 1
            let text = "\(parts[0]).\(parts[1]).\(changed.base64EncodedString())"
            #expect(failure { try secrets.open(text, for: "here") }?.isDamage == true, "byte \(index)")
        }
        for text in [
            "", ".", "..", "v1", "v1..", "v1.\(parts[1]).", "v2.\(parts[1]).\(parts[2])", "v1.\(parts[1]).!!",
            "\(sealed).", "\(sealed)AAAA", " \(sealed)", String(sealed.dropLast(8)), "plain text", Self.text,
            "v1.\(parts[1]).\(bytes.prefix(27).base64EncodedString())",
        ] {
            #expect(failure { try secrets.open(text, for: "here") }?.isDamage == true, "\(text)")
        }
    }

    @Test func opensNothingElsewhere() throws {
        let secrets = try secrets(key(1))
        let sealed = try secrets.seal(Self.text, for: "integration/1/2/config.secret")
        for place in [
            "", "integration/2/2/config.secret", "integration/1/2/config.secret ", "INTEGRATION/1/2/config.secret",
        ] {
            #expect(failure { try secrets.open(sealed, for: place) }?.isDamage == true, "\(place)")
        }
    }

    @Test func tellsAnotherKeyFromDamage() throws {
        let sealed = try secrets(key(1)).seal(Self.text, for: "here")
        let other = try secrets(key(2))
        let error = try #require(failure { try other.open(sealed, for: "here") })
        guard case .otherKey(let sealedBy, let own) = error else {
            Issue.record("\(error)")
            return
        }
        #expect(sealed.hasPrefix("v1.\(sealedBy)."))
        #expect(try other.seal("", for: "").hasPrefix("v1.\(own)."))
        #expect(sealedBy != own)
        #expect("\(error)".contains(sealedBy) && "\(error)".contains(own))
        // The name of the key says nothing by itself: under the other's name it is damaged.
        let renamed = sealed.replacingOccurrences(of: sealedBy, with: own)
        #expect(failure { try other.open(renamed, for: "here") }?.isDamage == true)
    }

    @Test func takesAFileOfExactly32Bytes() throws {
        for size in [0, 1, 31, 33, 64, 100_000] {
            let error = try #require(failure { try secrets(Data(repeating: 1, count: size)) })
            guard case .noKeyIn = error else {
                Issue.record("\(size): \(error)")
                continue
            }
            #expect("\(error)".contains("32 bytes"))
        }
        #expect(throws: Never.self) { try secrets(Data(repeating: 0, count: 32)) }
    }

    @Test(arguments: ["/nonexistent/secret-key", "/"])
    func saysWhichFileCannotBeRead(path: String) throws {
        let error = try #require(failure { try Secrets.read(path).get() })
        guard case .cannotRead = error else {
            Issue.record("\(error)")
            return
        }
        #expect("\(error)".contains(path))
    }

    @Test func goesWithoutAFile() throws {
        guard case .noKey = try #require(failure { try Secrets.read(nil).get() }) else {
            Issue.record("another error")
            return
        }
    }

    private func key(_ seed: UInt8) -> Data { Data((0..<32).map { $0 &* 7 &+ seed }) }

    private func secrets(_ bytes: Data) throws -> Secrets {
        let file = FileManager.default.temporaryDirectory.appending(path: "secret-key-\(UUID())")
        try bytes.write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Secrets.read(file.path).get()
    }

    private func failure<Result>(_ body: () throws -> Result) -> SecretsError? {
        do { _ = try body() } catch { return error as? SecretsError }
        return nil
    }
}

extension SecretsError {
    fileprivate var isDamage: Bool { if case .damaged = self { true } else { false } }
}
