import Crypto
import Foundation
import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// The documentation as people read it.
@Suite struct DocumentationPageTests {
    @Test func saysHowEachKindOfSenderSends() throws {
        try Workbench.run { bench in
            let page = try bench.get("/api/v1/docs").text
            #expect(page.contains("id=\"sending\""))
            #expect(page.contains("curl '\(Workbench.origin)/api/inbound/integrations/lhi_your_token_here'"))
            #expect(page.contains("30 days") && page.contains("5 minutes") && page.contains("300 seconds"))
            let types = try bench.get("/api/v1/integrations/types")
            for sample in IntegrationSample.sources {
                #expect(page.contains("id=\"sending-\(sample.type)\""))
                let type = try #require(types["data"]?.elements.first { $0["type"] == .string(sample.type) })
                #expect(type["description"]?.string?.contains("`inbound_url`") == true)
            }
        }
    }

    @Test func needsNoKeyAndIsKeptByBrowsers() throws {
        try Workbench.run { bench in
            let page = try bench.send(.get, "/api/v1/docs", key: nil)
            #expect(page.status == 200)
            #expect(page.header("Content-Type") == "text/html; charset=utf-8")
            #expect(page.header("X-Request-Id") != nil)
            let entityTag = try #require(page.header("ETag"))
            #expect(try bench.send(.get, "/api/v1/docs", key: nil, fields: [.ifNoneMatch: entityTag]).status == 304)
            #expect(try bench.send(.options, "/api/v1/docs", key: nil).header("Allow") == "GET, HEAD, OPTIONS")
            #expect(try bench.send(.post, "/api/v1/docs", "{}", key: nil).status == 405)
        }
    }

