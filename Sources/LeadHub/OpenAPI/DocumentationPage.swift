import Crypto
import Foundation
import HTTP

/// The document as a page for people: HTML, CSS and one small script, all in one, so that it needs no other host.
struct DocumentationPage {
    private let document: JSONObject
    private var html = ""

    /// The page, for people who reach this server at `origin`.
    static func html(origin: String) -> [UInt8] {
        Array(pieces.joined(separator: HTML.escaped(origin)).utf8)
    }

    /// What the page may do (https://www.w3.org/TR/CSP3/): its own style and its own script, nothing else.
    static let contentSecurityPolicy: String = {
        func hash(_ text: String) -> String {
            "'sha256-\(Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString())'"
        }
        return "default-src 'none'; style-src \(hash(style)); script-src \(hash(script)); base-uri 'none'; "
            + "form-action 'none'; frame-ancestors 'none'"
    }()

    /// Stands for the origin until there is a request.
    private static let origin: Character = "\u{E000}"

    private static let pieces: [Substring] = {
        var page = DocumentationPage(document: Document.parts)
        page.write()
        return page.html.split(separator: origin, omittingEmptySubsequences: false)
    }()

    private init(document: JSONObject) {
        self.document = document
    }

    // MARK: - The page

    private mutating func write() {
        let title = HTML.escaped(string(document["info"]?["title"]))
        html += """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>\(title)</title>
            <style>\(DocumentationPage.style)</style>
            </head>
            <body>
            <header>
            <h1>\(title) <small>\(HTML.escaped(string(document["info"]?["version"])))</small></h1>
            <p class="filter" hidden><label for="filter">Find an operation</label>
            <input id="filter" type="search" placeholder="lead, tags, DELETE, write:users …" autocomplete="off"></p>
            </header>
            <div class="columns">
            <nav aria-label="Operations">
            """
        for group in groups { writeContents(group) }
        html += "<h2><a href=\"#sending\">Send leads in</a></h2>"
        html += "<h2><a href=\"#errors\">Errors</a></h2></nav><main>"
        html += "<section class=\"intro\">\(DocumentationPage.prose(string(document["info"]?["description"])))"
        html += "<p>The same for programs: <a href=\"/api/v1/openapi.json\"><code>/api/v1/openapi.json</code></a>, "
        html += "in OpenAPI 3.1.</p></section>"
        html += DocumentationPage.sending(origin: DocumentationPage.origin)
        for group in groups { writeGroup(group) }
        html += "<p class=\"none\" hidden>Nothing is called that.</p>"
        writeErrors()
        html += "</main></div><script>\(DocumentationPage.script)</script></body></html>\n"
    }

    private mutating func writeContents(_ group: JSONValue) {
        let name = HTML.escaped(string(group["name"]))
        html += "<h2><a href=\"#group-\(name)\">\(name)</a></h2><ul>"
        for item in operations(of: group) {
            let summary = HTML.escaped(string(item.operation["summary"]))
            let note = item.method == "put" ? " (PUT)" : ""
            html += "<li><a href=\"#\(string(item.operation["operationId"]))\">\(summary)\(note)</a></li>"
        }
        html += "</ul>"
    }

    private mutating func writeGroup(_ group: JSONValue) {
        let name = HTML.escaped(string(group["name"]))
        html += "<section class=\"group\"><h2 id=\"group-\(name)\">\(name)</h2>"
        html += DocumentationPage.prose(string(group["description"]))
        for item in operations(of: group) { write(item) }
        html += "</section>"
    }

    private mutating func write(_ item: Item) {
        let operation = item.operation
        let path = HTML.escaped(item.path).replacing("/", with: "/<wbr>")
        html += """
            <details class="operation" id="\(string(operation["operationId"]))"><summary>\
            <span class="method \(item.method)">\(item.method.uppercased())</span> \
            <code class="path">\(path)</code> \
            <span class="about">\(HTML.escaped(string(operation["summary"])))</span></summary>\
            <div class="body">\(DocumentationPage.prose(string(operation["description"])))
            """
        writeCommand(item)
        let parameters = list(operation["parameters"]).map { resolved($0) }
        for (place, title) in [("path", "In the path"), ("query", "In the query"), ("header", "Headers")] {
            writeTable(
                title,
                parameters.filter { $0["in"] == .string(place) }.map { parameter in
                    Row(
                        name: string(parameter["name"]), type: type(of: parameter["schema"] ?? [:]),
                        isRequired: parameter["required"] == true, description: string(parameter["description"]),
                    )
                },
            )
        }
        if let schema = json(operation["requestBody"]?["content"])?["schema"] {
            writeTable("Body", rows(of: schema))
        }
        writeResponses(operation)
        html += "</div></details>"
    }

    private mutating func writeCommand(_ item: Item) {
        html += "<div class=\"command\"><button type=\"button\" hidden>Copy</button><pre><code>"
        html += HTML.escaped(command(item)) + "</code></pre></div>"
    }

    private mutating func writeTable(_ title: String, _ rows: [Row]) {
        guard !rows.isEmpty else { return }
        html += "<h4>\(title)</h4><dl>"
        for row in rows {
            let name = HTML.escaped(row.name)
                .replacing(".", with: ".<wbr>").replacing("_", with: "_<wbr>")
            html += "<dt><code>\(name)</code>\(row.isRequired ? " <b>required</b>" : "")</dt><dd>"
            if !row.cases.isEmpty {
                let cases = row.cases.map { "<code>\(HTML.escaped($0))</code>" }
                html += "<span class=\"case\">For \(cases.joined(separator: ", "))</span> "
            }
            html += "<span class=\"type\">\(HTML.escaped(row.type))</span> "
            html += DocumentationPage.inline(row.description) + "</dd>"
        }
        html += "</dl>"
    }

