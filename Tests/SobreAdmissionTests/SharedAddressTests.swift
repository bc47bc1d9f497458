import SobreAdmission
import SobreModel
import Testing

/// A contact through an address counts for each profile that holds the address when it is sent, and a send is judged by
/// the caps of all who hold the address.
@Suite struct SharedAddressTests {
    static let three = "caps: [{ name: three, limit: 3, window: 7d }]"
    let noon = World.noon
    let mailbox = Address(channel: .email, value: "ann@example.com")

    private func contact(
        _ id: Int64, _ channel: Channel = .sms, ago: Int64 = 3_600, address: Address? = nil,
        campaign: String = "secret"
    ) -> LedgerEntry {
        let draft = MessageDraft(
            recipient: "bob", template: "offer", campaign: campaign, category: "marketing", channels: [channel])
        let at = noon - .seconds(ago - id)
        return LedgerEntry(
            id: id, delivery: MessageID(rawValue: id << 21).delivery(0), state: .committed, reservedAt: at,
            committedAt: at, traits: ContactTraits(message: draft, channel: channel), recipient: .recipient("bob"),
            address: (address ?? Address(channel: .sms, value: "+33612345678")).subject)
    }

    /// Bob, who has the same mailbox as Ann.
    private func bob(
        _ ledger: [LedgerEntry], caps: RecipientCaps = .none, _ addresses: [Address]? = nil
    ) -> AddressHolder {
        let addresses = addresses ?? [mailbox]
        return AddressHolder(
            profile: Profile(id: "bob", timezone: "Europe/London", addresses: addresses, caps: caps),
            addresses: addresses.map(\.subject), ledger: ledger)
    }

    @Test("a send is judged by the caps of all who hold the address, in either order")
    func eitherOrder() throws {
        var world = try World(Self.three)
        // Three SMS to Bob, then a mail to Ann that Bob would get as well.
        world.holders = [bob([contact(1), contact(2), contact(3)])]
        let mail = world.ask(world.message())
        #expect(mail.verdict == .drop(.frequencyCapped))
        #expect(mail.summary.hasPrefix("three 3/3 of another profile that holds this address, next slot "))
        // What does not reach Bob is not his.
        #expect(world.ask(world.message(channels: [.sms])).isSend)
        // The mail first: it counts for Bob, whose fourth contact would be the third SMS.
        world.holders = []
        world.ledger = [contact(1, .email, address: mailbox), contact(2), contact(3)]
        #expect(world.ask(world.message(channels: [.sms])).verdict == .drop(.frequencyCapped))
        #expect(world.ask(world.message(channels: [.sms])).summary.hasPrefix("three 3/3, next slot "))
    }

    @Test("who takes an address later does not take over its contacts, but a cap by address counts them")
    func inheritsNothing() throws {
        var world = try World(
            "caps: [{ name: one, limit: 1, window: 7d }, { name: box, limit: 2, window: 7d, per: address }]")
        var earlier = contact(1, .email, address: mailbox)
        earlier.countsForHolder = false
        world.ledger = [earlier]
        #expect(world.ask(world.message()).isSend)
        var second = contact(2, .email, address: mailbox)
        second.countsForHolder = false
        world.ledger.append(second)
        #expect(world.ask(world.message()).summary.hasPrefix("box 2/2"))
        world.ledger[0].countsForHolder = true
        #expect(world.ask(world.message(channels: [.sms])).summary.hasPrefix("one 1/1"))
    }

