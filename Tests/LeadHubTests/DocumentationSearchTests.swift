import Foundation
import HTTP
import Testing

@testable import LeadHub

/// What people find in the documentation: by the page's own script, with as much of a page around it as it looks at.
@Suite struct DocumentationSearchTests {
    @Test(arguments: [
        ("", true, ["createLead", "createAutomation", "getHealthOfServer"], []), ("  ", true, ["createLead"], []),
        ("write:users", false, ["createUser", "putUser"], ["createAutomation", "listUsers", "createTag"]),
        ("WRITE:us", false, ["createUser"], ["createAutomation"]),
        ("create user", false, ["createUser"], ["createTag", "deleteUser"]),
        ("first_name", false, ["createLead"], ["createTag"]),
        ("\"first_name\"", false, ["createLead"], ["createTag"]),
        ("/leads/{id}/tags", false, ["addTagToLead"], ["createLead"]), ("DELETE tags", false, ["deleteTag"], []),
        ("é", false, [], ["createLead"]), ("\"", false, [], ["createLead"]),
        ("write:users é", false, [], ["createUser"]), (".*", false, [], ["createLead"]),
        ("write.users", false, [], ["createUser"]), ("ead", false, [], ["createLead"]),
    ])
    func findsOperations(query: String, showsAll: Bool, found: [String], others: [String]) throws {
        let page = String(decoding: DocumentationPage.html(origin: Workbench.origin), as: UTF8.self)
        let answer = try JSONValue(reading: try run(node: Self.search, [query], input: page))
        let shown = answer["shown"]?.elements.compactMap(\.string) ?? []
        #expect(shown.count == DocumentTests.cases.count || !showsAll)
        #expect(Set(found).isSubset(of: shown), "\(shown)")
        #expect(Set(others).isDisjoint(with: shown), "\(shown)")
        #expect(answer["intros"] == .array(Array(repeating: .boolean(showsAll), count: 2)))
        #expect(answer["none"] == .boolean(shown.isEmpty))
    }

    /// Gives what is shown of a page once its filter says so much.
    private static let search = #"""
        const html = require("fs").readFileSync(0, "utf8");
        const plain = (html) => html.replace(/<[^>]*>/g, "").replace(/&quot;/g, '"').replace(/&lt;/g, "<")
            .replace(/&gt;/g, ">").replace(/&amp;/g, "&");
        const operations = [...html.matchAll(/<details class="operation" id="(\w+)">(.*?)<\/details>/gs)].map((match) => ({
            id: match[1], hidden: false, querySelectorAll: (names) => names.split(", ").flatMap((name) =>
                [...match[2].matchAll(new RegExp(`<${name}[ >].*?</${name}>`, "gs"))].map((part) =>
                    ({ textContent: plain(part[0]) }))),
        }));
        const intros = [...html.matchAll(/class="intro"/g)].map(() => ({ hidden: false }));
        const none = { hidden: true };
        const filter = { value: process.argv[1], parentElement: {}, addEventListener(_, input) { this.input = input; } };
        global.location = { hash: "" };
        global.addEventListener = () => {};
        global.document = {
            querySelectorAll: (name) => ({ ".operation": operations, ".intro": intros })[name] ?? [],
            querySelector: () => none, getElementById: (id) => id === "filter" ? filter : null,
        };
        new Function(html.match(/<script>(.*)<\/script>/s)[1])();
        filter.input();
        console.log(JSON.stringify({
            shown: operations.filter((operation) => !operation.hidden).map((operation) => operation.id),
            intros: intros.map((intro) => !intro.hidden), none: !none.hidden,
        }));
        """#

    private func run(node script: String, _ arguments: [String], input: String) throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["node", "-e", script] + arguments
        let (given, printed) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (given, printed)
        try process.run()
        try given.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try given.fileHandleForWriting.close()
        let data = try printed.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }
}
