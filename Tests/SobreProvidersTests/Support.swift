import Foundation
import SobreDelivery
import SobreModel
import Synchronization
import Testing

@testable import SobreProviders

/// A transport that records its calls and answers as configured, at once or on request.
final class FakeTransport: Transport {
    private struct State {
        var calls: [HTTPCall] = []
        var mails: [MailCall] = []
        var pending: [(call: HTTPCall, completion: @Sendable (HTTPAnswer) -> Void)] = []
    }

    private let state = Mutex(State())
    private let answer: @Sendable (HTTPCall) -> HTTPAnswer?
    private let mailAnswer: MailAnswer

    /// With an `answer` of nil, the call waits for ``release(_:)``.
    init(
        mail: MailAnswer = .accepted(code: 250, text: "ok", queueID: "Q1"),
        answer: @escaping @Sendable (HTTPCall) -> HTTPAnswer? = { _ in .response(status: 200, headers: [], body: []) }
    ) {
        self.answer = answer
        mailAnswer = mail
    }

    var calls: [HTTPCall] { state.withLock { $0.calls } }
    var mails: [MailCall] { state.withLock { $0.mails } }

    func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
        let answer = answer(call)
        state.withLock { state in
            state.calls.append(call)
            if answer == nil { state.pending.append((call, completion)) }
        }
        if let answer { completion(answer) }
    }

    func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
        state.withLock { $0.mails.append(call) }
        completion(mailAnswer)
    }

    func release(_ answer: (HTTPCall) -> HTTPAnswer) {
        let pending = state.withLock { state in
            defer { state.pending = [] }
            return state.pending
        }
        for (call, completion) in pending { completion(answer(call)) }
    }
}

/// Collects outcomes, which arrive before `send` returns or on `release`.
final class Outcomes: Sendable {
    private let list = Mutex<[Outcome]>([])
    var all: [Outcome] { list.withLock { $0 } }
    var completion: @Sendable (Outcome) -> Void {
        { [self] outcome in list.withLock { $0.append(outcome) } }
    }
}

/// Answers in order.
final class Answers: Sendable {
    private let list: Mutex<[HTTPAnswer]>

    init(_ answers: [HTTPAnswer]) { list = Mutex(answers) }

    func next() -> HTTPAnswer? { list.withLock { $0.isEmpty ? nil : $0.removeFirst() } }
}

func outbound(
    _ content: RenderedMessage, to address: String, campaign: String? = "spring", possibleDuplicate: Bool = false,
    recipient: String = "p-1"
) -> OutboundMessage {
    OutboundMessage(
        delivery: DeliveryID("01jd3v8k6m1r0")!, attempt: 2, address: Address(channel: content.channel, value: address),
        content: content, recipient: recipient, campaign: campaign, category: "marketing",
        possibleDuplicate: possibleDuplicate, admittedAt: Instant(rfc3339: "2026-03-01T09:08:07Z")!,
        timeout: .seconds(20))
}

let sourceRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

func shippedManifests() throws -> [Manifest] {
    let folder = sourceRoot.appending(path: "Providers")
    return try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yaml") }.sorted()
        .flatMap { name in
            try Manifest.parseAll(
                text: String(contentsOf: folder.appending(path: name), encoding: .utf8), file: "Providers/\(name)")
        }
}

func factory(
    environment: [String: String] = [:], files: [String: String] = [:],
    time: any TimeSource = VirtualTime(Instant(rfc3339: "2026-03-01T09:08:08Z")!)
) throws -> ProviderFactory {
    ProviderFactory(
        manifests: try shippedManifests(),
        secrets: SecretSource(environment: { environment[$0] }, file: { files[$0] }), time: time)
}

extension HTTPCall {
    var text: String { String(decoding: body, as: UTF8.self) }
    func header(_ name: String) -> String? { headers.first { $0.name.lowercased() == name.lowercased() }?.value }
}

extension HTTPAnswer {
    static func json(_ status: Int, _ text: String) -> HTTPAnswer {
        .response(status: status, headers: [("Content-Type", "application/json")], body: Array(text.utf8))
    }
}

func send(_ provider: any Provider, _ outbound: OutboundMessage, over transport: FakeTransport) -> Outcome? {
    let outcomes = Outcomes()
    provider.send(outbound, over: transport, completion: outcomes.completion)
    #expect(outcomes.all.count == 1)
    return outcomes.all.first
}
