import SobreModel

@testable import SobreHistories

/// Recipients and messages to them, drawn from a seed.
enum RandomRecipients {
    static let count = 10
    private static let categories = ["transactional", "marketing", "news", "alerts", "brief"]

    static func id(_ number: Int) -> String { "p\(number)" }

    /// A profile with some of everything. Some of the first recipients share a mailbox, a number or a device, and each
    /// new profile of theirs may give up what they shared.
    static func profile(_ number: Int, _ random: inout Seeded, at now: Instant) -> Profile {
        var addresses: [Address] = []
        for channel in Channel.allCases where random.chance(780) {
            let isOfPair = number < 4 && random.chance(channel == .email ? 800 : 350)
            let owner = isOfPair ? number / 2 * 2 : number
            switch channel.addressKind {
            case .mailbox: addresses.append(Address(channel: channel, value: "P\(owner)@Example.com"))
            case .phoneNumber:
                addresses.append(Address(channel: channel, value: "\(random.pick(["+3361", "+1202"]))555010\(owner)"))
            case .conversation: addresses.append(Address(channel: channel, value: "chat-\(owner)"))
            case .deviceToken:
                addresses.append(Address(channel: channel, value: "token-\(owner)"))
                if random.chance(400) { addresses.append(Address(channel: channel, value: "tablet-\(owner)")) }
            }
        }
        var consents: [Consent] = []
        for category in ["marketing", "marketing", "news", "deals"] where random.chance(800) {
            consents.append(
                Consent(
                    category: category, channel: random.pick([nil, nil, nil, .email, .sms, .push]),
                    granted: random.chance(800),
                    at: random.chance(800) ? now - .milliseconds(random.number(0...10_000_000)) : nil))
        }
        return Profile(
            id: id(number),
            timezone: random.pick([
                "Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Nowhere/Land", nil,
            ]),
            country: random.pick(["FR", "US", nil]), addresses: addresses.shuffled(using: &random), consents: consents,
            attributes: attributes(&random), caps: caps(&random, at: now))
    }

    /// Attributes that conditions ask for. Some are missing, and some have a type that cannot be compared.
    private static func attributes(_ random: inout Seeded) -> [UInt8] {
        let members = [
            random.pick([nil, "\"tier\":\"gold\"", "\"tier\":\"plain\"", "\"tier\":7"]),
            random.pick([nil, "\"orders\":1", "\"orders\":8", "\"orders\":\"many\""]),
            random.pick([nil, "\"address\":{\"city\":\"Paris\"}", "\"address\":\"Paris\""]),
        ]
        return Array("{\(members.compactMap(\.self).joined(separator: ","))}".utf8)
    }

    private static func caps(_ random: inout Seeded, at now: Instant) -> RecipientCaps {
        guard random.chance(400) else { return .none }
        var caps = RecipientCaps(percent: random.pick([100, 100, 50, 1]))
        if random.chance(500) {
            caps.pauses.append(
                RecipientCaps.Pause(
                    until: now + .milliseconds(random.number(60_000...9 * 86_400_000)),
                    category: random.pick([nil, "marketing", "news"]), channel: random.pick([nil, .email, .sms])))
        }
        if random.chance(400) {
            caps.limits.append(
                RecipientCaps.Limit(
                    rule: random.pick(["rolling", "own", "day", "campaign"]), limit: Int(random.number(0...5))))
        }
        return caps
    }

    /// A suppression of a recipient or of one of the addresses.
    static func suppression(of profile: Profile, _ random: inout Seeded, at now: Instant) -> Suppression {
        let address = random.chance(500) ? profile.addresses.randomElement(using: &random) : nil
        return Suppression(
            subject: address?.subject ?? .recipient(profile.id), label: profile.id,
            reason: random.pick([.manual, .unsubscribed, .hardBounce]),
            channel: random.pick([nil, address?.channel, .email]),
            category: random.pick([nil, "marketing", "news", "deals"]), source: "test", at: now)
    }

    /// A message that is accepted now. One in eleven is for somebody without a profile.
    static func draft(_ number: Int, _ random: inout Seeded, at now: Instant) -> MessageDraft {
        var channels = Channel.allCases.shuffled(using: &random)
        channels.removeLast(Int(random.number(0...Int64(channels.count - 1))))
        let route = channels.count > 1 ? random.pick(ChannelRoute.allCases) : .first
        var draft = MessageDraft(
            recipient: id(Int(random.number(0...Int64(count)))), template: random.pick(["t0", "t1"]),
            campaign: random.pick([nil, "c0", "c1", "c2", "c3"]), journey: random.pick([nil, "j0"]),
            category: random.pick(categories + ["marketing", "unheard-of"]), topic: random.pick([nil, nil, "deals"]),
            tags: random.pick([[], [], ["promo"], ["promo/summer", "vip"], ["promo/test"]]), channels: channels,
            route: route, priority: random.pick(Priority.allCases))
        if random.chance(120) { draft.sendAt = now + .milliseconds(random.number(-7_200_000...40_000_000)) }
        if random.chance(250) { draft.expiresAt = now + .milliseconds(random.number(-600_000...100_000_000)) }
        if random.chance(600) { draft.dedupKey = random.chance(600) ? "k\(random.number(0...1))" : "d\(number)" }
        if random.chance(120) { draft.bestTimeWithin = .milliseconds(random.number(60_000...2 * 86_400_000)) }
        draft.tenant = random.pick([nil, nil, nil, "acme"])
        draft.activity = random.pick([nil, nil, nil, "a0", "a1"])
        draft.isTest = random.chance(30)
        if random.chance(60) {
            draft.capFlags = CapFlags(obeys: random.chance(500), counts: random.chance(500), by: "the test")
        }
        draft.escalation = Escalation(
            after: .milliseconds(random.number(60_000...20_000_000)), until: random.pick(Escalation.Success.allCases))
        return draft
    }
}
