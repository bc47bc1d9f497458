import Glibc
import JSON
import TestFolders
import Testing

@testable import SobreSandbox
import Text

/// A running sandbox with its own directory, and short ways to use it.
struct TestBench {
    let sandbox: RunningSandbox
    let directory: String

    var recordPath: String { directory + "/received.ndjson" }

    func http() throws -> TestClient { try TestClient(port: sandbox.httpPort) }

    /// A connection after EHLO.
    func smtp() throws -> TestClient {
        let client = try TestClient(port: sandbox.smtpPort)
        #expect(try client.reply().code == 220)
        #expect(try client.command("EHLO client.test").code == 250)
        return client
    }

    func received() throws -> ReceivedMessages { try ReceivedMessages.load(recordPath) }

    func stats() throws -> JSONRef {
        try parsed(http().request("GET", "/_sandbox/stats").body)
    }

    func setFaults(_ json: String) throws {
        let response = try http().request("POST", "/_sandbox/faults", body: json)
        #expect(response.status == 200, "\(response.text)")
    }

    /// Waits until `condition` is true for the record file, at most for the client's timeout.
    func waitForRecord(_ condition: (ReceivedMessages) -> Bool) throws -> ReceivedMessages {
        // The sandbox answers this request after everything it has read before, so a few rounds suffice. There is no
        // fixed pause.
        let end = time(nil) + TestClient.timeoutSeconds
        while true {
            _ = try stats()
            let received = try received()
            if condition(received) || time(nil) > end { return received }
        }
    }
}

/// Runs `body` with a sandbox and cleans up afterwards.
func withSandbox(
    _ change: (inout SandboxConfiguration) throws -> Void = { _ in },
    _ body: (TestBench) async throws -> Void
) async throws {
    try await withDirectory { directory in
        var configuration = SandboxConfiguration()
        configuration.directory = directory
        try change(&configuration)
        let sandbox = try await Sandbox.start(configuration)
        do {
            try await body(TestBench(sandbox: sandbox, directory: directory))
        } catch {
            await sandbox.stop()
            throw error
        }
        await sandbox.stop()
    }
}

/// Runs `body` with a new directory, which is deleted afterwards.
func withDirectory(_ body: (String) async throws -> Void) async throws {
    let folder = TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    try await body(folder.path)
}

func fileText(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while true {
        let count = fread(&block, 1, block.count, file)
        if count == 0 { return String(decoding: bytes, as: UTF8.self) }
        bytes.append(contentsOf: block[..<count])
    }
}

func base64(_ text: String) -> String { Base64.encode(Array(text.utf8)) }

/// Headers of a Twilio request with credentials of this account.
func twilioHeaders(_ account: String = "AC1") -> [String] {
    ["Authorization: Basic " + base64("\(account):secret"), "Content-Type: application/x-www-form-urlencoded"]
}

let twilioPath = "/2010-04-01/Accounts/AC1/Messages.json"

/// An assertion like that of a service account.
func assertion() -> String {
    let claims = #"{"iss":"a@b.test","aud":"https://oauth2.test/token","scope":"x","iat":1000,"exp":4600}"#
    return base64(#"{"alg":"RS256","typ":"JWT"}"#) + "." + base64(claims) + "." + base64("signature")
}

/// A token of this sandbox.
func issueToken(_ client: TestClient) throws -> String {
    let grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer"
    let body = grant + "&assertion=" + percentEncoded(assertion())
    let response = try client.request("POST", "/token", body: body)
    return try parsed(response.body)["access_token"]?.string ?? ""
}

func percentEncoded(_ text: String) -> String {
    text.utf8.map { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: String(UnicodeScalar(byte))
        default: "%" + hex(UInt64(byte), digits: 2).uppercased()
        }
    }.joined()
}

/// The value of a JSON text.
func parsed(_ bytes: [UInt8]) throws -> JSONRef { try JSONDocument.parse(bytes).root }

/// The value of a JSON text.
func parsed(_ text: String) throws -> JSONRef { try JSONDocument.parse(text).root }

/// A fault plan in command-line format.
func plan(_ text: String) throws -> FaultPlan { try FaultPlan(parsing: text) }
