import JSON
import SobreModel
import SobreRendering

/// A preview on one screen.
struct PreviewView {
    let report: PreviewReport
    private let terminal = Terminal.standardOutput

    init(report: PreviewReport) { self.report = report }

    /// Where the words begin.
    private static let indent = "         "
    /// Gmail cuts a mail behind this (https://support.google.com/mail: "Message clipped").
    private static let gmailClip = 102_400

    func lines() -> [String] {
        var lines = [head, ""]
        for part in report.parts {
            switch part.result {
            case .rendered(.email(let content), _, _): lines += email(content)
            case .rendered(.sms(let content), _, _): lines += sms(content)
            case .rendered(.push(let content), _, _): lines += push(content)
            case .aborted(let reason, _):
                lines.append(
                    label(part.channel, .warning) + "Not sent, by the template's own abort: \(Console.harmless(reason))"
                )
            case .failed(let reason, _):
                lines += block(label(part.channel, .bad), "Held, because it does not render: \(reason)")
            }
            lines.append("")
        }
        lines += decision()
        return lines
    }

    private var head: String {
        let profile = report.subject.profile
        let place = [profile.locale, profile.timezone].compactMap { $0 }.joined(separator: ", ")
        let name = Style.strong.paint(report.template.manifest.name, on: terminal)
        let microseconds =
            report.renderTime.components.attoseconds / 1_000_000_000_000 + report.renderTime.components.seconds
            * 1_000_000
        let time = "\(microseconds / 1000).\(microseconds % 1000 / 100) ms"
        return
            "\(name) \(report.template.version) · as \(Console.harmless(report.subject.source))\(place.isEmpty ? "" : " (\(place))") · "
            + "\(TextTime.minuteAndSecond(report.now).dropLast(3)) UTC · rendered in \(time)"
    }

    // MARK: channels

    private func email(_ content: EmailContent) -> [String] {
        let subject = content.subject.count
        var lines = block(label(.email, nil), content.subject, note: "\(subject)/50 \(mark(subject <= 50))")
        if let preheader = content.preheader, !preheader.isEmpty {
            lines += block(Self.indent, preheader, note: "\(preheader.count)/99 \(mark(preheader.count <= 99))", .quiet)
        }
        let from = content.from.name.map { "\($0) <\(content.from.address)>" } ?? content.from.address
        lines += block(Self.indent, "from \(from)", note: nil, .quiet)
        var facts: [String] = []
        if let html = content.html {
            let bytes = html.utf8.count
            let limit = min(report.template.manifest.budgets.htmlBytes, Self.gmailClip)
            facts.append("html \(Self.kilobytes(bytes)) of \(Self.kilobytes(limit)) \(mark(bytes <= limit))")
        }
        facts.append(
            "text \(content.text == nil ? "none" : report.template.manifest.layout == nil ? "own" : "own or derived")")
        if let url = content.unsubscribeURL {
            let html = content.html.map { $0.contains(url) ? "html ✓" : "html ✗" } ?? ""
            let text = content.text.map { $0.contains(url) ? "text ✓" : "text ✗" } ?? ""
            facts.append("unsubscribe header ✓ \(html) \(text)")
        } else {
            facts.append("no unsubscribe (\(report.draft.category))")
        }
        lines += block(Self.indent, facts.joined(separator: " · "), note: nil, .quiet)
        for line in (content.text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            for part in TextWidth.wrap(Console.harmless(String(line)), to: max(30, terminal.width - 12)) {
                lines.append(part.isEmpty ? "" : Self.indent + "| " + part)
            }
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    private func sms(_ content: SMSContent) -> [String] {
        let segments = SMSSegments(content.text)
        var note =
            "\(segments.encoding.rawValue) \(segments.units)/\(segments.capacity), "
            + "\(segments.segments) \(segments.segments == 1 ? "part" : "parts")"
        if let culprit = segments.culprit {
            note += "; “\(culprit.character)” (character \(culprit.column)) forces UCS-2"
        }
        return block(label(.sms, nil), content.text)
            + [
                Self.indent
                    + Style.quiet.paint("from \(content.from ?? "the provider's default") · \(note)", on: terminal)
            ]
    }

    private func push(_ content: PushContent) -> [String] {
        var lines = block(
            label(.push, nil), content.title, note: "\(content.title.count)/50 \(mark(content.title.count <= 50))")
        lines += block(Self.indent, content.body, note: "\(content.body.count)/120 \(mark(content.body.count <= 120))")
        if let link = content.link { lines += block(Self.indent, "opens \(link)", note: nil, .quiet) }
        if let image = content.image { lines += block(Self.indent, "shows \(image)", note: nil, .quiet) }
        if !content.data.isEmpty {
            let pairs = content.data.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
            lines += block(Self.indent, "data \(pairs)", note: nil, .quiet)
        }
        return lines
    }

    private func decision() -> [String] {
        if let why = report.undecided {
            return block("DECIDE   ", "Unknown: \(why)")
        }
        var lines: [String] = []
        let isAlone = report.outcome == nil
        if let outcome = report.outcome {
            let text =
                outcome.isSend
                ? "would be sent by \(outcome.channel)" : "\(outcome.verdict) on \(outcome.channel) (\(outcome.reason))"
            lines += block("DECIDE   ", text)
        }
        for (index, part) in report.parts.enumerated() {
            guard let decision = part.decision else { continue }
            let start = index == 0 && isAlone ? Style.strong.paint("DECIDE", on: terminal) + "   " : Self.indent
            let verdict: String
            if decision.isSend {
                verdict =
                    Style.good.paint("\(part.channel) ✓", on: terminal)
                    + (isAlone ? " would be sent" : " by itself: could be sent")
            } else {
                verdict =
                    Style.warning.paint("\(part.channel) ✗", on: terminal) + (isAlone ? "" : " by itself:")
                    + " \(decision.verdict) (\(decision.reason))"
            }
            lines.append(start + verdict)
        }
        let knowledge: String
        switch report.subject.origin {
        case .invented: knowledge = "for somebody who was sent nothing before"
        case .stored: knowledge = "counting what this person was sent before"
        }
        lines.append(Self.indent + Style.quiet.paint(knowledge, on: terminal))
        return lines
    }

    // MARK: layout

    private func label(_ channel: Channel, _ style: Style?) -> String {
        let name = channel.description.uppercased()
        return (style ?? .strong).paint(name, on: terminal) + String(repeating: " ", count: 9 - name.count)
    }

    private func mark(_ isGood: Bool) -> String {
        isGood ? Style.good.paint("✓", on: terminal) : Style.warning.paint("long", on: terminal)
    }

    /// Text behind a label, wrapped, with a note at its end.
    private func block(_ start: String, _ text: String, note: String? = nil, _ style: Style? = nil) -> [String] {
        let room = max(30, terminal.width - 9 - (note == nil ? 0 : 12))
        let pieces = text.split(separator: "\n", omittingEmptySubsequences: false)
            .flatMap { TextWidth.wrap(Console.harmless(String($0)), to: room) }
        return pieces.enumerated().map { index, piece in
            let painted = style?.paint(piece, on: terminal) ?? piece
            return (index == 0 ? start : Self.indent) + painted + (index == 0 ? note.map { "   \($0)" } ?? "" : "")
        }
    }

    private static func kilobytes(_ bytes: Int) -> String { "\(bytes / 1000).\(bytes % 1000 / 100) kB" }
}
