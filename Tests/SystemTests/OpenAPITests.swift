import Foundation
import Testing

extension SystemTests {
    /// Tools that others have made read the document, and use the API by nothing but what it says.
    @Suite struct OpenAPITests {
        /// What Tests/requirements.txt names; `make test-packages` has installed it.
        private static let tools = Stack.repository.appending(path: ".build/python/bin")
        private static let files = Stack.repository.appending(path: "Tests/OpenAPI")

        /// How many requests schemathesis makes up for each operation, beside its examples and limits.
        private static let examples = ProcessInfo.processInfo.environment["EXAMPLES"] ?? "200"
        /// The same requests in every run, unless another number is given.
        private static let seed = ProcessInfo.processInfo.environment["SEED"] ?? "1"

        @Test func theDocumentIsValid() throws {
            let stack = try Stack(workers: 1)
            try use("openapi-spec-validator", [try document(stack)], in: stack)
        }

        /// No answer of 500 and above, no status or answer that the document lacks, no bad input that is accepted, no
        /// good one that is refused; also along the links from one operation to the next.
        @Test func schemathesisFindsNothing() throws {
            let stack = try Stack(workers: 2)
            let configuration = Self.files.appending(path: "schemathesis.toml").path
            try use(
                "schemathesis",
                [
                    "--config-file", configuration, "run", "http://localhost:\(stack.httpPort)/api/v1/openapi.json",
                    "-H", "Authorization: Bearer \(try stack.key())", "--phases", "examples,coverage,fuzzing,stateful",
                    "--max-examples", Self.examples, "--seed", Self.seed, "--no-color", "--generation-database", "none",
                    // Two fail now and then in Debian's Python (https://github.com/python/cpython/issues/106905), and
                    // are no faster.
                    "--workers", "1",
                ],
                in: stack,
            )
        }

        /// A client that is made from the document alone, with types, creates, lists and deletes.
        @Test func aTypedClientWorks() throws {
            let stack = try Stack(workers: 2)
            let package = stack.state.appending(path: "leadhub_api_client").path
            try use(
                "openapi-python-client",
                [
                    "generate", "--path", try document(stack), "--meta", "none", "--output-path", package,
                    "--fail-on-warning",
                ],
                in: stack,
            )
            let script = Self.files.appending(path: "client.py").path
            let url = "http://localhost:\(stack.httpPort)"
            try use("python", [script, stack.state.path, url, try stack.key()], in: stack)
        }

        /// - Returns: the path of a file with the document.
        private func document(_ stack: Stack) throws -> String {
            let path = stack.state.appending(path: "openapi.json").path
            let url = "http://localhost:\(stack.httpPort)/api/v1/openapi.json"
            _ = try run("/usr/bin/curl", ["-q", "--silent", "--fail", "--noproxy", "*", "-o", path, url])
            return path
        }

        /// Runs a tool, which must find nothing; else what it says is the test's message.
        private func use(_ tool: String, _ arguments: [String], in stack: Stack) throws {
            // PATH: the generator calls a formatter beside it.
            let script = #"cd "$0" && PATH="$1:$PATH" && shift && "$@" >said 2>&1; echo $?"#
            let settings = [
                "SCHEMATHESIS_HOOKS=\(Self.files.appending(path: "hooks.py").path)", "PYTHONDONTWRITEBYTECODE=1",
            ]
            let status = try run(
                "/bin/sh", ["-c", script, stack.state.path, Self.tools.path, "env"] + settings + [tool] + arguments,
            )
            let said = try String(contentsOf: stack.state.appending(path: "said"), encoding: .utf8)
            #expect(status == "0", "\(said.suffix(30_000))")
        }
    }
}
