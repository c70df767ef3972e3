import HTTP
import HTTPTypes
import Testing

@testable import LeadHub

/// What a browser is answered that sends a form, and what a repetition is.
@Suite struct SubmissionPageTests {
    private static let browser = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"

    @Test func showsAPageThatRunsNothing() throws {
        try Workbench.run { bench in
            let message = #"<script>alert(\"1\")</script> & <\u0301b>\nBye '"#
            _ = try bench.form("{\"name\": \"A\", \"settings\": {\"success_message\": \"\(message)\"}}")
            let answer = try bench.submit("email=a%40example.com", type: Workbench.urlEncoded, accept: Self.browser)
            #expect(answer.status == 200)
            #expect(answer.header("Content-Type") == "text/html; charset=utf-8")
            #expect(answer.header("X-Content-Type-Options") == "nosniff")
            #expect(
                answer.header("Content-Security-Policy")
                    == "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors *"
            )
            #expect(answer.header("Cache-Control") == "private, no-cache")
            let shown = "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;\u{301}b&gt;<br>\nBye '</p>"
            #expect(answer.text.contains(shown), "\(answer.text)")
            let title = "<title>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &lt;\u{301}b&gt;</title>"
            #expect(answer.text.contains(title), "\(answer.text)")
            #expect(answer.text.contains(#"<html lang="en">"#))
            #expect(try bench.number("SELECT count(*) FROM lead") == 1)
        }
    }

    @Test func thanksWhereTheFormSaysNothing() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            let answer = try bench.submit("email=a%40b.co", type: Workbench.urlEncoded, accept: Self.browser)
            let words = "Thank you. We have received what you sent."
            #expect(answer.text.contains("<title>\(words)</title>"), "\(answer.text)")
            #expect(answer.text.contains("<p>\(words)</p>"))
        }
    }

    @Test func sendsABrowserOn() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "settings": {"redirect_url": "https://example.com/dankе?a=ü#x"}}"#)
            let answer = try bench.submit(#"{"email": "a@example.com"}"#, accept: Self.browser)
            #expect(answer.status == 303)
            #expect(answer.text == "")
            #expect(answer.header("Location") == "https://example.com/dank%D0%B5?a=%C3%BC#x")
            #expect(try bench.submit(#"{"email": "a@example.com"}"#, accept: "*/*").status == 201)
            // What went wrong is JSON for everybody.
            let refused = try bench.submit(#"{"email": "a"}"#, accept: Self.browser)
            #expect(refused.status == 422)
            #expect(refused.header("Content-Type") == "application/json; charset=utf-8")
        }
    }

    @Test(arguments: [(nil, 201), ("text/html", 200)])
    func answersARepetitionTheSame(accept: String?, status: Int) throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            let first = try bench.submit(#"{"email": "a@example.com"}"#, accept: accept, key: "k")
            let before = try bench.contents()
            let second = try bench.submit(#"{"email": "a@example.com"}"#, accept: accept, key: "k")
            #expect(first.status == status)
            #expect(second.status == status)
            #expect(second.text == first.text)
            for name in ["Content-Type", "Content-Security-Policy", "X-Content-Type-Options", "Location", "ETag"] {
                #expect(second.header(name) == first.header(name), "\(name)")
            }
            #expect(second.header("Idempotency-Replayed") == "true")
            #expect(try bench.contents() == before)
            let other = try bench.submit(#"{"email": "b@example.com"}"#, accept: accept, key: "k")
            #expect(other.code == "IDEMPOTENCY_KEY_REUSED")
        }
    }

    @Test func repeatsARedirect() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A", "settings": {"redirect_url": "https://example.com/"}}"#)
            for replayed in [nil, "true"] {
                let answer = try bench.submit(#"{"email": "a@example.com"}"#, accept: Self.browser, key: "k")
                #expect(answer.status == 303)
                #expect(answer.header("Location") == "https://example.com/")
                #expect(answer.header("Content-Type") == nil)
                #expect(answer.header("Idempotency-Replayed") == replayed)
            }
            #expect(try bench.number("SELECT count(*) FROM submission") == 1)
        }
    }

    /// A refusal is not kept for repetitions, its bodies are.
    @Test func keepsTheBodyOfEachRefusal() throws {
        try Workbench.run { bench in
            _ = try bench.form(#"{"name": "A"}"#)
            for _ in 1...2 { #expect(try bench.submit(#"{"email": "a"}"#, key: "k").status == 422) }
            #expect(try bench.number("SELECT count(*) FROM inbound") == 2)
            #expect(try bench.number("SELECT count(*) FROM kept_answer") == 0)
        }
    }
}
