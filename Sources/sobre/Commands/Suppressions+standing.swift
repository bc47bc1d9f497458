import SobreIntake
import SobreModel
import SobreNode
import SobreStore
import SobreViews
import TerminalOutput

/// What still stops messages to a recipient after a command changed something.
extension Suppressions {
    /// Lists the suppressions of a recipient's addresses, with the command that lifts them.
    static func reportAddresses(of whom: SuppressionSubject, _ access: StoreAccess) async throws {
        guard let id = whom.recipient else { return }
        let left = try await access.read { try await $0.addressSuppressions(of: id, on: whom.scope) }
        for (address, suppressions) in left {
            for item in suppressions { report(item, "\(address.masked) on \(address.channel)") }
        }
        if !left.isEmpty {
            Console.printError(
                "sobre suppressions remove --recipient \(Console.harmless(id)) --addresses lifts these as well.")
        }
    }

    /// Lists what stops messages of a category although the recipient has just allowed them.
    static func reportStanding(
        against category: String, on channel: Channel?, of id: String, _ access: StoreAccess
    ) async throws {
        func stops(_ item: Suppression) -> Bool {
            (item.category.map { NameRule.areSame($0, category) } ?? true)
                && (channel == nil || item.channel == nil || item.channel == channel)
        }
        let (own, others) = try await access.read { reader in
            (
                try await reader.suppressions(subject: .recipient(id), limit: 100),
                try await reader.addressSuppressions(of: id, on: channel)
            )
        }
        var count = 0
        for item in own where stops(item) {
            report(item, id)
            count += 1
        }
        for (address, suppressions) in others {
            for item in suppressions where stops(item) {
                report(item, "\(address.masked) on \(address.channel)")
                count += 1
            }
        }
        if count > 0 {
            Console.printError(
                "sobre suppressions remove --recipient \(Console.harmless(id)) --addresses lifts \(count == 1 ? "it" : "them")."
            )
        }
    }

    private static func report(_ item: Suppression, _ whom: String) {
        let what = item.category.map { "\($0), " } ?? ""
        Console.printError(
            "Still suppressed: \(Console.harmless(whom)) (\(Console.harmless(what))\(item.reason.rawValue), by "
                + "\(Console.harmless(item.source)) on \(TextTime.minuteAndSecond(item.at)) UTC).")
    }
}
