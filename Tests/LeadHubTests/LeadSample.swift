import Foundation
import HTTP

@testable import LeadHub

/// Numbers that only look random (Knuth's MMIX generator): a failure comes again.
struct Dice {
    private var state: UInt64

    init(_ seed: Int) {
        state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15
        for _ in 0..<3 { _ = below(2) }
    }

    mutating func below(_ limit: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(limit))
    }

    mutating func isLucky(percent: Int) -> Bool { below(100) < percent }

    mutating func one<Item>(of items: [Item]) -> Item { items[below(items.count)] }

    mutating func maybe<Item>(_ percent: Int, _ items: [Item]) -> Item? {
        isLucky(percent: percent) && !items.isEmpty ? one(of: items) : nil
    }
}

/// Small sets that random leads draw from: many share a value.
enum Pool {
    /// Names as they are shown, and as they are compared.
    static let names: [(shown: String, folded: String)] = [
        ("Zoë", "zoe"), ("zoe", "zoe"), ("ZOÉ", "zoe"), ("ÅSA", "asa"), ("Ümit", "umit"), ("anna", "anna"),
        ("ANNA", "anna"), ("Anna Maria", "anna maria"), ("Mary  Ann", "mary  ann"), ("Straße", "strasse"),
        ("Strasse", "strasse"), ("O'Brien", "o'brien"), ("Jean-Luc", "jean-luc"), ("Z", "z"), ("Ł", "ł"),
        ("Иван", "иван"), ("Йордан", "иордан"), ("ЁЛКИНА", "елкина"), ("Γιώργος", "γιωργοσ"), ("ΓΙΏΡΓΟΣ", "γιωργοσ"),
        ("山田", "山田"), ("山田太郎", "山田太郎"), ("𠮷野家", "𠮷野家"), ("Ａｎｎａ", "ａｎｎａ"), ("محمد", "محمد"),
        ("مُحَمَّد", "محمد"), ("أحمد", "احمد"), ("ﬁona", "fiona"), ("👩‍💻 Ada", "👩‍💻 ada"), ("50% \"OR\" *", "50% \"or\" *"),
    ]

    static let emails = [
        "b1@example.com", "B1@Example.com", "anna.b@example.org", "ANNA.B@EXAMPLE.ORG", "zoe+x@web.example",
        "ümit@пример.example", "a_b@x.example", "a-b@x.example", "o'brien@x.example",
    ]

    /// Numbers as they are shown, and as they are compared.
    static let phones: [(shown: String, digits: String)] = [
        ("+49 30 123456", "4930123456"), ("0049-30-12 34 56", "4930123456"), ("(030) 123456", "30123456"),
        ("030/123456", "30123456"), ("+1 (555) 010-2030", "15550102030"), ("٠٥٥٥١٢٣٤", "5551234"),
        ("555.12.34", "5551234"), ("00000", ""), ("+44 20 7946 0958", "442079460958"),
    ]

    /// Firms as they are shown, and as they are compared.
    static let companies: [(shown: String, folded: String)] = [
        ("Acme", "acme"), ("ACMÉ", "acme"), ("Äpfel & Söhne", "apfel & sohne"), ("株式会社", "株式会社"), ("x=y&z", "x=y&z"),
    ]

    static let sources = ["api", "web", "Wéb shop", "mail", "WEB"]
    /// As they are shown, and as they are compared; the first spelling stays.
    static let tags: [(shown: String, folded: String)] = [
        ("vip", "vip"), ("Hot Lead", "hot lead"), ("Ünder/Way", "under/way"), ("горячий", "горячии"), ("a,b", "a,b"),
        ("rare", "rare"),
    ]
    static let customFields: [(key: String, value: JSONValue, text: String)] = [
        ("budget", .string("10000"), "10000"), ("budget", .number("10000"), "10000"), ("budget", .number("1e4"), "1e4"),
        ("Größe", .string("Ünder"), "Ünder"), ("vat", .boolean(true), "true"), ("vat", .boolean(false), "false"),
        ("vat", .string("true"), "true"), ("a b&c=d", .string(" - "), "-"), ("a]b[", .string("x y"), "x y"),
    ]
}

/// A lead as a test knows it, with what its texts are compared by: written down, not computed as the program does.
struct LeadSample {
    var id: Int64 = 0
    var firstName: (shown: String, folded: String)
    var lastName: (shown: String, folded: String)?
    var email: String?
    var phone: (shown: String, digits: String)?
    var company: (shown: String, folded: String)?
    var tags: [(shown: String, folded: String)]
    var customFields: [(key: String, value: JSONValue, text: String)]
    var status: String
    var source: String
    var isStarred: Bool
    var score: Int64
    var user: Int64?
    var pipeline: Int64?
    var stage: Int64?
    var createdAt: Int64 = 0
    var updatedAt: Int64 = 0

