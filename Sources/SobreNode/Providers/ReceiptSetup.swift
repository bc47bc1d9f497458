import Logging
import SobreAdmission
import SobreDelivery
import SobreDispatch
import SobreHTTP
import SobreIntake
import SobreModel
import SobreProviders
import SobreSettings
import SobreStore

/// Verifies and reads the receipts of the providers in force for the HTTP endpoint.
struct ReceiptSetup: ReceiptRegistry {
    let configuration: ConfigurationInForce
    let processor: ReceiptProcessor

    var maxWaiting: Int { configuration.settings.receipts.maxWaiting }
    private var gates: [String: ReceiptGate] { configuration.setup.gates }
    /// Providers whose receipts cannot be verified, with the reason. A missing secret stops only the receipts of its own
    /// provider.
    private var faults: [String: String] { configuration.setup.receiptFaults }
    private var publicURL: String { configuration.settings.links.publicURL }

    func knows(_ provider: String) -> Bool { gates[provider] != nil || faults[provider] != nil }

    func readsAuthorization(_ provider: String) -> Bool { gates[provider]?.readsAuthorization ?? false }

    func handshake(_ call: ReceiptCall, isVerified: Bool) -> ReceiptHandshake? {
        let request = ReceiptRequest(query: call.query, headers: call.headers, body: call.body)
        return gates[call.provider]?.reply(to: request, isVerified: isVerified)
            .map { ReceiptHandshake(contentType: $0.contentType, body: $0.body) }
    }

    func verify(_ call: ReceiptCall, now: Instant) throws(ReceiptRejection) {
        // Not `no_secret`: a secret is configured but cannot be read, so unsigned receipts must not be accepted.
        if faults[call.provider] != nil {
            throw ReceiptRejection(
                code: "secret_unavailable",
                message: "The secret for receipts of \(call.provider) cannot be read; sobre doctor says why.")
        }
        guard let gate = gates[call.provider] else {
            throw ReceiptRejection(code: "unknown_provider", message: "No provider of this name is configured.")
        }
        do { try gate.verify(call.request, now: now) } catch { throw ReceiptRejection(error) }
    }

    func read(_ call: ReceiptCall, isSigned: Bool, now: Instant) throws(ReceiptRejection) -> NativeReceipts? {
        let type = call.headers["content-type"]?.prefix { $0 != ";" }.lowercased() ?? ""
        guard let gate = gates[call.provider],
            gate.isNative(contentType: type, hasBody: !call.body.isEmpty, isSigned: isSigned)
        else { return nil }
        do {
            let reading = try gate.read(call.request, isSigned: isSigned, now: now)
            var native = NativeReceipts(
                receipts: reading.receipts, rejections: reading.refusals.map { ReceiptRejection($0) },
                unread: reading.unread.map { UnmatchedInboundMessage($0, provider: call.provider, at: now) })
            for text in reading.inbound {
                guard let channel = gate.channel else { break }
                do {
                    native.inbound.append(
                        try InboundMessage(
                            channel: channel, from: text.from, text: text.text, provider: call.provider,
                            receivedAt: text.at
                        ).checked())
                } catch { native.rejections.append(ReceiptRejection(ReceiptRefusal(.malformed, error.description))) }
            }
            return native
        } catch { throw ReceiptRejection(error) }
    }

    func verifyInbound(_ call: ReceiptCall, path: String, now: Instant) throws(ReceiptRejection) -> String {
        let gates = gates
        let named = call.provider.isEmpty ? gates.keys.sorted() : [call.provider]
        var rejection: ReceiptRefusal?
        for name in named {
            guard let gate = gates[name] else { continue }
            do {
                try gate.verifyInbound(call.request, path: path, publicURL: publicURL, now: now)
                return name
            } catch {
                // A signature that does not fit says more than a provider without a secret.
                if rejection == nil || rejection?.code == .noSecret { rejection = error }
            }
        }
        if let rejection { throw ReceiptRejection(rejection) }
        throw ReceiptRejection(
            code: "unknown_provider", message: "No provider is configured whose signature could be verified.")
    }

    func wake() { processor.wake() }
}

extension ReceiptCall {
    fileprivate var request: ReceiptRequest { ReceiptRequest(query: query, headers: headers, body: body) }
}

extension UnmatchedInboundMessage {
    /// An email that no program understood, kept for a person to read.
    init(_ mail: UnreadMail, provider: String, at now: Instant) {
        let address = Address(channel: .email, value: mail.sender)
        self.init(
            receivedAt: now, channel: .email, sender: address.subject, label: address.masked, provider: provider,
            words: mail.words)
    }
}

extension ReceiptRejection {
    fileprivate init(_ refusal: ReceiptRefusal) {
        self.init(code: refusal.code.rawValue, message: refusal.description)
    }
}

extension ReceiptPolicy {
    /// Counts habits in each recipient's own time zone, or in the policy's when the recipient has none.
    static func production(_ policy: PolicyInForce) -> ReceiptPolicy {
        ReceiptPolicy(
            hourOfWeek: { profile, instant in policy.policy.hourOfWeek(of: profile, at: instant) },
            mayTrack: { profile, channel, event, now in
                policy.policy.mayTrack(profile, on: channel, at: event, now: now)
            })
    }
}
