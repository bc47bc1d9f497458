import SobreAdmission
import SobreModel
import SobreNode
import SobreStore
import Testing

@Suite("The policy in force") struct PolicyInForceTests {
    private func policy(_ limit: Int, version: Int) throws -> Policy {
        try Policy.parse(text: "caps: [{ name: a, limit: \(limit), window: 1d }]").with(version: version)
    }

    /// A policy in force as version 3, beside a store that has the versions 4 and 5.
    private func inForce() throws -> PolicyInForce {
        let known = [4: try policy(4, version: 4), 5: try policy(5, version: 5)]
        return PolicyInForce(try policy(3, version: 3)) { known[$0] }
    }

    @Test func `a newer version of the store's is put in force`() async throws {
        let inForce = try inForce()
        try await inForce.follow(version: 5)
        #expect(inForce.version == 5)
    }

    @Test func `an older version, or the same, is neither read nor put in force`() async throws {
        let inForce = try inForce()
        try await inForce.follow(version: 3)
        try await inForce.follow(version: 2)
        #expect(inForce.version == 3)
        try await inForce.follow(version: 5)
        try await inForce.follow(version: 4)
        #expect(inForce.version == 5)
    }

    @Test func `a version that the store does not have, or that cannot be read, is an error, and nothing changes`()
        async throws
    {
        let inForce = try inForce()
        let error = await #expect(throws: StoreError.self) { try await inForce.follow(version: 6) }
        #expect(error?.code == .incompatible)
        #expect(error?.message.hasPrefix("Version 6 of the policy is in force, but this server cannot read it") == true)
        #expect(inForce.version == 3)
    }

    @Test func `a replacement that was stored before a newer version does not come back`() async throws {
        let inForce = try inForce()
        let version = try await inForce.replace(with: try policy(9, version: 0)) {
            // Another process stores a newer version before this one is put in force.
            try await inForce.follow(version: 5)
            return 4
        }
        #expect(version == 4 && inForce.version == 5)
    }

    @Test func `a replacement that cannot be stored is not put in force`() async throws {
        let inForce = try inForce()
        await #expect(throws: StoreError.self) {
            _ = try await inForce.replace(with: try policy(9, version: 0)) {
                throw StoreError(.full, "The disk is full.")
            }
        }
        #expect(inForce.version == 3)
    }
}
