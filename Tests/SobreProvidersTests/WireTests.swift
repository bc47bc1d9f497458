import Foundation
import SobreDelivery
import SobreModel
import SobreSettings
import Testing

@testable import SobreProviders

/// What `make wire` compares, without the vendors' libraries: what they sent is recorded in Tests/Wire/Recordings. The
/// comparison is the same program, Tests/Wire/compare.py.
@Suite("Requests beside those of the vendors' libraries")
struct WireTests {
    /// A request as compare.py reads it.
    fileprivate struct Request: Encodable {
        var provider: String
        var message: String
        var method: String
        var url: String
        var headers: [[String]]
        var body: Data
        var secrets: [[String]]
    }

    private struct Recording: Decodable {
        struct Ignored: Decodable {}
        var requests: [String: [String: Ignored]]
    }

    private static let recorded: [String] =
        ((try? FileManager.default.contentsOfDirectory(
            atPath: WireMessages.folder.appending(path: "Recordings").path)) ?? [])
        .filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()

    private static func recording(_ name: String) throws -> Recording {
        try JSONDecoder().decode(
            Recording.self,
            from: Data(contentsOf: WireMessages.folder.appending(path: "Recordings/\(name).json")))
    }

    private static func account() -> String {
        FCMTests.account().replacingOccurrences(of: "shop-1.iam.example", with: "wire-project.iam.gserviceaccount.com")
            .replacingOccurrences(of: "shop-1", with: "wire-project")
            .replacingOccurrences(of: "kid7", with: "wire-key")
    }

    /// The requests for all messages of the provider's channel, and the one for an access token.
    private static func requests(_ name: String) throws -> [Request] {
        let document = try WireMessages.load()
        let known = try #require(try WireMessages.settings()[name])
        var secrets = known.secrets ?? [:]
        switch name {
        case "fcm": secrets["service_account"] = account()
        case "apns": secrets["private_key"] = try TestKeys.p256().privatePEM
        case "vonage-messages": secrets["private_key"] = try TestKeys.rsa().privatePEM
        default: break
        }
        var settings = known.settings ?? [:]
        if known.channel != "email" { settings["callback_url"] = document.envelope.callback_url }
        let provider = try factory(environment: secrets).make(
            ProviderInstance(
                name: name, type: name, channel: Channel(name: known.channel), settings: settings,
                secrets: secrets.reduce(into: [:]) { $0[$1.key] = .environment($1.key) })
        ).provider
        var requests: [Request] = []
        for entry in document.messages where entry.channel == known.channel {
            let transport = FakeTransport { call in
                if call.url.hasSuffix("/token") {
                    return .json(200, #"{"access_token":"wire-secret-access-token","expires_in":3600}"#)
                }
                return call.url.hasSuffix("/auth/time") ? .json(200, "1772355600") : .json(500, "")
            }
            let message = document.outbound(entry, to: known.to)
            // A sender of a kind that the provider does not take.
            if provider.refusal(of: message.content) != nil { continue }
            _ = send(provider, message, over: transport)
            for call in transport.calls where !call.url.hasSuffix("/auth/time") {
                let isToken = call.url.hasSuffix("/token")
                requests.append(
                    Request(
                        provider: name, message: isToken ? "token" : entry.name, method: call.method,
                        url: call.url, headers: call.headers.map { [$0.name, $0.value] }, body: Data(call.body),
                        secrets: secrets.map { [$0.key, $0.value] }))
            }
        }
        return requests
    }

    /// What compare.py says, and its exit status.
    private static func compare(_ requests: [Request]) throws -> (text: String, status: Int32) {
        let process = Process()
        process.executableURL = URL(filePath: try #require(PythonMail.executable))
        process.arguments = ["-B", WireMessages.folder.appending(path: "compare.py").path]
        let input = FileManager.default.temporaryDirectory.appending(path: "sobre-wire-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: input) }
        let encoder = JSONEncoder()
        try requests.map { try encoder.encode($0) + Data("\n".utf8) }.reduce(Data(), +).write(to: input)
        process.standardInput = try FileHandle(forReadingFrom: input)
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (text, process.terminationStatus)
    }

    @Test(arguments: recorded)
    func `a provider gets what its vendor's library sends`(name: String) throws {
        let requests = try Self.requests(name)
        let sent = Set(requests.map(\.message))
        // Each recorded message that the manifest takes is compared with each library's.
        let pairs = try Self.recording(name).requests.values.map { sent.intersection($0.keys).count }.reduce(0, +)
        #expect(pairs > 0)
        let (text, status) = try Self.compare(requests)
        #expect(status == 0, "\(text)")
        #expect(text.contains(", 0 differences"), "\(text)")
    }

    @Test func `the comparison finds a changed field, header, credential or path`() throws {
        let request = try #require(try Self.requests("sendgrid").first { $0.message == "html" })
        let changes: [(place: String, (inout Request) -> Void)] = [
            ("body.subject", { $0.body = Data($0.text.replacingOccurrences(of: "Two", with: "Three").utf8) }),
            ("url", { $0.url += "/x" }),
            ("query", { $0.url += "?x=1" }),
            ("method", { $0.method = "PUT" }),
            ("auth.0.token", { $0.secrets = [] }),
            ("headers.x-more", { $0.headers.append(["X-More", "1"]) }),
        ]
        for (place, change) in changes {
            var changed = request
            change(&changed)
            let (text, status) = try Self.compare([changed])
            #expect(status == 1 && text.contains("sendgrid, message html: \(place)"), "\(place): \(text)")
        }
    }

    @Test(arguments: recorded)
    func `a manifest's evidence names what was recorded`(name: String) throws {
        let manifest = try #require(try shippedManifests().first { $0.name == name })
        let others: Set = ["aioapns", "apprise", "django-anymail"]
        let hasOwn = try !Self.recording(name).requests.keys.allSatisfy { others.contains($0) }
        #expect(manifest.verified == (hasOwn ? .sdk : .independent))
    }
}

extension WireTests.Request {
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
