import SobreDelivery
import SobreModel
import SobreSQLite
import SobreStore
import Testing

/// A provider that says since when a device is dead, and devices that were registered before and after.
@Suite("Devices that a provider calls dead") struct DeadDeviceTests {
    private static let token = DispatchBench.ann.address(on: .push)!

    private static func dead(_ since: Instant?) -> Outcome {
        var outcome = Outcome(.recipientGone, detail: "HTTP 410 Unregistered")
        outcome.deadSince = since
        return outcome
    }

    /// Sends one push that is answered so, and returns why the device is suppressed.
    private func suppressed(
        _ outcome: Outcome, _ prepare: (DispatchBench) async throws -> Void = { _ in }
    ) async throws -> [Suppression.Reason] {
        var found: [Suppression.Reason] = []
        try await DispatchBench.run(ScriptedProvider("push", .push, [outcome])) { bench in
            try await prepare(bench)
            let id = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(try await bench.last(id).state == .failed)
            found = try await bench.store.suppressions(subject: Self.token.subject, limit: 9).map(\.reason)
        }
        return found
    }

    @Test func `a device is removed when it died after its registration, and kept when it was registered since`()
        async throws
    {
        let registered = DispatchBench.start
        #expect(try await suppressed(Self.dead(registered + .milliseconds(1))) == [.invalidToken])
        #expect(try await suppressed(Self.dead(registered)).isEmpty)
        #expect(try await suppressed(Self.dead(registered - .seconds(86_400))).isEmpty)
        #expect(try await suppressed(Self.dead(nil)) == [.invalidToken])
    }

    @Test func `a device is registered again with the whole profile, and not by a change of something else`()
        async throws
    {
        let died = DispatchBench.start + .seconds(60)
        let again = try await suppressed(Self.dead(died)) { bench in
            bench.time.advance(by: .seconds(3_600))
            try await bench.store.put([DispatchBench.ann])
        }
        #expect(again.isEmpty)
        let changed = try await suppressed(Self.dead(died)) { bench in
            bench.time.advance(by: .seconds(3_600))
            _ = try await bench.store.change("ann") { (profile: Profile) -> Result<Profile, IdentityRefusal> in
                var profile = profile
                profile.locale = "fr"
                return .success(profile)
            }
        }
        #expect(changed == [.invalidToken])
        let returned = try await suppressed(Self.dead(died)) { bench in
            var without = DispatchBench.ann
            without.addresses.removeAll { $0.channel == .push }
            try await bench.store.put([without])
            bench.time.advance(by: .seconds(3_600))
            _ = try await bench.store.change("ann") { (profile: Profile) -> Result<Profile, IdentityRefusal> in
                var profile = profile
                profile.addresses = DispatchBench.ann.addresses
                return .success(profile)
            }
        }
        #expect(returned.isEmpty)
    }

    @Test func `of several devices the answer about each counts for it`() async throws {
        let push = ScriptedProvider("push", .push, [Self.dead(DispatchBench.start - .seconds(1))])
        try await DispatchBench.run(push) { bench in
            try await bench.store.put([DispatchBench.annWithDevices])
            push.answer("tablet-of-ann", .recipientGone)
            push.answer("watch-of-ann", .accepted)
            let id = try await bench.enqueue(channels: [.push])
            try await bench.work()
            #expect(try await bench.last(id).state == .sent)
            for (name, reasons) in [("token-of-ann", []), ("tablet-of-ann", [.invalidToken]), ("watch-of-ann", [])]
                as [(String, [Suppression.Reason])]
            {
                let subject = Address(channel: .push, value: name).subject
                let found = try await bench.store.suppressions(subject: subject, limit: 9).map(\.reason)
                #expect(found == reasons, "\(name)")
            }
        }
    }
}
