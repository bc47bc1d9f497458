import SobreAdmission
import SobreModel

/// A recipient, a ledger and a policy for decisions.
struct World {
    var policy: Policy
    var profile: Profile?
    var suppressions: [Suppression] = []
    var ledger: [LedgerEntry] = []
    /// Other profiles that hold one of the addresses.
    var holders: [AddressHolder] = []
    var crowdedAddresses: [KeyHash] = []
    var isCancelled = false
    var conditions = AdmissionConditions.normal
    /// The state of a message's earlier channels.
    var earlier: [EarlierDelivery] = []
    var lastInbound: [LastInbound] = []
    /// Operators' pauses.
    var pauses: [SendingPause] = []
    /// Whether there is content to send.
    var isRendered = true
    private var nextMessage: Int64 = 1

    /// Monday, 2 March 2026, noon in London.
    static let noon = Instant(rfc3339: "2026-03-02T12:00:00Z")!

    init(_ yaml: String, timezone: String? = "Europe/London", country: String? = nil) throws {
        policy = try Policy.parse(text: yaml).with(version: 7)
        profile = Profile(
            id: "ann", timezone: timezone, country: country,
            addresses: [
                Address(channel: .email, value: "Ann@Example.com"), Address(channel: .sms, value: "+44 20 7946 0123"),
                Address(channel: .push, value: "token-1"), Address(channel: .whatsapp, value: "+442079460123"),
                Address(channel: .chat, value: "123456789"),
            ],
            consents: [Consent(category: "marketing", granted: true, at: .epoch)])
    }

    /// A new message.
    mutating func message(
        _ category: String = "marketing", campaign: String? = "spring", template: String = "offer",
        channels: [Channel] = [.email], route: ChannelRoute = .first, tags: [String] = [], topic: String? = nil,
        priority: Priority = .normal, expiresAt: Instant? = nil, dedupKey: String? = nil
    ) -> Message {
        defer { nextMessage += 1 }
        return Message(
            id: MessageID(rawValue: nextMessage << 21), acceptedAt: Self.noon - .seconds(60),
            draft: MessageDraft(
                recipient: "ann", template: template, campaign: campaign, category: category, topic: topic, tags: tags,
                channels: channels, route: route, priority: priority, expiresAt: expiresAt, dedupKey: dedupKey))
    }

    func request(
        _ message: Message, on channel: Channel? = nil, slot: Int = 0, fingerprint: KeyHash = .none
    ) -> AdmissionRequest {
        AdmissionRequest(
            delivery: message.id.delivery(slot), epoch: 1, message: message,
            channel: channel ?? message.channels[slot], fingerprint: fingerprint, isRendered: isRendered)
    }

    var facts: AdmissionFacts {
        AdmissionFacts(
            profile: profile, suppressions: suppressions, ledger: ledger, holders: holders,
            crowdedAddresses: crowdedAddresses, isCancelled: isCancelled, earlier: earlier,
            lastInbound: lastInbound, pauses: pauses)
    }

    func ask(
        _ message: Message, on channel: Channel? = nil, slot: Int = 0, at now: Instant = noon,
        fingerprint: KeyHash = .none, explaining: Policy.Explaining = .whenBlocked
    ) -> AdmissionDecision {
        policy.decide(
            request(message, on: channel, slot: slot, fingerprint: fingerprint), facts: facts, conditions: conditions,
            now: now, explaining: explaining)
    }

    /// Decides on a message for which a provider was chosen.
    func ask(_ message: Message, through provider: String?, isOnly: Bool = false) -> AdmissionDecision {
        var request = request(message)
        request.provider = provider
        request.hasOnlyProvider = isOnly
        return policy.decide(request, facts: facts, conditions: conditions, now: Self.noon)
    }

    /// Decides on a message. If it may be sent, adds a ledger row: reserved, or committed at an instant.
    @discardableResult
    mutating func send(
        _ message: Message, on channel: Channel? = nil, at now: Instant = noon, committedAt: Instant? = nil,
        fingerprint: KeyHash = .none
    ) -> AdmissionDecision {
        let decision = ask(message, on: channel, at: now, fingerprint: fingerprint)
        if case .send(let address, let traits) = decision.verdict {
            ledger.append(
                LedgerEntry(
                    id: Int64(ledger.count + 1), delivery: message.id.delivery(0),
                    state: committedAt == nil ? .reserved : .committed,
                    reservedAt: now, committedAt: committedAt, traits: traits, recipient: .recipient("ann"),
                    address: address.subject))
        }
        return decision
    }

    /// Sends and commits at once.
    @discardableResult
    mutating func contact(_ message: Message, on channel: Channel? = nil, at now: Instant) -> AdmissionDecision {
        send(message, on: channel, at: now, committedAt: now)
    }
}

extension AdmissionDecision {
    var isSend: Bool {
        if case .send = verdict { true } else { false }
    }

    var text: String { explanation.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}

/// A small seeded generator (SplitMix64), so that a failing history can be repeated.
struct Seeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
