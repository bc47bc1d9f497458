import HistoryChecker
import SobreModel
import SobreStore

/// A request that a provider may send receipts for.
struct Asked {
    var delivery: DeliveryID
    var provider: String
    var number: Int
    var isTaken: Bool
}

/// One receipt of a provider.
struct SimulatedReceipt {
    var event: ReportedEvent
    var receipt: Receipt
}

extension World {
    var clock: Instant { Instant(milliseconds: History.beginsAt.milliseconds + now) }

    /// Repeats a call until the store has accepted it, as clients and providers do.
    func persist(_ body: (NodeStore) async throws(StoreError) -> Void) async {
        for _ in 0..<3000 {
            if let node, node.isUp, !node.executor.isFrozen {
                do {
                    try await body(node.store)
                    return
                } catch { reach("client tried again") }
            }
            await scheduler.sleep(number(50...300))
        }
    }

    /// The receipts of providers for these requests: several copies, in any order. A few come from a provider that did
    /// not get the request.
    func receipts(of asked: [Asked], copies: Int) -> [SimulatedReceipt] {
        var random = Seeded(history.seed, 0x5245_4349, UInt64(now), UInt64(asked.count))
        var receipts: [SimulatedReceipt] = []
        for one in asked {
            for event in Seeded.reportedEvents(history.seed, one.number, isTaken: one.isTaken) {
                let receipt = receipt(event, one, by: one.provider)
                for _ in 0..<copies { receipts.append(receipt) }
            }
            if one.number % 11 == 3 { receipts.append(receipt(.complained, one, by: "stranger")) }
        }
        receipts.shuffle(using: &random)
        return receipts
    }

    private func receipt(_ event: ReportedEvent, _ asked: Asked, by provider: String) -> SimulatedReceipt {
        var at = clock
        if history.looksAtMidnight, event == .opened || event == .clicked {
            // In the hour after a midnight of last week.
            let midnight = Instant(milliseconds: (History.beginsAt.milliseconds / 86_400_000 - 6) * 86_400_000)
            at = midnight + .milliseconds(Int64(asked.number) * 1000 % 3_600_000)
        }
        return SimulatedReceipt(
            event: event,
            receipt: Receipt(
                provider: provider, eventID: "\(asked.number)-\(event)-\(provider)", delivery: asked.delivery,
                kind: event.kind, at: at, isSigned: true))
    }

    /// Sends a provider's receipts for a request later, and repeats them until they are accepted.
    func reportLater(_ asked: Asked) {
        var random = Seeded(history.seed, 0x4c41_5445, UInt64(asked.number))
        let waits = (0..<2).map { _ in random.number(50...random.pick([2000, 20_000, 60_000])) }
        let all = receipts(of: [asked], copies: random.pick([1, 1, 2]))
        if all.isEmpty { return }
        let half = Int(random.next() % UInt64(all.count + 1))
        for (wait, part) in zip(waits, [all[..<half], all[half...]]) where !part.isEmpty {
            outstanding += 1
            spawn { [self] in
                await scheduler.sleep(wait)
                await report(Array(part))
                outstanding -= 1
            }
        }
    }

    func report(_ receipts: [SimulatedReceipt]) async {
        if receipts.isEmpty { return }
        await persist { store async throws(StoreError) in try await store.receive(receipts) }
    }
}

extension ReportedEvent {
    /// The product's name for the event.
    var kind: Receipt.Kind {
        switch self {
        case .rejected: .rejected
        case .failed: .failed
        case .bouncedSoft: .bouncedSoft
        case .delivered: .delivered
        case .bouncedHard: .bouncedHard
        case .opened: .opened
        case .clicked: .clicked
        case .converted: .converted
        case .unsubscribed: .unsubscribed
        case .complained: .complained
        }
    }

    init?(_ kind: Receipt.Kind) {
        guard let event = Self.allCases.first(where: { $0.kind == kind }) else { return nil }
        self = event
    }
}
