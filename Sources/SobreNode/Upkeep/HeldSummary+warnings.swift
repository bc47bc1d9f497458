import SobreModel
import SobreStore

extension HeldSummary {
    /// What an operator must know of held messages, with the command that shows them: those that wait for a person, not
    /// for the time.
    var warnings: [String] {
        var warnings = unrenderable.map { template, item in
            "\(Self.messages(item.count)) of the template \(template) cannot be rendered and \(item.count == 1 ? "is" : "are") "
                + "held: \(Self.clause(item.detail)). sobre logs --reason render_failed --template \(template) shows them; they "
                + "are tried again by themselves once the template or their data are fixed."
        }
        let cures: [(HoldReason, String)] = [
            (.policyError, "by an error in the policy; sobre policy check shows it"),
            (.noProvider, "because no provider can send them; sobre providers list shows why"),
            (.providerPaused, "because their provider is paused; sobre doctor shows why"),
            (.clockJumped, "because the clock jumped; see the clock"),
            (.restored, "because the data were restored; start without --restored to let them go"),
        ]
        for (reason, cure) in cures {
            guard let item = items[Key(reason: reason.rawValue)] else { continue }
            let detail = item.detail.isEmpty ? "" : " (\(Self.clause(item.detail)))"
            warnings.append("\(Self.messages(item.count)) \(item.count == 1 ? "is" : "are") held \(cure)\(detail).")
        }
        return warnings
    }

    private static func messages(_ count: Int) -> String { count == 1 ? "1 message" : "\(count) messages" }

    /// One line without its full stop.
    private static func clause(_ detail: String) -> String {
        var line = detail.prefix { $0 != "\n" }
        while line.last == "." { line.removeLast() }
        return String(line)
    }
}
