/// Which part of a list is asked for, by count.
package struct Page: Equatable {
    package let number: Int64
    package let size: Int64

    package static let defaultSize: Int64 = 15
    /// More than this is not an error: the page is as long as it may be.
    package static let largestSize: Int64 = 100

    package static let parameters = [
        Parameter(.integer("page", 1...Int64.max, default: 1, about: "Which page, from 1.")),
        Parameter(
            .integer(
                "per_page", 1...Int64.max, default: defaultSize, about: "How many records a page has; at most 100.",
            )
        ),
    ]

    package init(_ query: Query) {
        number = query.integer("page") ?? 1
        size = min(query.integer("per_page") ?? Page.defaultSize, Page.largestSize)
    }

    /// How many records come before the page; nil where a list of `total` records ends before it.
    package func offset(total: Int64) -> Int64? {
        let (before, overflow) = (number - 1).multipliedReportingOverflow(by: size)
        return overflow || before >= total ? nil : before
    }

    /// Writes `meta` and `links` as the reference shows them.
    ///
    /// - Parameters:
    ///   - writer: gains the two members.
    ///   - count: how many records this page has.
    ///   - total: how many the whole list has.
    ///   - link: gives the address of a page.
    package func write(to writer: inout JSONWriter, count: Int64, total: Int64, link: (Int64) -> String) {
        let last = max(1, (total + size - 1) / size)
        let before = count > 0 ? (number - 1) * size : nil
        writer.key("meta")
        writer.beginObject()
        writer.member("current_page", number)
        writer.member("last_page", last)
        writer.member("per_page", size)
        writer.member("total", total)
        writer.member("from", before.map { $0 + 1 })
        writer.member("to", before.map { $0 + count })
        writer.endObject()
        writer.key("links")
        writer.beginObject()
        writer.member("first", link(1))
        writer.member("last", link(last))
        writer.member("prev", number > 1 ? link(min(number - 1, last)) : nil)
        writer.member("next", number < last ? link(number + 1) : nil)
        writer.member("self", link(number))
        writer.endObject()
    }
}

extension JSONWriter {
    package mutating func member(_ name: String, _ number: Int64?) {
        key(name)
        if let number { integer(number) } else { null() }
    }

    package mutating func member(_ name: String, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }
}