    private mutating func writeResponses(_ operation: JSONValue) {
        guard case .object(let responses) = operation["responses"] else { return }
        html += "<h4>Answers</h4>"
        for (status, response) in responses where isSuccess(status) {
            html += "<p><code>\(status)</code> \(DocumentationPage.inline(string(response["description"])))</p>"
            if let example = json(response["content"])?["example"] {
                html += "<pre><code>\(HTML.escaped(example.indented()))</code></pre>"
            }
        }
        let others = responses.filter { !isSuccess($0.name) }.map { status, response in
            status == "304" ? "<code>304</code>" : "<a href=\"#error-\(status)\"><code>\(status)</code></a>"
        }
        html += "<p>Also \(others.joined(separator: " "))</p>"
    }

    /// Whether it did what was asked; the form's 303 leads to the page that says so.
    private func isSuccess(_ status: String) -> Bool { status.hasPrefix("2") || status == "303" }

    private mutating func writeErrors() {
        html += "<section><h2 id=\"errors\">Errors</h2>"
        html += "<p>Every error has the same form; <code>errors</code> is there for 422 only.</p>"
        let example = resolved(["$ref": "#/components/responses/ValidationFailed"])
        if let shown = json(example["content"])?["example"] {
            html += "<pre><code>\(HTML.escaped(shown.indented()))</code></pre>"
        }
        html += "<dl>"
        for refusal in DocumentedRefusal.all {
            html += "<dt id=\"error-\(refusal.status)\"><code>\(refusal.status)</code></dt>"
            html += "<dd><code>\(refusal.error.code)</code> "
            html += DocumentationPage.inline(refusal.description) + "</dd>"
        }
        html += "</dl></section>"
    }

    // MARK: - What the document says

    private struct Item {
        let method: String
        let path: String
        let operation: JSONValue
    }

    private var groups: [JSONValue] { list(document["tags"]) }

    private func operations(of group: JSONValue) -> [Item] {
        guard case .object(let paths) = document["paths"], let name = group["name"] else { return [] }
        return paths.flatMap { path, methods -> [Item] in
            guard case .object(let methods) = methods else { return [] }
            return methods.map { Item(method: $0.name, path: path, operation: $0.value) }
        }.filter { list($0.operation["tags"]) == [name] }
    }

    /// What carries an operation out, for a shell.
    private func command(_ item: Item) -> String {
        let parameters = list(item.operation["parameters"])
        var path = item.path
        for parameter in parameters where parameter["in"] == "path" {
            path = path.replacing("{\(string(parameter["name"]))}", with: written(parameter["example"]))
        }
        let query = parameters.filter { $0["in"] == "query" && $0["required"] == true }.map { parameter in
            "\(string(parameter["name"]))=\(written(parameter["schema"]?["examples"]?["0"]))"
        }
        if !query.isEmpty { path += "?" + query.joined(separator: "&") }
        let method = item.method == "get" ? "" : "-X \(item.method.uppercased()) "
        var lines = ["curl \(method)'\(DocumentationPage.origin)\(path)'"]
        if item.operation["security"] != [] {
            lines.append("-H 'Authorization: Bearer lh_your_api_key_here'")
        }
        let operation = Document.operations.first { .string($0.id) == item.operation["operationId"] }
        if let example = operation?.example(toTry: true) {
            lines.append("-H 'Content-Type: application/json'")
            lines.append("-d '\(example.indented("  ").replacing("'", with: "'\\''"))'")
        }
        return lines.joined(separator: " \\\n  ")
    }

    private func written(_ example: JSONValue?) -> String {
        if case .string(let text) = example { text } else { example?.minified ?? "" }
    }

    func resolved(_ value: JSONValue) -> JSONValue {
        guard case .string(let reference) = value["$ref"] else { return value }
        let steps = reference.split(separator: "/").dropFirst(2).map(String.init)
        return steps.reduce(document["components"] ?? [:]) { $0[$1] ?? [:] }
    }

    private func json(_ content: JSONValue?) -> JSONValue? { content?["application/json"] }

    func list(_ value: JSONValue?) -> [JSONValue] {
        if case .array(let values) = value { values } else { [] }
    }

    func string(_ value: JSONValue?) -> String {
        if case .string(let text) = value { text } else { "" }
    }

    // MARK: - Text

    /// Paragraphs, with code between backticks.
    static func prose(_ text: String) -> String {
        text.split(separator: "\n\n").map { "<p>\(inline(String($0)))</p>" }.joined()
    }

    private static func inline(_ text: String) -> String {
        HTML.escaped(text).split(separator: "`", omittingEmptySubsequences: false).enumerated().map { index, piece in
            index.isMultiple(of: 2) ? String(piece) : "<code>\(piece)</code>"
        }.joined()
    }
}

extension JSONValue {
    /// The value as JSON text for people to read.
    fileprivate func indented(_ margin: String = "") -> String {
        let inner = margin + "  "
        switch self {
        case .object(let object) where !object.isEmpty:
            let members = object.map { "\(inner)\(JSONValue.string($0.name).minified): \($0.value.indented(inner))" }
            return "{\n" + members.joined(separator: ",\n") + "\n\(margin)}"
        case .array(let values) where values.contains { if case .object = $0 { true } else { false } }:
            return "[\n" + values.map { inner + $0.indented(inner) }.joined(separator: ",\n") + "\n\(margin)]"
        default:
            return minified
        }
    }
}
