import Foundation
import HTTP
import Testing

extension SystemTests {
    /// The reference's examples for other languages, as they stand there but for host and key. The certificate of the
    /// test is made known to each language in its own way.
    @Suite struct ReferenceExamplesTests {
        @Test func itsPHPExampleWorks() throws {
            let stack = try Stack(workers: 2)
            let script = """
                <?php
                $apiKey = '\(try stack.demoKey)';
                $baseUrl = '\(stack.base)';

                // List leads
                $response = file_get_contents($baseUrl . '/leads', false, stream_context_create([
                'http' => [
                'header' => "Authorization: Bearer {$apiKey}\\r\\nAccept: application/json\\r\\n",
                ],
                ]));
                $leads = json_decode($response, true);

                // Create a lead
                $ch = curl_init($baseUrl . '/leads');
                curl_setopt($ch, CURLOPT_POST, true);
                curl_setopt($ch, CURLOPT_HTTPHEADER, [
                "Authorization: Bearer {$apiKey}",
                "Content-Type: application/json",
                "Accept: application/json",
                ]);
                curl_setopt($ch, CURLOPT_POSTFIELDS, json_encode([
                'first_name' => 'Sarah',
                'email' => 'sarah@example.com',
                'source' => 'api',
                ]));
                curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
                $result = json_decode(curl_exec($ch), true);
                curl_close($ch);

                echo count($leads['data']), ' ', $leads['meta']['total'], ' ', $result['data']['email'];
                """
            let settings = ["-d", "openssl.cafile=\(stack.certificate)", "-d", "curl.cainfo=\(stack.certificate)"]
            #expect(try run("/usr/bin/php", settings, input: script) == "3 3 sarah@example.com")
            #expect(try stack.sql("SELECT count(*) FROM lead WHERE email = 'sarah@example.com'") == "1")
        }

        @Test func itsJavaScriptExampleWorks() throws {
            let stack = try Stack(workers: 2)
            let script = """
                const apiKey = '\(try stack.demoKey)';
                const baseUrl = '\(stack.base)';

                // List leads
                const response = await fetch(`${baseUrl}/leads?status=new`, {
                headers: {
                'Authorization': `Bearer ${apiKey}`,
                'Accept': 'application/json',
                },
                });
                const { data, meta } = await response.json();

                // Create a lead
                const createResponse = await fetch(`${baseUrl}/leads`, {
                method: 'POST',
                headers: {
                'Authorization': `Bearer ${apiKey}`,
                'Content-Type': 'application/json',
                'Accept': 'application/json',
                },
                body: JSON.stringify({
                first_name: 'Sarah',
                email: 'sarah@example.com',
                source: 'website',
                }),
                });
                const newLead = await createResponse.json();

                console.log(data.length, meta.total, createResponse.status, newLead.data.source);
                """
            let printed = try run(
                "/usr/bin/env", ["NODE_EXTRA_CA_CERTS=\(stack.certificate)", "node", "--input-type=module", "-"],
                input: script,
            )
            #expect(printed == "2 2 201 website")
        }
    }
}
