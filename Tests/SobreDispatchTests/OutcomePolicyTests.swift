import SobreDelivery
import SobreModel
import SobreSettings
import SobreStore
import Testing

@testable import SobreDispatch

@Suite("What follows from an outcome") struct OutcomePolicyTests {
    /// One row of the table: an outcome of the first attempt on the only channel, and the result.
    struct Row: Sendable, CustomTestStringConvertible {
        var kind: Outcome.Kind
        var state: DeliveryState
        var reason: String
        var waits = false
        var suppression: Suppression.Reason?

        init(
            _ kind: Outcome.Kind, _ state: DeliveryState, _ reason: String, waits: Bool = false,
            _ suppression: Suppression.Reason? = nil
        ) {
            self.kind = kind
            self.state = state
            self.reason = reason
            self.waits = waits
            self.suppression = suppression
        }

        var testDescription: String { kind.rawValue }
    }

    static let table: [Row] = [
        Row(.accepted, .sent, "accepted"),
        Row(.acceptedSandbox, .sent, "accepted.sandbox"),
        Row(.throttled, .deferred, "throttled", waits: true),
        Row(.quota, .deferred, "quota", waits: true),
        Row(.transient, .deferred, "transient", waits: true),
        Row(.auth, .held, "provider_paused", waits: true),
        Row(.authRefresh, .deferred, "auth.refresh", waits: true),
        Row(.configuration, .held, "provider_paused", waits: true),
        Row(.recipientInvalid, .failed, "recipient_invalid", .hardBounce),
        Row(.recipientGone, .failed, "recipient_gone", .invalidToken),
        Row(.recipientUnsubscribed, .failed, "recipient_unsubscribed", .unsubscribed),
        Row(.recipientSuppressed, .failed, "recipient_unsubscribed", .unsubscribed),
        Row(.recipientUnreachable, .failed, "recipient_invalid"),
        Row(.recipientDeferred, .deferred, "recipient.deferred", waits: true),
        Row(.contentRejected, .failed, "content_rejected"),
        Row(.contentTooLarge, .failed, "content_rejected"),
        Row(.contentFiltered, .failed, "content_rejected"),
        Row(.contentWindowClosed, .failed, "content_rejected"),
        Row(.contentDeferred, .deferred, "content.deferred", waits: true),
        Row(.senderRejected, .failed, "content_rejected"),
        Row(.permanentUnknown, .failed, "provider_rejected"),
        Row(.ambiguous, .unknown, "ambiguous"),
    ]

    private let policy = OutcomePolicy(settings: .fiveAttempts)
    private let now = Instant(milliseconds: 1_700_000_000_000)

    private func sent(
        attempt: Int = 1, channel: Channel = .email, resendsUnknown: Bool = false, possibleDuplicate: Bool = false,
        hasFurtherChannels: Bool = false, nextChannel: Channel? = nil, isAddressKnown: Bool = true,
        acceptedAt: Instant? = nil, expiresAt: Instant? = nil
    ) -> SentAttempt {
        let address = Address(channel: channel, value: channel == .email ? "ann@example.com" : "a-token-of-ann")
        let change = DeliveryChange(
            .unknown, attempt: attempt, channel: channel, provider: "acme", possibleDuplicate: possibleDuplicate,
            templateVersion: "v1")
        return SentAttempt(
            ledgerID: 7, delivery: DeliveryID(rawValue: 1 << 30), change: change,
            address: isAddressKnown ? address : nil, since: acceptedAt ?? now, expiresAt: expiresAt,
            category: "marketing",
            resendsUnknown: resendsUnknown,
            hasFurtherChannels: hasFurtherChannels, nextChannel: nextChannel)
    }

    @Test func `the table has every outcome`() {
        #expect(Self.table.map(\.kind) == Outcome.Kind.allCases)
    }

