import HTTP
import Testing

@Suite struct PageTests {
    /// Page by page what the reference shows: 73 records, 15 a page.
    @Test func writesMetaAndLinksAsTheReferenceShowsThem() throws {
        let written = try write("page=1", count: 15, total: 73)
        let expected = """
            {"meta":{"current_page":1,"last_page":5,"per_page":15,"total":73,"from":1,"to":15},\
            "links":{"first":"https://yourdomain.com/api/v1/leads?page=1",\
            "last":"https://yourdomain.com/api/v1/leads?page=5","prev":null,\
            "next":"https://yourdomain.com/api/v1/leads?page=2",\
            "self":"https://yourdomain.com/api/v1/leads?page=1"}}
            """
        #expect(written == expected)
    }

    struct Case {
        let query: String
        let count: Int64
        let total: Int64
        let meta: String
        /// Numbers of the pages first, last, prev, next, self.
        let links: [Int64?]
    }

    @Test(arguments: [
        Case(query: "", count: 0, total: 0, meta: "1,1,15,0,null,null", links: [1, 1, nil, nil, 1]),
        Case(query: "", count: 15, total: 15, meta: "1,1,15,15,1,15", links: [1, 1, nil, nil, 1]),
        Case(query: "", count: 15, total: 16, meta: "1,2,15,16,1,15", links: [1, 2, nil, 2, 1]),
        Case(query: "page=2", count: 1, total: 16, meta: "2,2,15,16,16,16", links: [1, 2, 1, nil, 2]),
        Case(query: "page=3&per_page=2", count: 2, total: 9, meta: "3,5,2,9,5,6", links: [1, 5, 2, 4, 3]),
        Case(query: "page=3", count: 0, total: 16, meta: "3,2,15,16,null,null", links: [1, 2, 2, nil, 3]),
        Case(query: "page=9", count: 0, total: 0, meta: "9,1,15,0,null,null", links: [1, 1, 1, nil, 9]),
        Case(query: "per_page=1000", count: 100, total: 101, meta: "1,2,100,101,1,100", links: [1, 2, nil, 2, 1]),
        Case(
            query: "page=9223372036854775807&per_page=100", count: 0, total: 5,
            meta: "9223372036854775807,1,100,5,null,null", links: [1, 1, 1, nil, Int64.max],
        ),
    ])
    func tellsWhereItIs(_ item: Case) throws {
        let written = try JSONValue(parsing: Array(write(item.query, count: item.count, total: item.total).utf8))
        guard case .object(let object) = written, case .object(let meta) = object["meta"],
            case .object(let links) = object["links"]
        else { throw Unexpected(text: written.minified) }
        #expect(meta.map { $0.value.minified }.joined(separator: ",") == item.meta)
        let expected = item.links.map { number in
            number.map { JSONValue.string("https://yourdomain.com/api/v1/leads?page=\($0)") } ?? .null
        }
        #expect(links.map(\.value) == expected)
    }

    @Test(
        arguments: [
            ("", 1, 15), ("page=2", 2, 15), ("per_page=25", 1, 25), ("page=2&per_page=100", 2, 100),
            ("per_page=101", 1, 100), ("per_page=9223372036854775807", 1, 100), ("per_page=1e30", 1, 100),
            ("page=1e30", Int64.max, 15),
        ] as [(String, Int64, Int64)])
    func isReadFromTheQuery(query: String, number: Int64, size: Int64) throws {
        let page = try page(query)
        #expect(page.number == number)
        #expect(page.size == size)
    }

    @Test(arguments: [
        "page=0", "page=-1", "page=a", "page=", "page=1.5", "page=-1e30", "per_page=0", "per_page=-5", "per_page=all",
        "per_page=10&per_page=10",
    ])
    func refuses(query: String) throws {
        let error = try #require(throws: HTTPError.self) { try page(query) }
        #expect(error.status == .unprocessableContent)
    }

    @Test(
        arguments: [
            ("", 0, nil), ("", 1, 0), ("page=2", 15, nil), ("page=2", 16, 15), ("page=3&per_page=7", 100, 14),
            ("page=9223372036854775807&per_page=100", Int64.max, nil),
            ("page=9223372036854775807&per_page=1", Int64.max, Int64.max - 1),
        ] as [(String, Int64, Int64?)])
    func knowsWhatComesBefore(query: String, total: Int64, offset: Int64?) throws {
        #expect(try page(query).offset(total: total) == offset)
    }

    private func page(_ query: String) throws -> Page {
        Page(try Query(Target("/?" + query), parameters: Page.parameters))
    }

    private func write(_ query: String, count: Int64, total: Int64) throws -> String {
        var writer = JSONWriter()
        writer.beginObject()
        try page(query).write(to: &writer, count: count, total: total) {
            "https://yourdomain.com/api/v1/leads?page=\($0)"
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
