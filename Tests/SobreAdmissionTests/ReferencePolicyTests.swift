import SobreAdmission
import SobreModel
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

@Suite struct ReferencePolicyTests {
    static func text() throws -> String {
        let path = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined() + "/Config/policy.yaml"
        let file = try #require(fopen(path, "r"))
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("the shipped policy is read, and every key that can be written is described in it")
    func shipped() throws {
        let text = try Self.text()
        let policy = try Policy.parse(text: text, file: "Config/policy.yaml")
        #expect(policy.findings.isEmpty, "\(policy.findings)")
        #expect(policy.category("transactional") == .transactional)
        #expect(policy.category("marketing").expiresAfter == .seconds(14 * 86_400))
        let keys = [
            "default_timezone", "in_flight", "recheck", "categories", "control_groups", "dedup", "quiet_hours", "caps",
            "consent", "obeys_caps", "counts_toward_caps", "unknown_outcome", "fingerprint_window", "expires_after",
            "applies_to", "counts", "limit", "window", "week_starts", "gap", "per", "on_cap", "otherwise", "reserve",
            "overrides", "key", "scope", "across", "when_missing", "hours", "except", "zone", "on_hit", "spread",
            "percent",
            "compare_rest", "next_channel", "lifetime", "calendar", "opt_out", "weekends",
        ]
        for key in keys { #expect(text.contains(key), "\(key) is not described") }
    }

    @Test("under the shipped policy a week of daily offers comes down to two, a third for high priority")
    func week() throws {
        var world = try World(try Self.text(), timezone: "America/New_York")
        var sent = 0
        for day in 0..<7 {
            let message = world.message(campaign: "c\(day)", template: "t\(day)")
            let at = World.noon + .seconds(Int64(day) * 86_400 + 3 * 3_600)
            if world.contact(message, at: at).isSend { sent += 1 }
        }
        #expect(sent == 2)
        let at = World.noon + .seconds(6 * 86_400 + 4 * 3_600)
        #expect(world.ask(world.message(campaign: "x", template: "x"), at: at).verdict != .drop(.frequencyCapped))
        #expect(world.ask(world.message(campaign: "x", template: "x", priority: .high), at: at).isSend)
        #expect(world.ask(world.message("transactional"), at: at).isSend)
    }
}
