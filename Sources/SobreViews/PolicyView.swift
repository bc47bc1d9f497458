import JSON
public import SobreAdmission
public import TerminalOutput
import Text

/// A policy as tables: its categories, then its rules in the order of evaluation.
public struct PolicyView {
    let policy: Policy
    let file: String

    public init(policy: Policy, file: String) {
        self.policy = policy
        self.file = file
    }

    /// The version in force, and whether it is this text.
    public func standing(text: String, inForce: (version: Int, text: String)?) -> String {
        guard let inForce else { return "\(file), not in force yet: no server has run here." }
        guard inForce.text == text else {
            return "\(file) differs from version \(inForce.version), which is in force. A running server applies it "
                + "within seconds if it is valid; without one, the next sobre serve does."
        }
        return "\(file), in force as version \(inForce.version)."
    }

    public func lines(for terminal: Terminal) -> [String] {
        var categories = Table([
            .init("category"), .init("consent"), .init("obeys caps"), .init("fills caps"), .init("outcome unknown"),
            .init("same content"), .init("expires"),
        ])
        for category in policy.categories {
            categories.add([
                .init(category.name), .init(category.consent.rawValue), .init(category.obeysCaps ? "yes" : "no"),
                .init(category.countsTowardCaps ? "yes" : "no"), .init(category.unknownOutcome.rawValue),
                .init(
                    category.fingerprintWindow > .zero ? DurationText.rounded(category.fingerprintWindow) : "any time"),
                .init(category.expiresAfter.map { "after \(DurationText.rounded($0))" } ?? "never"),
            ])
        }
        var lines = categories.lines(for: terminal)
        if policy.requiresTrackingConsent, let name = policy.trackingConsent {
            lines += ["", "Openings and clicks count only with the consent \"\(Console.harmless(name))\"."]
        }
        let rows = policy.rows
        let names = min(28, rows.map { TextWidth.of($0.name) }.max() ?? 0)
        for (list, title) in [
            ("control_groups", "control groups"), ("dedup", "duplicates"), ("quiet_hours", "quiet hours"),
            ("caps", "caps"),
        ] {
            let rows = rows.filter { $0.list == list }
            if rows.isEmpty { continue }
            lines.append("")
            lines.append(Style.quiet.paint(title.uppercased(), on: terminal))
            for row in rows { lines += self.lines(row, names: names, terminal) }
        }
        return lines
    }

    /// One rule: its name, and beside it the description, wrapped.
    private func lines(_ row: PolicyRow, names: Int, _ terminal: Terminal) -> [String] {
        let name = TextWidth.cut(Console.harmless(row.name), to: names)
        let margin = String(repeating: " ", count: names + 2)
        let says = "\(row.about): \(row.says); \(row.then) (line \(row.line))"
        let words = ([says] + row.notes).flatMap {
            TextWidth.wrap(Console.harmless($0), to: max(30, terminal.width - names - 2))
        }
        let space = String(repeating: " ", count: names + 2 - TextWidth.of(name))
        return words.enumerated().map { index, line in
            index == 0 ? Style.strong.paint(name, on: terminal) + space + line : margin + line
        }
    }

    public func json(text: String, inForce: (version: Int, text: String)?) -> [UInt8] {
        var json = JSONWriter(indentation: 2)
        json.object { json in
            json.member("file", ifPresent: file)
            json.key("version_in_force")
            json.value(inForce?.version)
            json.key("is_in_force")
            json.value(inForce?.text == text)
            if policy.requiresTrackingConsent { json.member("tracking_consent", ifPresent: policy.trackingConsent) }
            json.key("rules")
            json.array { json in
                for row in policy.rows {
                    json.object { json in
                        json.member("list", ifPresent: row.list)
                        json.member("name", ifPresent: row.name)
                        json.key("line")
                        json.value(row.line)
                        json.member("about", ifPresent: row.about)
                        json.member("says", ifPresent: row.says)
                        if !row.then.isEmpty { json.member("then", ifPresent: row.then) }
                        json.key("notes")
                        json.value(row.notes)
                    }
                }
            }
        }
        json.newline()
        return json.take()
    }
}