    @Test("each holder is judged by its own limits and conditions, in the order of ledger, limit and rule")
    func ownRules() throws {
        var world = try World(
            """
            caps:
              - { name: gently, segment: { where: "engagement == 'low'" }, limit: 1, window: 7d }
              - { name: three, limit: 3, window: 7d, on_cap: hold }
            """)
        world.holders = [bob([contact(1)])]
        #expect(world.ask(world.message()).isSend)
        world.holders[0].profile.attributes = Array(#"{"engagement":"low"}"#.utf8)
        #expect(world.ask(world.message()).summary.hasPrefix("gently 1/1 of another profile"))
        // What Bob asks for restrains what reaches him; his pauses are about his own messages.
        world.holders = [
            bob(
                [contact(1)],
                caps: RecipientCaps(limits: [.init(rule: "three", limit: 1)]))
        ]
        let free = noon - .seconds(3_599) + .seconds(7 * 86_400)
        #expect(world.ask(world.message()).verdict == .hold(until: free, .frequencyCapped))
        world.holders = [bob([], caps: RecipientCaps(pauses: [.init(until: noon + .seconds(60))]))]
        #expect(world.ask(world.message()).isSend)
    }

    @Test("a hold ends when there is room for all who hold the address, and transactional messages are not restrained")
    func release() throws {
        var world = try World(
            """
            categories: { marketing: { consent: none }, transactional: { consent: none, obeys_caps: false } }
            caps: [{ name: one, limit: 1, window: 1d, on_cap: hold }]
            """)
        world.ledger = [contact(1, .email, ago: 20_000)]
        world.holders = [bob([contact(2, ago: 10_000)])]
        let free = noon - .seconds(10_000 - 2) + .seconds(86_400)
        #expect(world.ask(world.message()).verdict == .hold(until: free, .frequencyCapped))
        #expect(world.ask(world.message("transactional")).isSend)
        world.holders[0].ledger[0].state = .reserved
        world.holders[0].ledger[0].committedAt = nil
        world.ledger = []
        guard case .hold(_, .frequencyCapped) = world.ask(world.message()).verdict else {
            Issue.record("what is in flight to the other holder does not count")
            return
        }
    }

    @Test("a device that another profile holds is judged for that profile, also when it is not the first")
    func devices() throws {
        var world = try World("caps: [{ name: one, limit: 1, window: 1d }]")
        let tablet = Address(channel: .push, value: "tablet")
        world.profile?.addresses.append(tablet)
        world.holders = [bob([contact(1)], [tablet])]
        #expect(world.ask(world.message(channels: [.push])).verdict == .drop(.frequencyCapped))
        world.suppressions = [
            Suppression(subject: tablet.subject, label: "t", reason: .invalidToken, source: "test", at: .epoch)
        ]
        #expect(world.ask(world.message(channels: [.push])).isSend)
    }

    @Test("the explanation says whose cap was full without naming the other profile or its campaigns")
    func explanation() throws {
        var world = try World(Self.three)
        world.holders = [
            bob([contact(1), contact(2), contact(3)], caps: RecipientCaps(limits: [.init(rule: "three", limit: 2)]))
        ]
        let decision = world.ask(world.message())
        #expect(decision.text.contains(#""of":"another profile that holds this address""#))
        #expect(decision.text.contains(#""filled_by":[{"delivery":"\#(MessageID(rawValue: 3 << 21).delivery(0))""#))
        #expect(!decision.text.contains("bob") && !decision.text.contains("secret"))
        #expect(!decision.text.contains("policy_limit"))
        let lines = Explanation.render(json: decision.explanation ?? []).joined(separator: "\n")
        #expect(lines.contains("✗ three 3/2 of another profile that holds this address"))
    }

    @Test("beyond the bound of holders the recipient alone is judged, and the explanation says so")
    func crowded() throws {
        var world = try World(Self.three)
        world.crowdedAddresses = [mailbox.subject]
        let decision = world.ask(world.message(), explaining: .always)
        #expect(decision.isSend)
        let lines = Explanation.render(json: decision.explanation ?? []).joined(separator: "\n")
        #expect(lines.contains("caps: more profiles hold the address than are judged together"))
        #expect(!world.ask(world.message(channels: [.sms]), explaining: .always).text.contains("crowded"))
    }

    @Test("a dry run counts what it would send for the other holders too")
    func dryRun() throws {
        var world = try World("caps: [{ name: three, limit: 3, window: 7d }]")
        let phone = Address(channel: .sms, value: "+44 20 7946 0123")
        world.holders = [bob([contact(1), contact(2)], [mailbox, phone])]
        let message = world.message(channels: [.email, .sms], route: .all)
        let found = world.policy.dryRun(message, facts: world.facts, conditions: .normal, now: noon)
        #expect(found.map(\.decision.isSend) == [true, false])
    }
}
