import Crypto
import Foundation

/// Keeps texts in the database that the database alone does not tell: encrypted with AES-256-GCM (NIST SP 800-38D),
/// by a key that stands in a file of its own.
///
/// A sealed text is `v1.`, the key's name, `.`, and in base64 (RFC 4648, section 4):
///
///     offset  size  meaning
///          0    12  nonce, random
///         12     n  the text in UTF-8, encrypted
///     12 + n    16  tag
///
/// Authenticated beside it, in UTF-8: `v1.`, the key's name, `.`, and the context, which says whose text it is and
/// where it stands, so that it opens nowhere else. The key's name is 8 hexadecimal digits, 4 bytes that HKDF-SHA256
/// (RFC 5869) makes from the key without salt for the info `leadhub key name`: it tells another key from damage.
package struct Secrets: Sendable {
    private let key: SymmetricKey
    private let keyName: String

    private static let version = "v1"
    private static let keySizeInBytes = 32
    private static let nonceSizeInBytes = 12
    private static let tagSizeInBytes = 16

    /// Reads the key.
    ///
    /// - Parameter path: of a file of 32 bytes; nil where none is named.
    /// - Returns: the error is for whoever wants to seal or open: all else goes on without.
    package static func read(_ path: String?) -> Result<Secrets, SecretsError> {
        guard let path else { return .failure(.noKey) }
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }
            let bytes = try file.read(upToCount: keySizeInBytes + 1) ?? Data()
            guard bytes.count == keySizeInBytes else { return .failure(.noKeyIn(path)) }
            return .success(Secrets(SymmetricKey(data: bytes)))
        } catch {
            return .failure(.cannotRead(path))
        }
    }

    private init(_ key: SymmetricKey) {
        self.key = key
        let name = HKDF<SHA256>.deriveKey(
            inputKeyMaterial: key, info: Data("leadhub key name".utf8), outputByteCount: 4,
        )
        keyName = name.withUnsafeBytes { $0.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined() }
    }

    /// Encrypts a text for one place.
    ///
    /// - Throws: `SecretsError.damaged`, which does not happen with a key of the right size.
    package func seal(_ text: String, for context: String) throws(SecretsError) -> String {
        let head = "\(Secrets.version).\(keyName)."
        do {
            let box = try AES.GCM.seal(Data(text.utf8), using: key, authenticating: Data((head + context).utf8))
            return head + (Data(box.nonce) + box.ciphertext + box.tag).base64EncodedString()
        } catch {
            throw .damaged
        }
    }

    /// Decrypts what was sealed for the same place.
    ///
    /// - Throws: `SecretsError.otherKey`, and `.damaged` for what was changed or stands elsewhere.
    package func open(_ sealed: String, for context: String) throws(SecretsError) -> String {
        let parts = sealed.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 3, parts[0] == Secrets.version, let bytes = Data(base64Encoded: parts[2]),
            bytes.count >= Secrets.nonceSizeInBytes + Secrets.tagSizeInBytes
        else { throw .damaged }
        guard parts[1] == keyName else { throw .otherKey(parts[1], keyName) }
        do {
            let box = try AES.GCM.SealedBox(combined: bytes)
            let head = "\(Secrets.version).\(keyName)."
            let text = try AES.GCM.open(box, using: key, authenticating: Data((head + context).utf8))
            return String(decoding: text, as: UTF8.self)
        } catch {
            throw .damaged
        }
    }
}

/// Why a secret can be neither kept nor used.
package enum SecretsError: Error, CustomStringConvertible {
    /// No file is named.
    case noKey
    /// The file; it cannot be read.
    case cannotRead(String)
    /// The file; it does not hold 32 bytes.
    case noKeyIn(String)
    /// The names of the key that it was sealed with, and of the one that is there.
    case otherKey(String, String)
    /// It was changed, or stands where it was not sealed for.
    case damaged

    /// What an administrator does about a key that cannot be had.
    package static let advice = """
        put the copy of the key back where LEADHUB_SECRET_KEY_FILE says (with systemd: /etc/leadhub/secret-key), and \
        start anew
        """

    package var description: String {
        switch self {
        case .noKey: "there is no key for secrets"
        case .cannotRead(let path): "the key for secrets, \(path), cannot be read"
        case .noKeyIn(let path): "the key for secrets, \(path), does not hold exactly 32 bytes"
        case .otherKey(let sealed, let own):
            "a secret was sealed with the key \(sealed), and the key that is there is \(own)"
        case .damaged: "a secret was changed, or stands where it does not belong"
        }
    }
}