    @Test func showsEveryOperationWithItsCommand() throws {
        let page = try page()
        for item in DocumentTests.cases {
            #expect(page.contains("id=\"\(item.operation.id)\""))
            let method = item.route.method == .get ? "" : "-X \(item.route.method.rawValue) "
            let query = item.required.isEmpty ? "" : "?" + item.required.joined(separator: "&amp;")
            let command = "curl \(method)'\(Workbench.origin)\(item.target)\(query)'"
            #expect(page.contains(command), "\(command)")
            if let scope = item.route.scope { #expect(page.contains("<code>\(scope.rawValue)</code>")) }
        }
        #expect(page.contains("&quot;first_name&quot;: &quot;Sarah&quot;"))
        #expect(page.contains("VALIDATION_FAILED"))
    }

    /// On any installation, also a new one: what names other records is left out, and what must be there is there.
    @Test func showsCommandsThatWork() throws {
        let page = try page()
        let lead = try #require(page.components(separatedBy: "-X POST '\(Workbench.origin)/api/v1/leads' ").last)
        let command = try #require(lead.components(separatedBy: "</pre>").first)
        #expect(command.contains("&quot;tags&quot;"))
        #expect(!command.contains("_id&quot;"), "\(command)")
        #expect(page.contains("/api/inbound/leads?tenant=demo'"))
        #expect(page.contains("hub.mode=subscribe&amp;hub.challenge="))
        #expect(!page.contains("&quot;name&quot;: &quot;Sales&quot;"))
        let tokens = Set(page.matches(of: /api\/inbound\/([a-z]+)\/([^'<&?]*)/).map { "\($0.1)/\($0.2)" })
        #expect(tokens == ["integrations/lhi_your_token_here", "forms/lhf_your_token_here"])
    }

    /// What cases of a body have alike stands once, and what only some have says which.
    @Test func tellsTheCasesOfABodyApart() throws {
        let integration = try rows("createIntegration")
        #expect(!integration.contains { $0.contains("(") })
        let sources = "For facebook_lead_ads, google_ads, typeform, jotform, calendly, elementor, wpforms, "
        #expect(
            integration.filter { $0.hasPrefix("config.field_map ") }.map { $0.contains("\(sources)contact_form_7, ") }
                == [true]
        )
        #expect(integration.contains { $0.hasPrefix("name required string, ") })
        #expect(integration.filter { $0.hasPrefix("type ") }.count == 1)
        #expect(integration.contains { $0.hasPrefix("config.google_key required For google_ads secret text, ") })
        #expect(integration.contains { $0.hasPrefix("config.from_name For mailgun, sendmail string, ") })
        // Of an update it is not known which type it is of.
        #expect(try rows("updateIntegration").contains { $0.hasPrefix("config.google_key secret text, ") })

        let automation = try rows("createAutomation")
        let types = "lead_created | lead_stage_changed | lead_assigned | "
        #expect(automation.filter { $0.hasPrefix("trigger.type required \(types)") }.count == 1)
        #expect(automation.filter { $0.hasPrefix("steps[].action ") }.count == 1)
        #expect(automation.filter { $0.hasPrefix("trigger.config ") } == ["trigger.config object The details."])
        #expect(automation.contains { $0.hasPrefix("trigger.config.tag required For tag_added string, ") })
        #expect(automation.contains { $0.hasPrefix("steps[].config.secret For action send_webhook secret text, ") })
        #expect(automation.contains { $0.hasPrefix("steps[].config.value required For delay days integer, ") })
        let modes = "For action assign_user user | round_robin "
        #expect(automation.contains { $0.hasPrefix("steps[].config.mode required \(modes)") })
    }

    /// The lines of an operation's tables, without their marks.
    private func rows(_ operation: String) throws -> [String] {
        let page = try page()
        let parts = page.components(separatedBy: "<details class=\"operation\" id=\"\(operation)\">")
        let section = try #require(parts.last?.components(separatedBy: "</details>").first)
        return section.matches(of: /<dt>.*?<\/dd>/.dotMatchesNewlines()).map { row in
            String(row.0).replacing("</dt>", with: " ").replacing(/<[^>]*>/, with: "")
                .replacing("&lt;", with: "<").replacing("&gt;", with: ">")
        }
    }

    /// It runs its own style and script, by their hashes, and asks no other host for anything.
    @Test func loadsNothing() throws {
        try Workbench.run { bench in
            let policy = try #require(
                try bench.send(.get, "/api/v1/docs", key: nil).header("Content-Security-Policy")
            )
            #expect(policy.hasPrefix("default-src 'none'; "))
            let page = try page()
            for name in ["style", "script"] {
                let parts = page.components(separatedBy: "<\(name)>")
                try #require(parts.count == 2)
                let text = try #require(parts[1].components(separatedBy: "</\(name)>").first)
                let hash = Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
                #expect(policy.contains("\(name)-src 'sha256-\(hash)'"))
            }
            for loading in [" src=", "<link", "@import", "url(", " style=", " onclick=", "http-equiv"] {
                #expect(!page.contains(loading), "\(loading)")
            }
            let links = page.matches(of: /href="([^"]*)"/).map { String($0.1) }
            #expect(links.count > 30)
            for link in links {
                #expect(link.hasPrefix("#") || link == "/api/v1/openapi.json", "\(link)")
                if link.hasPrefix("#") { #expect(page.contains("id=\"\(link.dropFirst())\""), "\(link)") }
            }
        }
    }

    @Test func isSafeWhateverItsOriginIs() {
        let page = String(decoding: DocumentationPage.html(origin: "https://a\"<script>&"), as: UTF8.self)
        #expect(page.contains("https://a&quot;&lt;script&gt;&amp;/api/v1/leads"))
        #expect(!page.contains("\u{E000}"))
        let joined = HTML.escaped("\u{600}<script>\u{600}\"&\u{301}")
        #expect(joined.unicodeScalars.elementsEqual("\u{600}&lt;script&gt;\u{600}&quot;&amp;\u{301}".unicodeScalars))
    }

    /// Every element that is opened is closed, in its order.
    @Test func isWellFormed() throws {
        var open: [Substring] = []
        let page = try page().replacing(/<script>.*<\/script>/.dotMatchesNewlines(), with: "")
        for element in page.matches(of: /<(\/?)([a-z0-9]+)[^>]*>/) {
            let name = element.2
            if ["meta", "input", "wbr"].contains(name) { continue }
            if element.1.isEmpty { open.append(name) } else { #expect(open.popLast() == name) }
        }
        #expect(open.isEmpty)
    }

    private func page() throws -> String {
        String(decoding: DocumentationPage.html(origin: Workbench.origin), as: UTF8.self)
    }
}
