import HTTP
import Testing

@testable import LeadHub

@Suite struct LeadSearchTests {
    /// Leads number by number; their searches below name them by these.
    private static let leads = [
        #"{"first_name": "Sarah", "last_name": "O'Connor-Smith", "email": "sarah.smith@Example.com"}"#,
        #"{"first_name": "José María", "last_name": "Núñez", "phone": "+34 (0) 912-345-678"}"#,
        #"{"first_name": "Пётр", "last_name": "Чайковский", "phone": "8 (495) 123.45.67"}"#,
        #"{"first_name": "Γιώργος", "last_name": "Παπαδόπουλος", "email": "george@παράδειγμα.example"}"#,
        #"{"first_name": "山田太郎", "last_name": "株式会社", "phone": "０３-１２３４-５６７８"}"#,
        #"{"first_name": "مُحَمَّد", "last_name": "الأحمد", "phone": "٠٥٥٥١٢٣٤٥٦"}"#,
        #"{"first_name": "A \"quoted\" OR name*", "last_name": "NEAR(x y) -not ^start col:umn {b} + c\\d"}"#,
        #"{"first_name": "Ada 👩‍💻🎉", "last_name": "Straße", "phone": "0044 20 7946 0958"}"#,
        #"{"first_name": "Mary   Ann", "last_name": "van  der\tBerg", "email": "1234567@numbers.example"}"#,
        #"{"first_name": "50%_off", "email": "under_score+tag@x-y.example", "phone": "+1 555.867.5309 x12"}"#,
    ]

    @Test func findsAPieceOfANameOrAnAddress() throws {
        try expect([
            // Latin, in any case and with or without accents
            ("sarah", [1]), ("ARA", [1]), ("o'connor", [1]), ("jose", [2]), ("JOSÉ", [2]), ("nunez", [2]), ("ñez", [2]),
            ("Nu%CC%81n%CC%83ez", [2]), ("strasse", [8]), ("straße", [8]), ("STRASSE", [8]), ("raß", [8]),
            ("sarahh", []),
            // Other scripts
            ("пётр", [3]), ("петр", [3]), ("ЧАЙК", [3]), ("чаиковскии", [3]), ("йковс", [3]), ("γιωργος", [4]),
            ("ΓΙΏΡΓΟΣ", [4]), ("ώργο", [4]), ("παπαδοπουλοσ", [4]), ("山田太", [5]), ("田太郎", [5]), ("式会社", [5]),
            ("محمد", [6]), ("مُحَمَّد", [6]), ("حمد", [6]), ("الاحمد", [6]), ("أحمد", [6]),
            // The two names together, whatever is between them
            ("sarah o'con", [1]), ("ria nun", [2]), ("jose  maria   nunez", [2]), ("пётр чай", [3]), ("γος παπ", [4]),
            ("太郎 株式", [5]), ("مد الا", [6]), ("mary ann van der berg", [9]), ("mary  ann", [9]), ("der%09berg", [9]),
            ("o'connor-smith sarah", []), ("sarahsmith", []),
            // Addresses
            ("sarah.smith@", [1]), ("smith@EXAMPLE.com", [1]), ("παράδειγμα", [4]), ("παραδειγμα.ex", [4]),
            ("@example.com", [1]), ("under_score%2Btag", [10]), ("@x-y", [10]), ("smith sarah.smith", []),
        ])
    }

    @Test func findsDigitsHoweverTheyAreWritten() throws {
        try expect([
            ("912345678", [2]), ("912 345 678", [2]), ("(912) 345-678", [2]), ("+34 0912", [2]), ("34912", []),
            ("340912345678", [2]), ("0034 0912 345", [2]), ("912.345.678", [2]), ("912/345", [2]), ("٩١٢٣٤٥", [2]),
            ("84951234567", [3]), ("495 123 45 67", [3]), ("1234567", [2, 3, 5, 9]), ("123.45.67", [2, 3, 5, 9]),
            ("0312345678", [5]),
            ("03-1234-5678", [5]), ("３１２３４", [5]), ("0555123456", [6]), ("+555 123", [6]), ("٥٥٥", [6, 10]),
            ("555", [6, 10]), ("+442079460958", [8]), ("020 7946 0958", [8]), ("44-20-7946", [8]),
            ("555 8675309", [10]),
            ("1.555.867.5309", [10]), ("5309 12", [10]), ("9999", []), ("000", []),
            // A zero within a number is one of its digits.
            ("0958", [8]), ("0-95", [8]), ("0 7946", [8]), ("09", []),
        ])
    }