    @Test(arguments: table) func `each outcome has its state, reason, due time and suppression`(row: Row) {
        let outcome = Outcome(row.kind, providerID: "x-1", detail: "550 in words")
        let record = policy.record(of: sent(), outcome: outcome, at: now)
        #expect(record.ledgerID == 7)
        #expect(record.proof == row.kind.proof)
        #expect(record.change.state == row.state)
        #expect(record.change.reason == row.reason)
        #expect(record.change.detail == "550 in words")
        #expect(record.change.providerID == "x-1")
        #expect((record.change.next.wait != nil) == row.waits)
        #expect(record.change.state.isPending == row.waits)
        if let wait = record.change.next.wait { #expect(wait.length > .zero && wait.end == nil) }
        #expect(record.suppressions.map(\.reason) == (row.suppression.map { [$0] } ?? []))
        #expect(DeliveryState.attempting.moves.contains(record.change.state))
    }

    @Test func `what is proven unsent gives its slot back, everything else keeps it`() {
        for kind in Outcome.Kind.allCases {
            let proof = policy.record(of: sent(), outcome: Outcome(kind), at: now).proof
            let isUnsent = kind != .accepted && kind != .acceptedSandbox && kind != .ambiguous
            #expect((proof == .notSent) == isUnsent, "\(kind.rawValue)")
        }
    }

    @Test func `a push token that is invalid is no hard bounce`() {
        let record = policy.record(of: sent(channel: .push), outcome: Outcome(.recipientInvalid), at: now)
        #expect(record.suppressions.map(\.reason) == [.invalidToken])
        #expect(record.suppressions[0].subject == sent(channel: .push).address?.subject)
        #expect(record.suppressions[0].channel == .push)
        #expect(!record.suppressions[0].label.contains("a-token-of-ann"))
    }

    @Test func `without the address, as after a crash, nothing is suppressed`() {
        let outbound = sent(isAddressKnown: false)
        #expect(policy.record(of: outbound, outcome: Outcome(.recipientGone), at: now).suppressions.isEmpty)
    }

    @Test(arguments: [
        Outcome.Kind.recipientInvalid, .recipientGone, .recipientUnsubscribed, .recipientSuppressed,
    ])
    func `a bad address leaves the message to the plan's next channel`(kind: Outcome.Kind) {
        let change = policy.record(of: sent(hasFurtherChannels: true), outcome: Outcome(kind), at: now).change
        #expect(change.next == .deferred(.none) && change.channel == nil)
        let last = policy.record(of: sent(attempt: 5, hasFurtherChannels: true), outcome: Outcome(kind), at: now).change
        #expect(last.state == .failed)
    }

    @Test(arguments: [
        Outcome.Kind.contentRejected, .contentTooLarge, .contentFiltered, .contentWindowClosed,
    ])
    func `refused content goes on with the plan's next channel, and never back`(kind: Outcome.Kind) {
        let record = policy.record(of: sent(nextChannel: .sms), outcome: Outcome(kind), at: now)
        #expect(record.proof == .notSent)
        #expect(record.change.next == .deferred(.none) && record.change.channel == .sms)
        #expect(record.beginsAtChannel && record.suppressions.isEmpty)
        let last = policy.record(of: sent(attempt: 5, nextChannel: .sms), outcome: Outcome(kind), at: now)
        #expect(last.change.state == .failed && !last.beginsAtChannel)
    }

    @Test(arguments: Outcome.Kind.allCases.filter { $0.proof == .notSent })
    func `a second try that ends without success leaves it unknown whether the first had it`(kind: Outcome.Kind) {
        let outbound = sent(
            attempt: 5, resendsUnknown: true, possibleDuplicate: true, hasFurtherChannels: true, nextChannel: .sms)
        let record = policy.record(of: outbound, outcome: Outcome(kind), at: now)
        #expect(record.proof == .notSent, "this attempt's own slot is free")
        #expect(record.change.possibleDuplicate)
        let isFree = kind.fault == .account
        #expect(isFree ? record.change.state.isPending : record.change.state == .unknown, "\(record.change.state)")
        #expect(record.change.channel == .email)
    }

    @Test func `several devices are one outcome`() {
        func fold(_ kinds: Outcome.Kind...) -> Outcome {
            DeviceCalls.fold(
                kinds.enumerated().map { index, kind in
                    DeviceCall(
                        provider: "p", address: Address(channel: .push, value: "t\(index)"),
                        outcome: Outcome(kind, providerID: "id-\(index)"), hasBegun: true)
                })
        }
        #expect(fold(.recipientGone, .accepted, .accepted).kind == .accepted)
        #expect(fold(.recipientGone, .accepted, .accepted).providerID == "id-1")
        #expect(fold(.recipientGone, .accepted, .ambiguous).detail == "1 of 3 devices")
        #expect(fold(.transient, .ambiguous, .recipientGone).kind == .ambiguous)
        #expect(fold(.recipientGone, .transient, .auth).kind == .transient)
        #expect(fold(.recipientGone, .auth).kind == .auth)
        #expect(fold(.recipientGone, .contentTooLarge).kind == .contentTooLarge)
        #expect(fold(.recipientGone, .recipientInvalid).kind == .recipientGone)
    }

    @Test func `each dead token of several is suppressed by itself`() {
        let calls = [
            DeviceCall(
                provider: "p", address: Address(channel: .push, value: "alive"), outcome: Outcome(.accepted),
                hasBegun: true),
            DeviceCall(
                provider: "q", address: Address(channel: .push, value: "dead"), outcome: Outcome(.recipientGone),
                hasBegun: true),
        ]
        let record = policy.record(of: sent(channel: .push), outcome: DeviceCalls.fold(calls), calls: calls, at: now)
        #expect(record.change.state == .sent && record.proof == .sent)
        #expect(record.suppressions.map(\.subject) == [calls[1].address.subject])
        #expect(record.suppressions.map(\.source) == ["provider:q"])
    }

    @Test func `the last attempt is the last`() {
        let fourth = policy.record(of: sent(attempt: 4), outcome: Outcome(.transient), at: now).change
        #expect(fourth.state == .deferred && fourth.attempt == 4)
        let fifth = policy.record(of: sent(attempt: 5), outcome: Outcome(.transient), at: now).change
        #expect(fifth.next == .failed && fifth.reason == "attempts_exhausted")
    }

    @Test func `time ends the tries, not their number`() {
        var settings = DispatchSettings.fiveAttempts
        settings.retry.giveUpAfter = .seconds(5 * 86_400)
        let policy = OutcomePolicy(settings: settings)
        func next(_ sent: SentAttempt, _ kind: Outcome.Kind = .transient, isConnected: Bool = true) -> DeliveryChange {
            var outcome = Outcome(kind)
            outcome.isConnected = isConnected
            return policy.record(of: sent, outcome: outcome, at: now).change
        }
        let fourDays = now - .seconds(4 * 86_400)
        let sixDays = now - .seconds(6 * 86_400)
        for kind in [Outcome.Kind.transient, .recipientDeferred, .throttled, .contentDeferred] {
            #expect(next(sent(attempt: 400, acceptedAt: fourDays), kind).state == .deferred, "\(kind)")
            let last = next(sent(attempt: 5, acceptedAt: sixDays), kind)
            #expect(last.next == .failed && last.reason == "attempts_exhausted", "\(kind)")
        }
        // What was held for days still gets its attempts.
        #expect(next(sent(attempt: 1, acceptedAt: sixDays)).state == .deferred)
        // An expiry is the end, sooner or later, and the last try comes in time for it.
        let expiry = now + .seconds(1)
        let late = next(sent(attempt: 900, acceptedAt: sixDays, expiresAt: expiry))
        #expect(late.state == .deferred && late.next.wait?.end == expiry)
    }

    @Test func `a refused connection costs no attempt, and ends after a time of its own`() {
        var outcome = Outcome(.transient, detail: "connection refused")
        outcome.isConnected = false
        let refused = policy.record(of: sent(attempt: 5), outcome: outcome, at: now).change
        #expect(refused.state == .deferred && refused.attempt == 4)
        for (kind, isConnected) in [
            (Outcome.Kind.transient, false), (.auth, true), (.quota, true), (.configuration, true),
        ] {
            var outcome = Outcome(kind)
            outcome.isConnected = isConnected
            func change(after days: Int) -> DeliveryChange {
                let sent = sent(attempt: 1, acceptedAt: now - .seconds(days * 86_400))
                return policy.record(of: sent, outcome: outcome, at: now).change
            }
            #expect(change(after: 9).state.isPending)
            #expect(change(after: 10).next == .failed && change(after: 10).reason == "attempts_exhausted")
        }
    }

    @Test func `our own mistake costs no attempt, even at the last one`() {
        let change = policy.record(
            of: sent(attempt: 5), outcome: Outcome(.auth), reopensAt: now + .seconds(60), at: now
        ).change
        #expect(change.next == .held(Wait(.seconds(60))) && change.attempt == 4)
    }

    @Test func `a provider that was known to be limited costs no attempt, one that was not does`() {
        let known = policy.record(
            of: sent(attempt: 5), outcome: Outcome(.throttled), wasKnown: true, reopensAt: now + .seconds(300), at: now)
        #expect(known.change.next == .deferred(Wait(.seconds(300))) && known.change.attempt == 4)
        let news = policy.record(of: sent(attempt: 5), outcome: Outcome(.throttled), at: now).change
        #expect(news.next == .failed && news.reason == "attempts_exhausted")
    }

    @Test func `a call that was not begun because its provider is limited waits for it, and says so`() {
        let outcome = Outcome(.throttled, detail: "mail cannot accept calls now; nothing was sent")
        let change = policy.record(
            of: sent(), hasBegun: false, outcome: outcome, reopensAt: now + .seconds(300), at: now
        ).change
        #expect(change.next == .deferred(Wait(.seconds(300))))
        #expect(change.reason == "provider_limited" && change.attempt == 0)
    }

    @Test func `a call that was never made costs no attempt, even the last one`() {
        let record = policy.record(of: sent(attempt: 5), hasBegun: false, outcome: Outcome(.transient), at: now)
        #expect(record.proof == .notSent)
        #expect(record.change.next == .deferred(Wait(.seconds(2))) && record.change.attempt == 4)
    }

    @Test func `an unknown fate is tried once more where the category allows it, and only once`() {
        let first = policy.record(of: sent(resendsUnknown: true), outcome: Outcome(.ambiguous), at: now)
        #expect(first.proof == .unknown)
        #expect(first.change.next == .deferred(Wait(.seconds(30))) && first.change.possibleDuplicate)
        let second = policy.record(
            of: sent(attempt: 2, resendsUnknown: true, possibleDuplicate: true), outcome: Outcome(.ambiguous), at: now)
        #expect(second.change.next == .unknown)
    }
}
