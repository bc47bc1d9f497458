public import SobreModel
import SobreStore

/// Every channel is stored and read back as itself.
extension StoreConformance {
    static let channels: [ConformanceCheck] = [
        ConformanceCheck("A plan of any channels in any order is read back, also after a restart") { test in
            let driver = try await StoreDriver(test)
            let plans = orders(of: Channel.allCases)
            var ids: [MessageID] = []
            for plan in plans {
                ids.append(try await driver.enqueue(StoreDriver.draft(channels: plan, route: .all))[0])
            }
            let again = try await driver.reopened()
            for (id, plan) in zip(ids, plans) {
                try requireEqual(try await again.store.message(id)?.draft.channels, plan)
            }
            let claimed = try await again.claim(plans.reduce(0) { $0 + $1.count })
            try requireEqual(
                claimed.map { $0.message.plan(of: $0.claim.delivery) }.sorted { $0[0] < $1[0] },
                plans.joined().sorted().map { [$0] })
            await again.store.close()
        },
        ConformanceCheck("On each channel and at each priority a delivery waits, is claimed and is counted") { test in
            var driver = try await StoreDriver(test)
            for channel in Channel.allCases {
                for priority in Priority.allCases {
                    try await driver.enqueue(StoreDriver.draft(channels: [channel], priority: priority))
                }
            }
            driver = try await driver.reopened()
            for channel in Channel.allCases {
                for priority in Priority.allCases.reversed() {
                    let claimed = try await driver.claim(1, channels: [channel])
                    try requireEqual(claimed.map(\.message.draft.priority), [priority])
                    try requireEqual(claimed.map { $0.message.draft.channels }, [[channel]])
                    guard case .admitted(let ticket) = try await driver.admit(claimed)[0] else {
                        throw ConformanceFailure(description: "a delivery on \(channel) was not admitted")
                    }
                    try await driver.record(ticket, .sent, .sent)
                }
                try requireEqual(try await driver.claim(1, channels: [channel]).count, 0)
            }
            let expected = Channel.allCases.flatMap { channel in Priority.allCases.map { _ in channel } }
            try requireEqual(try await driver.facts().ledger.map(\.traits.channel).sorted(), expected)
            driver = try await driver.reopened()
            try requireEqual(try await driver.facts().ledger.map(\.traits.channel).sorted(), expected)
            for channel in Channel.allCases {
                let rows = try await driver.store.log(LogQuery(limit: 1_000, channels: [channel])).rows
                try requireEqual(Set(rows.map(\.entry.channel)), [channel])
            }
            await driver.store.close()
        },
        ConformanceCheck("Addresses, consents, pauses and suppressions on each channel are read back") { test in
            var driver = try await StoreDriver(test)
            var profile = StoreDriver.person()
            profile.addresses = Channel.allCases.map { Address(channel: $0, value: "+12025550123") }
            profile.consents = Channel.allCases.map { Consent(category: "marketing", channel: $0, granted: true) }
            profile.caps.pauses = Channel.allCases.map {
                RecipientCaps.Pause(until: StoreConformance.start, category: "marketing", channel: $0)
            }
            try await driver.store.put([profile])
            let suppressions = profile.addresses.map {
                Suppression(
                    subject: $0.subject, label: $0.masked, reason: $0.channel.deadAddressReason, channel: $0.channel,
                    source: "test", at: StoreConformance.start)
            }
            try await driver.store.suppress(suppressions)
            for _ in 0..<2 {
                let facts = try await driver.facts()
                try requireEqual(facts.profile, profile)
                try requireEqual(facts.suppressions.compactMap(\.channel).sorted(), Channel.allCases)
                driver = try await driver.reopened()
            }
            await driver.store.close()
        },
        ConformanceCheck("What recipients did is counted for each channel and event by itself") { test in
            var driver = try await StoreDriver(test)
            let id = try await driver.enqueue(StoreDriver.draft())[0]
            try await driver.record(try await driver.start(), .sent, .sent)
            _ = try await driver.store.append([receipt(.opened, id.delivery(0))], maxWaiting: 10)
            var expected = Engagement()
            var changes: [EngagementChange] = [.init(.hour(0), 1), .init(.hour(167), 2)]
            _ = expected.set(hour: 0, to: 1)
            _ = expected.set(hour: 167, to: 2)
            for channel in Channel.allCases {
                for event in Engagement.Event.allCases {
                    let count = channel.index * 10 + Int(event.rawValue)
                    expected[channel][event] = UInt32(count)
                    changes.append(.init(.event(event, channel), count))
                }
            }
            let all = changes
            try await apply(driver) { facts, now in
                guard case .apply(var effect) = believe(facts, now) else { return .ignore("") }
                effect.engagement = all
                return .apply(effect)
            }
            driver = try await driver.reopened()
            let (own, prior) = try await driver.store.engagement(of: "ann")
            try requireEqual(own, expected)
            try requireEqual(prior, expected)
            await driver.store.close()
        },
    ]

    /// Every non-empty subset, in every order.
    public static func orders(of channels: [Channel]) -> [[Channel]] {
        channels.flatMap { first in
            [[first]] + orders(of: channels.filter { $0 != first }).map { [first] + $0 }
        }
    }
}
