import SobreModel

extension Checker {
    /// Whether a provider received a message, so that it may send receipts about it.
    func hasAsked(_ provider: String, for delivery: DeliveryID) -> Bool {
        (attemptsByDelivery[delivery] ?? []).contains { index in
            attempts[index].requests.contains { $0.provider == provider }
        }
    }

    /// A processed receipt applies at the next decision.
    mutating func seeDigested(
        _ delivery: DeliveryID, _ event: ReportedEvent, by provider: String, happenedAt: Instant, at moment: Moment
    ) {
        let own = attemptsByDelivery[delivery] ?? []
        let asked = own.filter { index in attempts[index].requests.contains { $0.provider == provider } }
        guard let last = asked.last else { return }
        if event == .rejected || event == .failed, own.count(where: { attempts[$0].isPossible }) > 1 {
            // The receipt does not say which of several attempts it is about.
            return
        }
        let before = recorded[delivery] ?? [:]
        recorded[delivery, default: [:]][event] = min(before[event] ?? happenedAt, happenedAt)
        if let strongest = recorded[delivery]?.keys.max() { peaks[delivery, default: []].insert(strongest) }
        // A delivery that waited to be sent again has been sent after all.
        if event != .rejected, event != .failed, case .waits? = standings[delivery] { standings[delivery] = .sent }
        if event == .rejected, before.keys.allSatisfy({ $0 == .rejected }),
            let only = own.first(where: { attempts[$0].isPossible }), attempts[only].ending?.proof == .unknown
        {
            attempts[only].disprovenAt = moment
        }
        let intent = attempts[last].intent
        habits.count(
            event, intent, before: before, after: recorded[delivery] ?? [:], person: canonical(intent.draft.recipient),
            isVague: Set(asked.map { attempts[$0].intent.channel }).count > 1)
        if before[event] == nil { suppress(for: event, asked) }
    }

    /// Hard bounces, complaints and unsubscribing end contact with the address at once.
    private mutating func suppress(for event: ReportedEvent, _ asked: [Int]) {
        let reason: Suppression.Reason
        var category: String?
        guard let intent = asked.last.map({ attempts[$0].intent }) else { return }
        switch event {
        case .bouncedHard: reason = .hardBounce
        case .complained: reason = .complaint
        case .unsubscribed:
            reason = .unsubscribed
            category = intent.draft.category
        default: return
        }
        let meant = asked.map { attempts[$0].intent }
        let addresses = Set(meant.flatMap { [$0.address] + $0.further })
        for address in addresses {
            order(reason, address, category: category, isCertain: addresses.count == 1)
        }
    }

    /// If a provider answered that an address does not exist and the answer was received, the address is dead.
    mutating func seeAnswers(of attempt: Attempt) {
        for request in attempt.requests where request.blamesAddress {
            let addresses = [attempt.intent.address] + attempt.intent.further
            guard let address = addresses.first(where: { $0.value == request.address }) else { continue }
            order(.invalidToken, address, category: nil, isCertain: !attempt.wasCutOff)
        }
    }

    private mutating func order(
        _ reason: Suppression.Reason, _ address: Address, category: String?, isCertain: Bool
    ) {
        let order = Suppression(
            subject: address.subject, label: address.masked, reason: reason, channel: address.channel,
            category: category, source: "", at: .distantPast)
        possibleSuppressions.insert(order)
        if isCertain { suppressions.insert(order) }
    }

    /// I18: the state that a delivery must have at rest by all its receipts, in any order; nil if there are none or
    /// it is unknown which attempt they are about.
    func stateByReceipts(_ delivery: DeliveryID) -> String? {
        guard let strongest = reported[delivery]?.max() else { return nil }
        if strongest == .rejected || strongest == .failed {
            let own = (attemptsByDelivery[delivery] ?? []).map { attempts[$0] }
            guard own.count(where: { $0.ending?.proof != .notSent }) == 1 else { return nil }
        }
        return strongest.state
    }
}