    /// A mark that makes one character of itself and a quotation mark hides that from nobody.
    @Test(arguments: ["\u{200D}", "\u{FE0F}", "\u{3099}", "\u{93C}", "\u{E31}", "\u{1F3FB}", "\u{301}"])
    func takesAQuotationMarkWithAMarkForText(mark: String) throws {
        try Workbench.run { bench in
            _ = try bench.lead(#"{"first_name": "Ada", "last_name": "Lovelace"}"#)
            _ = try bench.lead("{\"first_name\": \"say\\\"\(mark) so\"}")
            for (text, ids) in [
                ("abc\"\(mark)", []), ("\"\(mark) lovelace \"\(mark)", []), ("ada\"\(mark) : \"\(mark)", []),
                ("ada\"\(mark) OR \"\(mark)lovelace", []), ("say\"\(mark)", [2]), ("\"\(mark) so", [2]),
            ] as [(String, [Int64])] {
                let answer = try bench.get("/api/v1/leads?search=\(text.escaped)")
                #expect(answer.status == 200, "\(answer.text)")
                #expect(answer.ids == ids, "\(text)")
            }
        }
    }

    /// Two characters find what begins with them: a name's word, an address, a number.
    @Test func findsBeginningsByTwoCharacters() throws {
        try expect([
            ("sa", [1]), ("SÁ", [1]), ("o'", [1]), ("ar", []), ("sm", []), ("ma", [2, 9]), ("nu", [2]), ("ñú", [2]),
            ("nú", [2]),
            ("пе", [3]), ("пё", [3]), ("ча", [3]), ("ай", []), ("γι", [4]), ("ώρ", []), ("πα", [4]), ("山田", [5]),
            ("株式", [5]),
            ("田太", []), ("مح", [6]), ("حم", []), ("ال", [6]), ("34", [2]), ("49", []), ("44", [8]), ("55", [6]),
            ("5.5", [6]),
            ("un", [10]), ("12", [9]), ("de", [9]), ("be", [9]), ("*o", []), ("\"q", [7]), ("-n", [7]), ("^s", [7]),
            ("{b", [7]),
            ("%F0%9F%8E%89%F0%9F%8E%89", []), ("ß0", []), ("ße", [8]),
        ])
    }

    /// What means something to FTS5, to LIKE or to GLOB means nothing here.
    @Test func takesOperatorsAsText() throws {
        try expect([
            ("\"quoted\"", [7]), ("\"quo", [7]), ("ted\" or", [7]), ("OR name", [7]), ("name*", [7]), ("nam*", []),
            ("sar*", []),
            ("NEAR(", [7]), ("NEAR(x y)", [7]), ("near(sarah smith)", []), ("-not", [7]), ("sarah -smith", []),
            ("^start", [7]),
            ("^sarah", []), ("col:umn", [7]), ("text:sarah", []), ("text : sarah", []), ("{b} + c", [7]),
            ("{text}", []),
            ("c\\d", [7]), ("sarah OR jose", []), ("sarah AND smith", []), ("NOT", [7]), ("AND", []), ("\"\"\"", []),
            ("\"", nil),
            ("'; DROP TABLE lead; --", []), ("50%_", [10]), ("%%%", []), ("___", []), ("s_rah", []), ("50%", [10]),
            ("%_o", [10]),
            ("sar?h", []), ("[s]arah", []), ("***", []), ("(((", []), (")))", []), ("\\\\\\", []), ("?1 ", []),
            (":a ", []),
        ])
    }

    /// Too short is refused; what has nothing in it to be compared finds nothing.
    @Test func refusesTooLittle() throws {
        let cases: [(text: String, status: Int?)] = [
            ("", nil), ("a", nil), ("é", nil), ("e%CC%81", nil), ("山", nil), ("%20%20%20", nil), ("+a+", nil),
            ("%09%0A", nil),
            ("👩", nil), ("%CC%81", nil), ("a%00b", nil), ("%C3%28", 400), ("%CC%81%CC%82", 200),
            ("%CC%81%CC%81%CC%81", 200),
            ("%D9%8E%D9%91", 200), ("x%CC%8A", 200), ("%E2%80%8B%E2%80%8B", 200),
        ]
        try Workbench.run { bench in
            for lead in Self.leads { _ = try bench.lead(lead) }
            for (text, status) in cases {
                let answer = try bench.get("/api/v1/leads?search=\(Self.query(text))")
                #expect(answer.status == status ?? 422, "\(text): \(answer.text)")
                if status == nil { #expect(answer["errors"]?.names == ["search"]) }
                #expect(answer.ids == [])
            }
            #expect(try bench.get("/api/v1/leads?search=sarah&search=jose").status == 422)
            let long = String(repeating: "sarah%20", count: 50)
            #expect(try bench.get("/api/v1/leads?search=\(long)").status == 422)
        }
    }

    @Test func findsEmojiAndWhatIsBuiltOfSeveral() throws {
        try expect([
            ("👩‍💻🎉", [8]), ("ada 👩", [8]), ("a 👩‍💻", [8]), ("👩‍", [8]), ("💻🎉", []), ("💻🎉 s", [8]),
        ])
    }

    @Test func findsNothingInAnotherWorkspace() throws {
        try Workbench.run { bench in
            let key = try bench.key(["*"], in: try bench.workspace("other"))
            // Ids and rows lie beside each other on both sides.
            let mine = try bench.lead(#"{"first_name": "Sarah", "phone": "5551234"}"#)
            let theirs = try bench.lead(#"{"first_name": "Sarah", "phone": "5551234"}"#, key: key)
            let last = try bench.lead(#"{"first_name": "Sarahs", "phone": "15551234"}"#)
            for text in ["sarah", "sa", "555", "555&sort=first_name", "sarah&status=new", "sarah&starred=false"] {
                let target = "/api/v1/leads?direction=asc&search=\(text)"
                #expect(try bench.get(target).ids == ([mine, last]), "\(text)")
                #expect(try bench.get(target)["meta", "total"] == 2, "\(text)")
                #expect(try bench.get(target, key: key).ids == [theirs], "\(text)")
                #expect(try bench.get(target, key: key)["meta", "total"] == 1, "\(text)")
                #expect(try bench.get(target + "&cursor=", key: key).ids == [theirs], "\(text)")
            }
        }
    }

    /// What was changed is found by what it is now; what was deleted is not found.
    @Test func followsWhatHappensToALead() throws {
        try Workbench.run { bench in
            let id = try bench.lead(#"{"first_name": "Sarah", "last_name": "Connor", "phone": "12345678"}"#)
            let lead = "/api/v1/leads/\(id)"
            func found(_ texts: String...) throws -> [Bool] {
                try texts.map { try bench.get("/api/v1/leads?search=\($0)").ids == [id] }
            }
            #expect(try found("sarah con", "345678", "john") == [true, true, false])
            _ = try bench.send(
                .patch, lead, #"{"first_name": "John", "phone": null, "email": "j@x.example"}"#, key: bench.key)
            #expect(try found("sarah", "345678", "john con", "j@x") == [false, false, true, true])
            _ = try bench.send(.patch, lead, #"{"starred": true, "notes": "sarah"}"#, key: bench.key)
            #expect(try found("sarah", "john con") == [false, true])
            _ = try bench.send(.delete, lead, key: bench.key)
            #expect(try found("john con", "j@x") == [false, false])
            _ = try bench.connection.write { try Lead.restore(id, $0, now: Workbench.now) }
            #expect(try found("john con", "j@x", "sarah") == [true, true, false])
        }
    }

    /// Of a text that may hold escapes.
    private static func query(_ text: String) -> String {
        text.contains(/%[0-9A-F]{2}/) || text == "+a+" ? text.replacing(" ", with: "+") : text.escaped
    }

    /// Each case is what is sought and who is found; nil where the search is refused.
    private func expect(_ cases: [(text: String, ids: [Int64]?)]) throws {
        try Workbench.run { bench in
            for lead in Self.leads { _ = try bench.lead(lead) }
            for (text, ids) in cases {
                let query = Self.query(text)
                // Alone the index finds; beside another filter, in another order, the text may be looked at itself.
                for rest in ["", "&sort=first_name", "&status=new,lost&sort=email", "&cursor="] {
                    let answer = try bench.get("/api/v1/leads?search=\(query)\(rest)")
                    #expect(answer.status == (ids == nil ? 422 : 200), "\(text)\(rest): \(answer.text)")
                    #expect(answer.ids.sorted() == ids ?? [], "\(text)\(rest)")
                }
            }
        }
    }
}
