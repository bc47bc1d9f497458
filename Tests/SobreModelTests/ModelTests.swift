import SobreModel
import Testing

@Suite("Model")
struct ModelTests {
    @Test("A tag's symbols hold every ancestor once")
    func tags() {
        let keyHashes = ContactTraits.tagHashes(["promo/summer/sale", "promo", "news"])
        #expect(Set(keyHashes) == Set(["promo", "promo/summer", "promo/summer/sale", "news"].map { KeyHash($0) }))
        #expect(keyHashes == keyHashes.sorted())
    }

    @Test("Final states cannot be left but by a receipt, and every state can be reached")
    func moves() {
        let receipts = DeliveryState.reported.union([.sent])
        #expect(DeliveryState.failed.moves == receipts.union([.queued]))
        #expect(DeliveryState.dropped.moves == receipts.union([.failed, .queued]))
        for state in [DeliveryState.cancelled, .expired] { #expect(state.moves == receipts.union([.failed])) }
        #expect(!DeliveryState.sent.moves.contains(.attempting))
        let reachable = DeliveryState.allCases.reduce(into: Set<DeliveryState>()) { $0.formUnion($1.moves) }
        #expect(reachable.union([.scheduled]) == Set(DeliveryState.allCases))
    }

    @Test("The table of moves says what the sets say")
    func movesTable() {
        for state in DeliveryState.allCases {
            for next in DeliveryState.allCases {
                #expect(state.mayBecome(next) == state.moves.contains(next), "\(state) → \(next)")
            }
        }
    }

    @Test("The first channel of a plan is found without the plan, and a message begins where there is an address")
    func firstChannel() {
        let draft = MessageDraft(recipient: "ann", template: "t", channels: [.push, .sms, .email])
        var message = Message(id: MessageID(rawValue: 64), acceptedAt: .epoch, draft: draft)
        let sms = Profile(id: "ann", addresses: [Address(channel: .sms, value: "+12025550001")])
        let push = Profile(id: "ann", addresses: [Address(channel: .push, value: "t"), sms.addresses[0]])
        #expect(sms.hasAddress(on: .sms) && !sms.hasAddress(on: .push))
        #expect(message.firstChannel(of: message.id.delivery(0), for: sms) == .sms)
        #expect(message.firstChannel(of: message.id.delivery(0), for: push) == .push)
        #expect(message.firstChannel(of: message.id.delivery(0), for: Profile(id: "ann")) == .push)
        #expect(message.firstChannel(of: message.id.delivery(0), for: nil) == .push)
        for route in [ChannelRoute.first, .all, .escalate, .best] {
            message.draft.route = route
            for slot in 0..<5 {
                let delivery = message.id.delivery(slot)
                #expect(message.firstPlannedChannel(of: delivery) == message.plan(of: delivery).first)
            }
        }
    }

    @Test("Spellings of one mailbox or number are one address; persons and addresses never share a symbol")
    func addresses() {
        #expect(
            Address(channel: .email, value: "Ann@Example.com").subject
                == Address(channel: .email, value: "ann@example.COM").subject)
        #expect(
            Address(channel: .sms, value: "+1 (202) 555-0123").subject
                == Address(channel: .sms, value: "+12025550123").subject)
        #expect(KeyHash.recipient("a@example.com") != Address(channel: .email, value: "a@example.com").subject)
    }

    @Test("A masked address does not hold the whole address")
    func masked() {
        for address in [
            Address(channel: .email, value: "ann.smith@example.com"), Address(channel: .sms, value: "+12025550123"),
            Address(channel: .push, value: "dGhpcyBpcyBhIHRva2Vu"), Address(channel: .sms, value: "+123"),
        ] { #expect(!address.masked.contains(address.value)) }
    }

    @Test("`all` plans one delivery a channel, `first` one for the whole plan")
    func plans() {
        var draft = MessageDraft(recipient: "r", template: "t", channels: [.push, .email])
        #expect(draft.plans == [[.push, .email]])
        draft.route = .all
        let message = Message(id: MessageID(rawValue: 1600), acceptedAt: .epoch, draft: draft)
        #expect(message.deliveries.map { message.plan(of: $0) } == [[.push], [.email]])
    }

    @Test("Symbols are stable: stored ledgers depend on them")
    func stable() {
        #expect(KeyHash("marketing").rawValue == 6_132_969_734_406_483_462)
    }
}
