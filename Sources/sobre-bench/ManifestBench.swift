import Signing
import SobreDelivery
import SobreModel
import SobreProviders
import SobreSettings
import TestBed

/// The time to make a request of a message and to read the answer, by the manifests of several providers.
///
/// SES's request contains the whole mail and is signed. What building the mail and hashing the body take is reported
/// on its own: the rest is the manifest's.
struct ManifestBench {
    private static let rounds = 20_000

    func run() throws {
        let manifests = try ["twilio", "sendgrid", "postmark", "ses-v2"].flatMap { name in
            let path = "Providers/\(name).yaml"
            guard let text = Files.read(path) else { throw TestBed.Failure("\(path) cannot be read from here") }
            return try Manifest.parseAll(text: text, file: path)
        }
        let factory = ProviderFactory(
            manifests: manifests, secrets: SecretSource(environment: { "secret-of-\($0)" }, file: { _ in nil }))
        try measure(
            "twilio", factory, ["account_sid", "auth_token"], [:], Self.sms, Self.answer(201, #"{"sid":"SM1"}"#))
        try measure("sendgrid", factory, ["api_key"], [:], Self.email, Self.answer(202, ""))
        try measure(
            "postmark", factory, ["server_token"], [:], Self.email,
            Self.answer(200, #"{"ErrorCode":0,"MessageID":"m-1"}"#))
        try measure(
            "ses-v2", factory, ["access_key", "secret_key"], ["region": "eu-west-1"], Self.email,
            Self.answer(200, #"{"MessageId":"m-1"}"#))
        try measureMIME()
    }

    private static let sms = RenderedMessage.sms(
        SMSContent(from: "+15005550006", text: "Your parcel has left our shop. Follow it: https://shop.example/p/1001"))
    private static let email = RenderedMessage.email(
        EmailContent(
            from: Mailbox(name: "Bücher", address: "shop@example.com"),
            replyTo: Mailbox(name: "Care", address: "care@example.com"), subject: "Your order is on its way",
            html: String(repeating: "<p>Two records &amp; one more have left our shop.</p>\n", count: 40),
            text: String(repeating: "Two records & one more have left our shop.\n", count: 40),
            unsubscribeURL: "https://shop.example/u/1"))

    private static func answer(_ status: Int, _ body: String) -> HTTPAnswer {
        .response(
            status: status, headers: [("Content-Type", "application/json"), ("X-Message-Id", "m-1")],
            body: Array(body.utf8))
    }

    /// Answers every call alike, at once.
    private struct InstantTransport: Transport {
        let answer: HTTPAnswer
        func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) { completion(answer) }
        func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
            preconditionFailure("a manifest makes no mail calls")
        }
    }

    /// The parts of SES's request that any code would have to do: the mail, and the hash of the body that contains it.
    private func measureMIME() throws {
        guard case .email(let content) = Self.email else { return }
        let message = Self.outbound(Self.email)
        let builder = MailBuilder()
        let mail = try builder.build(content, for: message)
        try report("manifest-mime", Self.rounds) { _ = try builder.build(content, for: message) }
        // In base64 it is a third larger.
        let body = [UInt8](repeating: UInt8(ascii: "A"), count: mail.count / 3 * 4)
        report("manifest-sha256", Self.rounds) { _ = Digest.sha256(body) }
    }

    /// Reports the best of several rounds: other work on the machine only adds to it.
    private func report<E: Error>(_ name: String, _ count: Int, _ body: () throws(E) -> Void) throws(E) {
        var best = Double.infinity
        for _ in 0..<5 {
            let begun = DecisionBench.processorSeconds()
            for _ in 0..<count { try body() }
            best = min(best, (DecisionBench.processorSeconds() - begun) / Double(count))
        }
        SobreBench.report(name, best * 1e6, "us")
    }

    private static func outbound(_ content: RenderedMessage) -> OutboundMessage {
        var ids = MessageIDGenerator(after: nil)
        let to = content.channel == .email ? "ann@example.org" : "+15005550009"
        return OutboundMessage(
            delivery: ids.next(at: .epoch).delivery(0), attempt: 1,
            address: Address(channel: content.channel, value: to), content: content, recipient: "p-1",
            campaign: "spring", category: "marketing", possibleDuplicate: false, admittedAt: .epoch,
            timeout: .seconds(20))
    }

    private func measure(
        _ name: String, _ factory: ProviderFactory, _ secrets: [String], _ settings: [String: String],
        _ content: RenderedMessage, _ answer: HTTPAnswer
    ) throws {
        let provider = try factory.make(
            ProviderInstance(
                name: name, type: name, settings: settings,
                secrets: Dictionary(uniqueKeysWithValues: secrets.map { ($0, .environment($0)) }))
        ).provider
        let transport = InstantTransport(answer: answer)
        let message = Self.outbound(content)
        report("manifest-\(name)", Self.rounds) {
            provider.send(message, over: transport) { outcome in
                precondition(outcome.kind == .accepted, "\(outcome.kind): \(outcome.detail)")
            }
        }
    }
}
