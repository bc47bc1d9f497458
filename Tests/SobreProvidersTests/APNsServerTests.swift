import Curl
import Foundation
import SobreDelivery
import SobreModel
import SobreSettings
import SobreTransport
import Testing

@testable import SobreProviders

/// The manifest and the real transport against a server in the shape of Apple's.
@Suite(
    "APNs over HTTP/2", .serialized, .timeLimit(.minutes(3)),
    .enabled(if: APNsServer.node != nil, "Skipped: Node.js is not installed (apt-get install nodejs)."))
struct APNsServerTests {
    private static let keys = try! TestKeys.p256()

    private static func provider(_ server: APNsServer, secrets: [String: String]) throws -> any Provider {
        try provider(at: server.url, secrets: secrets)
    }

    private static func provider(at url: String, secrets: [String: String]) throws -> any Provider {
        try ProviderFactory(
            manifests: try shippedManifests(),
            secrets: SecretSource(environment: { secrets[$0] }, file: { _ in nil })
        ).make(
            ProviderInstance(
                name: "apns", type: "apns",
                settings: [
                    "endpoint": url, "topic": "com.example.app", "key_id": "KEY7", "team_id": "TEAM9",
                    "trace_headers": "false",
                ],
                secrets: Dictionary(uniqueKeysWithValues: secrets.keys.map { ($0, .environment($0)) }))
        ).provider
    }

    private static func transport(_ server: APNsServer) -> (CurlTransport, CurlLoop, MailLoop) {
        let loop = CurlLoop(configuration: CurlLoopConfiguration(tls: TLSOptions(caFile: server.caFile)))
        let mailLoop = MailLoop()
        return (CurlTransport(loop: loop, mailLoop: mailLoop), loop, mailLoop)
    }

    private static func send(
        _ provider: any Provider, to token: String, number: Int64 = 1, over transport: CurlTransport
    ) async -> Outcome {
        var message = outbound(.push(PushContent(title: "Sale", body: "Now", collapseKey: "sale")), to: token)
        message.delivery = DeliveryID(rawValue: number)
        return await withCheckedContinuation { continuation in
            provider.send(message, over: transport) { continuation.resume(returning: $0) }
        }
    }

    @Test func `a client certificate takes the place of tokens`() async throws {
        let server = try APNsServer(publicKey: Self.keys.publicPEM)
        let provider = try Self.provider(
            server, secrets: ["certificate": server.clientCertificate, "certificate_key": server.clientKey])
        let (transport, loop, mailLoop) = Self.transport(server)
        for number in 1...3 {
            let outcome = await Self.send(provider, to: "t\(number)", number: Int64(number), over: transport)
            #expect(outcome.kind == .accepted, "\(outcome)")
        }
        // Another instance of the same server, which proves itself by tokens, must not use the connection of this one.
        let byToken = try Self.provider(server, secrets: ["private_key": Self.keys.privatePEM])
        #expect(await Self.send(byToken, to: "t4", number: 4, over: transport).kind == .accepted)
        await loop.shutdown()
        await mailLoop.shutdown()
        let report = try server.stop()
        #expect(report.problems == [])
        #expect(report.pushes == 4 && report.connections == 2 && report.certificates == 1 && report.tokens == 1)
    }

    @Test func `without a token or a certificate the server has something to object to`() async throws {
        let server = try APNsServer(publicKey: try TestKeys.p256().publicPEM)
        let provider = try Self.provider(server, secrets: ["private_key": Self.keys.privatePEM])
        let (transport, loop, mailLoop) = Self.transport(server)
        _ = await Self.send(provider, to: "t1", over: transport)
        let gone = await Self.send(provider, to: "gone", over: transport)
        #expect(gone.kind == .recipientGone && gone.deadSince == Instant(milliseconds: 1_772_355_600_000))
        #expect(await Self.send(provider, to: "wrong", over: transport).kind == .recipientUnreachable)
        #expect(await Self.send(provider, to: "stale", over: transport).kind == .authRefresh)
        await loop.shutdown()
        await mailLoop.shutdown()
        #expect(try server.stop().problems.first == "signature")
    }

    @Test(.enabled(if: APNsFlood.isInstalled, "Skipped: the Python package h2 is not installed (pip install h2)."))
    func `ten thousand pushes take at most two connections and one token`() async throws {
        let server = try APNsFlood()
        let provider = try Self.provider(at: server.url, secrets: ["private_key": Self.keys.privatePEM])
        var configuration = CurlLoopConfiguration(tls: TLSOptions(caFile: server.caFile))
        let loop = CurlLoop(configuration: configuration)
        configuration.maxConnectionsPerHost = 2
        let multiplexLoop = CurlLoop(configuration: configuration)
        let mailLoop = MailLoop()
        let transport = CurlTransport(loop: loop, multiplexLoop: multiplexLoop, mailLoop: mailLoop)
        var outcomes: [Outcome] = []
        for window in 0..<10 {
            await withTaskGroup(of: Outcome.self) { group in
                for number in 0..<1000 {
                    group.addTask {
                        await Self.send(
                            provider, to: "token\(window)-\(number)", number: Int64(window * 1000 + number + 1),
                            over: transport)
                    }
                }
                for await outcome in group { outcomes.append(outcome) }
            }
        }
        let others = outcomes.filter { $0.kind != .accepted || $0.providerID?.count != 36 }
        await loop.shutdown()
        await multiplexLoop.shutdown()
        await mailLoop.shutdown()
        let report = try server.stop()
        #expect(outcomes.count == 10_000 && others.isEmpty, "\(others.first.debugDescription)")
        #expect(report.pushes == 10_000 && report.ids == 10_000 && report.tokens == 1)
        #expect((1...2).contains(report.connections), "\(report.connections) connections")
        #expect(report.streams > 100, "\(report.streams) requests at once on a connection")
    }
}