    init(_ dice: inout Dice, users: [Int64] = [], stages: [Int64] = []) {
        firstName = dice.one(of: Pool.names)
        lastName = dice.maybe(70, Pool.names)
        email = dice.maybe(60, Pool.emails)
        phone = dice.maybe(60, Pool.phones)
        company = dice.maybe(60, Pool.companies)
        // Two values in three are common, the others rare: lists are read both ways.
        tags = Pool.tags.enumerated().filter { dice.isLucky(percent: 50 / (1 + 4 * $0.offset)) }.map(\.element)
        customFields = []
        for field in Pool.customFields where dice.isLucky(percent: 12) {
            if !customFields.contains(where: { $0.key == field.key }) { customFields.append(field) }
        }
        status = dice.isLucky(percent: 60) ? "new" : dice.one(of: Lead.statuses)
        source = dice.isLucky(percent: 60) ? "api" : dice.one(of: Pool.sources)
        isStarred = dice.isLucky(percent: 10)
        score = Int64(dice.below(9)) - 4
        user = dice.maybe(50, users)
        stage = dice.maybe(60, stages)
    }

    /// What a client sends.
    var body: String {
        func text(_ text: String?) -> JSONValue { text.map { JSONValue.string($0) } ?? .null }
        var members: [JSONObject.Member] = []
        members.append((name: "first_name", value: text(firstName.shown)))
        members.append((name: "last_name", value: text(lastName?.shown)))
        members.append((name: "email", value: text(email)))
        members.append((name: "phone", value: text(phone?.shown)))
        members.append((name: "company", value: text(company?.shown)))
        members.append((name: "tags", value: .array(tags.map { JSONValue.string($0.shown) })))
        let custom = customFields.map { (name: $0.key, value: $0.value) }
        members.append((name: "custom_fields", value: .object(JSONObject(custom))))
        members.append((name: "status", value: text(status)))
        members.append((name: "source", value: text(source)))
        members.append((name: "starred", value: .boolean(isStarred)))
        members.append((name: "lead_score", value: .number("\(score)")))
        members.append((name: "assigned_user_id", value: user.map { JSONValue.number("\($0)") } ?? .null))
        if let stage { members.append((name: "pipeline_stage_id", value: .number("\(stage)"))) }
        return JSONValue.object(JSONObject(members)).minified
    }

    /// Whether a search finds it: `piece` is folded, with single spaces.
    func isFound(by piece: String, digits: [String] = []) -> Bool {
        let name = [firstName.folded, lastName?.folded].compactMap { $0 }.joined(separator: " ")
        let lines = [name.replacingOccurrences(of: "  ", with: " "), email.map(LeadSample.foldedEmail), phone?.digits]
        return lines.compactMap { $0 }.contains { line in
            ([piece] + digits).contains { LeadSample.has($0, in: line) }
        }
    }

    /// Three characters are found anywhere, two where a word begins, fewer nowhere.
    private static func has(_ piece: String, in line: String) -> Bool {
        switch piece.unicodeScalars.count {
        case ..<2: false
        case 2: line.split(separator: " ").contains { Array($0.utf8).starts(with: Array(piece.utf8)) }
        default: Data(line.utf8).range(of: Data(piece.utf8)) != nil
        }
    }

    private static func foldedEmail(_ email: String) -> String {
        email.lowercased().replacingOccurrences(of: "ü", with: "u")
    }
}

extension LeadSample {
    static let sorts = ["created_at", "updated_at", "lead_score", "first_name", "last_name", "email"]

    /// By the value first, then by id in the same direction; without a value last in both.
    func comes(before other: LeadSample, by sort: String, isAscending: Bool) -> Bool {
        switch (sortKey(sort), other.sortKey(sort)) {
        case (let mine?, let theirs?) where mine != theirs: mine.lexicographicallyPrecedes(theirs) == isAscending
        case (.some, nil): true
        case (nil, .some): false
        default: (id < other.id) == isAscending
        }
    }

    /// Bytes in whose order the leads come.
    private func sortKey(_ sort: String) -> [UInt8]? {
        func bytes(_ number: Int64) -> [UInt8] { withUnsafeBytes(of: (number + 1_000_000).bigEndian) { Array($0) } }
        return switch sort {
        case "created_at": bytes(createdAt)
        case "updated_at": bytes(updatedAt)
        case "lead_score": bytes(score)
        case "first_name": Array(firstName.folded.utf8)
        case "last_name": lastName.map { Array($0.folded.utf8) }
        default: email.map { Array($0.lowercased().utf8) }
        }
    }
}

extension String {
    /// For a query: every byte but letters, digits and `-._~` escaped.
    var escaped: String {
        utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: String(UnicodeScalar(byte))
            default: (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }
}
