import Glibc
import SobreAdmission
import SobreModel

/// Decisions per second on one core, with 1 to 500 rules.
///
/// There are three policies for each number of rules. In the first all rules match, and each is counted. In the
/// others only one matches, and the rest concern other campaigns or other tags. Where few rules match, their number
/// should not matter.
struct DecisionBench {
    private static let rules = [1, 10, 100, 500]
    private static let ledgerSize = 20
    private static let now = Instant(milliseconds: 1_772_452_800_000)

    func run() throws {
        var base: [String: Double] = [:]
        for count in Self.rules {
            for kind in ["matching", "campaigns", "tags"] {
                let rate = try measure(Self.policy(count, kind))
                base[kind] = base[kind] ?? rate
                SobreBench.report(
                    "decisions-\(count)-rules-\(kind)", rate, "decisions/s", ratio: rate / base[kind]!,
                    base: "decisions-1-rules-\(kind)")
            }
        }
    }

    private static func policy(_ count: Int, _ kind: String) -> String {
        var text = "categories: { marketing: { consent: opt_in, fingerprint_window: 0s } }\ncaps:\n"
        for index in 0..<count {
            let selector =
                switch kind {
                case "campaigns" where index > 0: ", campaign: other-\(index)"
                case "tags" where index > 0: ", tags: [other/\(index)]"
                default: ""
                }
            text += "  - { name: r\(index), applies_to: { category: marketing\(selector) }, limit: 1000, window: 7d }\n"
        }
        return text
    }

    private func measure(_ text: String) throws -> Double {
        let policy = try Policy.parse(text: text)
        let facts = Self.facts()
        let draft = MessageDraft(
            recipient: "ann", template: "offer", campaign: "spring", category: "marketing", tags: ["promo/summer"],
            channels: [.email])
        var ids = MessageIDGenerator(after: nil)
        // In processor time, so that other work on the machine is not counted.
        var decisions = 0
        var sent = 0
        let begun = Self.processorSeconds()
        var elapsed = 0.0
        repeat {
            for _ in 0..<2_000 {
                let message = Message(id: ids.next(at: Self.now), acceptedAt: Self.now, draft: draft)
                let request = AdmissionRequest(
                    delivery: message.id.delivery(0), epoch: 1, message: message, channel: .email)
                let decision = policy.decide(request, facts: facts, conditions: .normal, now: Self.now)
                if case .send = decision.verdict { sent += 1 }
            }
            decisions += 2_000
            elapsed = Self.processorSeconds() - begun
        } while elapsed < 0.5
        precondition(sent == decisions, "every one of these messages may go")
        return Double(decisions) / elapsed
    }

    /// A recipient with twenty contacts within the last week.
    private static func facts() -> AdmissionFacts {
        let profile = Profile(
            id: "ann", timezone: "Europe/London", addresses: [Address(channel: .email, value: "ann@example.com")],
            consents: [Consent(category: "marketing", granted: true, at: .epoch)])
        var ids = MessageIDGenerator(after: nil)
        let ledger = (0..<ledgerSize).map { index in
            let at = now - .seconds(Int64(ledgerSize - index) * 3600)
            let draft = MessageDraft(recipient: "ann", template: "offer", campaign: "c\(index)", channels: [.email])
            return LedgerEntry(
                id: Int64(index + 1), delivery: ids.next(at: at).delivery(0), state: .committed, reservedAt: at,
                committedAt: at,
                traits: ContactTraits(message: draft, channel: .email), recipient: .recipient("ann"), address: .none)
        }
        return AdmissionFacts(profile: profile, ledger: ledger)
    }

    static func processorSeconds() -> Double { BareLoop.clock(CLOCK_PROCESS_CPUTIME_ID) }
}
