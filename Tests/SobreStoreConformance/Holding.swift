import SobreModel
import SobreStore

/// A contact through an address counts for each profile that holds the address when it is sent, and a send is judged by
/// the caps of all who hold the address.
extension StoreConformance {
    private static let mailbox = "family@example.com"

    /// The contacts that count for a recipient.
    private static func counted(_ driver: StoreDriver, _ id: String) async throws -> Int {
        try await driver.facts(id).ledger.count(where: \.countsForHolder)
    }

    /// Sends one message and records its outcome.
    private static func contact(_ driver: StoreDriver, _ id: String, _ proof: Outcome.Proof = .sent) async throws {
        try await driver.enqueue(StoreDriver.draft(id))
        try await driver.record(driver.start(), proof, proof == .notSent ? .failed : .sent)
    }

    /// Sends while fewer than `limit` contacts count for the recipient and for each other profile that holds the address.
    private static func atMostForEach(_ limit: Int) -> AdmissionDecider {
        { request, facts, _ in
            let address = StoreDriver.address(request, facts)
            let ledgers = [facts.ledger] + facts.holders.filter { $0.addresses.contains(address.subject) }.map(\.ledger)
            let isFree = ledgers.allSatisfy { $0.count(where: \.countsForHolder) < limit }
            return AdmissionDecision(
                verdict: isFree ? .send(address, StoreDriver.traits(request)) : .drop(.frequencyCapped),
                policyVersion: 3, summary: "most \(limit)/\(limit)")
        }
    }

    static let holding: [ConformanceCheck] = [
        ConformanceCheck("A contact counts for each profile that holds the address when it is sent, not later") {
            test in
            var driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: mailbox), StoreDriver.person("bob", email: "FAMILY@example.com"),
                StoreDriver.person("cy"),
            ])
            try await driver.enqueue(StoreDriver.draft("ann"))
            let admitted = try await driver.start()
            // In flight it counts already.
            try requireEqual(try await counted(driver, "bob"), 1)
            try requireEqual(try await driver.facts("bob").ledger.map(\.state), [.reserved])
            try await driver.record(admitted, .sent, .sent)
            for pass in 0..<2 {
                try requireEqual(try await counted(driver, "ann"), 1, "pass \(pass)")
                try requireEqual(try await counted(driver, "bob"), 1, "pass \(pass)")
                try requireEqual(try await driver.facts("cy").ledger.count, 0, "pass \(pass)")
                driver = try await driver.reopened()
            }
            // Who gives the address up keeps the contact, who takes it later only sees it.
            try await driver.store.put([StoreDriver.person("bob"), StoreDriver.person("cy", email: mailbox)])
            for pass in 0..<2 {
                try requireEqual(try await counted(driver, "bob"), 1, "pass \(pass)")
                try requireEqual(try await driver.facts("cy").ledger.map(\.countsForHolder), [false], "pass \(pass)")
                driver = try await driver.reopened()
            }
            try await contact(driver, "cy")
            try requireEqual(try await counted(driver, "ann"), 2)
            try requireEqual(try await counted(driver, "bob"), 1)
            try requireEqual(try await counted(driver, "cy"), 1)
            await driver.store.close()
        },
        ConformanceCheck("The facts name the other holders of an address with their contacts, as they are now") {
            test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: mailbox), StoreDriver.person("bob", email: mailbox),
            ])
            try await contact(driver, "bob")
            let subject = Address(channel: .email, value: mailbox).subject
            var holders = try await driver.facts("ann").holders
            try requireEqual(holders.map(\.profile.id), ["bob"])
            try requireEqual(holders[0].addresses, [subject])
            try requireEqual(holders[0].ledger.count, 1)
            // Patches, replacements and erasures change who holds it from the next decision on.
            try await driver.store.put([StoreDriver.person("cy", email: mailbox)])
            holders = try await driver.facts("ann").holders
            try requireEqual(Set(holders.map(\.profile.id)), ["bob", "cy"])
            try await driver.store.put([StoreDriver.person("bob")])
            try requireEqual(try await driver.facts("ann").holders.map(\.profile.id), ["cy"])
            _ = try await driver.store.erase("cy")
            try requireEqual(try await driver.facts("ann").holders.map(\.profile.id), [])
            try requireEqual(try await driver.facts("ann").ledger.count, 1)
            await driver.store.close()
        },
        ConformanceCheck("Sends at once to two who share an address never take the last slot twice") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: mailbox), StoreDriver.person("bob", email: mailbox),
            ])
            _ = try await driver.store.enqueue(
                (0..<200).map { Submission(draft: StoreDriver.draft($0 % 2 == 0 ? "ann" : "bob")) })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<16 {
                    group.addTask {
                        while true {
                            let claimed = try await driver.claim(7)
                            if claimed.isEmpty { return }
                            for result in try await driver.admit(claimed, atMostForEach(3)) {
                                if case .admitted(let admitted) = result {
                                    try await driver.record(admitted, .sent, .sent)
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            try requireEqual(try await driver.store.totals(), [.sent: 3, .dropped: 197])
            for id in ["ann", "bob"] { try requireEqual(try await counted(driver, id), 3, id) }
            await driver.store.close()
        },
        ConformanceCheck("Later candidates of a batch see what earlier ones sent to the other holder") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: mailbox), StoreDriver.person("bob", email: mailbox),
            ])
            try await driver.enqueue(StoreDriver.draft("ann"), StoreDriver.draft("bob"), StoreDriver.draft("ann"))
            let results = try await driver.admit(driver.claim(), atMostForEach(2))
            try requireEqual(results.count { if case .admitted = $0 { true } else { false } }, 2)
            await driver.store.close()
        },
        ConformanceCheck("What proves unsent counts for no holder, and a merge keeps what counted for either") { test in
            let driver = try await StoreDriver(test)
            try await driver.store.put([
                StoreDriver.person("ann", email: mailbox), StoreDriver.person("bob", email: mailbox),
                StoreDriver.person("cy", email: mailbox),
            ])
            try await contact(driver, "ann", .notSent)
            for id in ["ann", "bob", "cy"] { try requireEqual(try await counted(driver, id), 0, id) }
            try await contact(driver, "ann")
            try await contact(driver, "bob")
            for id in ["ann", "bob", "cy"] { try requireEqual(try await counted(driver, id), 2, id) }
            _ = try await driver.store.merge("bob", into: "ann").get()
            for id in ["ann", "bob", "cy"] { try requireEqual(try await counted(driver, id), 2, id) }
            try requireEqual(try await driver.facts("bob").holders.map(\.profile.id), ["cy"])
            try requireEqual(try await driver.facts("cy").holders.map(\.profile.id), ["ann"])
            await driver.store.close()
        },
    ]
}
