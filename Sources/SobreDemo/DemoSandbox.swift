import ChildProcess
import Curl
import Files
import Glibc
import JSON
import SobreModel
import SobreProviders
import SobreSettings

/// The sandbox of the demonstration: the same executable in a process of its own.
struct DemoSandbox {
    let process: ChildProcess
    let httpPort: Int
    let smtpPort: Int
    let recordFile: String

    /// The faults of the sandbox's providers, at realistic rates.
    static let faults = "429=1%,5xx=1%,reset=0.2%"

    /// Starts the sandbox and waits until it listens, at most 20 s.
    static func start(in folder: String) throws -> DemoSandbox {
        let portFile = "\(folder)/sandbox.ports"
        let process = try ChildProcess(
            path: try executable(),
            arguments: [
                "sandbox", "--http-port", "0", "--smtp-port", "0", "--directory", "\(folder)/sandbox", "--port-file",
                portFile, "--faults", faults, "--seed", "1997",
            ], output: .discard, errors: .file("\(folder)/sandbox.log"))
        let deadline = ContinuousClock.now + .seconds(20)
        while ContinuousClock.now < deadline, process.wait(atMost: .milliseconds(5)) == nil {
            guard let text = try? TextFile.readText(portFile, atMost: 4096),
                let root = try? JSONDocument.parse(text).root, let http = root["http"]?.int,
                let smtp = root["smtp"]?.int
            else { continue }
            return DemoSandbox(
                process: process, httpPort: http, smtpPort: smtp, recordFile: "\(folder)/sandbox/received.ndjson")
        }
        process.stop(within: .seconds(1))
        let log = (try? TextFile.readText("\(folder)/sandbox.log", atMost: 1 << 16)) ?? ""
        throw DemoError("The sandbox did not start: \(log.isEmpty ? "it printed nothing" : log)")
    }

    /// Sets the sandbox's clock. Later messages are recorded under the virtual time.
    func setClock(_ now: Instant, over loop: CurlLoop) async throws {
        var json = JSONWriter()
        json.object { $0.member("now", Int(now.milliseconds)) }
        let request = HTTPRequest(
            url: "http://127.0.0.1:\(httpPort)/_sandbox/clock", headers: [("Content-Type", "application/json")],
            body: json.bytes)
        guard let response = await loop.perform(request).response, response.status < 300 else {
            throw DemoError("The sandbox did not accept the virtual time. See sandbox.log in the folder of the demo.")
        }
    }

    /// Provider settings for the sandbox, as an operator would write them.
    func providers(key: String) -> (
        instances: [ProviderInstance], routes: [Channel: ProviderRoute], environment: Environment
    ) {
        let http = "http://127.0.0.1:\(httpPort)"
        // The shipped limits are for real accounts, not for a clock on which a day passes in milliseconds.
        let limits = ProviderLimits(rate: 1_000_000, burst: 1_000_000, concurrency: 512)
        let instances = [
            ProviderInstance(
                name: "relay", type: "smtp", channel: .email,
                settings: ["host": "127.0.0.1", "port": "\(smtpPort)", "security": "none"], limits: limits),
            ProviderInstance(
                name: "twilio", type: "twilio", channel: .sms, settings: ["endpoint": http, "from": "+12025550100"],
                secrets: ["account_sid": .environment("DEMO_SID"), "auth_token": .environment("DEMO_TOKEN")],
                limits: limits),
            ProviderInstance(
                name: "fcm", type: "fcm", channel: .push, settings: ["endpoint": http, "token_url": "\(http)/token"],
                secrets: ["service_account": .environment("DEMO_FCM_ACCOUNT")], limits: limits),
        ]
        let environment = Environment([
            "DEMO_SID": "AC00000000000000000000000000001997", "DEMO_TOKEN": "sandbox",
            "DEMO_FCM_ACCOUNT": Self.serviceAccount(key: key),
        ])
        return (instances, [.email: ["relay"], .sms: ["twilio"], .push: ["fcm"]], environment)
    }

    /// A service account key file, as the push provider issues it.
    private static func serviceAccount(key: String) -> String {
        var json = JSONWriter()
        json.beginObject()
        json.member("client_email", "demo@demo.example")
        json.member("private_key_id", "demo")
        json.member("private_key", key)
        json.member("project_id", "demo")
        json.endObject()
        return String(decoding: json.bytes, as: UTF8.self)
    }

    private static func executable() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes {
            readlink("/proc/self/exe", $0.baseAddress!.assumingMemoryBound(to: CChar.self), $0.count)
        }
        guard count > 0 else { throw DemoError("This program's own file cannot be found in /proc.") }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}

/// The error when the demonstration cannot run.
public struct DemoError: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
