import JSON
import SobreModel
public import SobrePreview
import SobreRendering
public import TerminalOutput

/// A preview as text for a terminal.
public struct PreviewView {
    public let report: PreviewReport
    private let terminal: Terminal

    /// - Parameters:
    ///   - report: the preview.
    ///   - terminal: how wide lines may be, and whether they are coloured.
    public init(report: PreviewReport, terminal: Terminal = .standardOutput) {
        self.report = report
        self.terminal = terminal
    }

    /// The indentation of content.
    private static let indent = "         "
    /// Gmail clips longer HTML (https://support.google.com/mail: "Message clipped"), in bytes.
    private static let gmailClip = 102_400

    public func lines() -> [String] {
        var lines = [head, ""]
        for part in report.parts {
            switch part.result {
            case .rendered(let content, _, _): lines += words(content)
            case .aborted(let reason, _):
                lines.append(
                    label(part.channel, .warning)
                        + "Not sent. The template aborts the message: \(Console.harmless(reason))"
                )
            case .failed(let reason, _):
                lines += block(label(part.channel, .bad), "Held, because it cannot be rendered: \(reason)")
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

    // MARK: content

    private func words(_ content: RenderedMessage) -> [String] {
        if case .email(let mail) = content { return email(mail, label(content.channel, nil)) }
        return short(content, label(content.channel, nil))
    }

    private func email(_ content: EmailContent, _ label: String) -> [String] {
        let subject = content.subject.count
        var lines = block(label, content.subject, note: "\(subject)/50 \(mark(subject <= 50))")
        if let preheader = content.preheader, !preheader.isEmpty {
            lines += block(Self.indent, preheader, note: "\(preheader.count)/99 \(mark(preheader.count <= 99))", .quiet)
        }
        let from = content.from.name.map { "\($0) <\(content.from.address)>" } ?? content.from.address
        lines += block(Self.indent, "from \(from)", note: nil, .quiet)
        var facts: [String] = []
        if let html = content.html {
            let bytes = html.utf8.count
            let limit = min(report.template.manifest.budgets.htmlBytes, Self.gmailClip)
            facts.append("html \(Self.kilobytes(bytes)) of \(Self.kilobytes(limit)) \(bytes <= limit ? "✓" : "long")")
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
        for file in content.attachments {
            lines += block(Self.indent, "\(file.isInline ? "image" : "file") \(file.summary)", note: nil, .quiet)
        }
        for line in (content.text ?? "").split(separator: "\n", omittingEmptySubsequences: false) {
            for part in TextWidth.wrap(Console.harmless(String(line)), to: max(30, terminal.width - 12)) {
                lines.append(part.isEmpty ? "" : Self.indent + "| " + part)
            }
        }
        while lines.last == "" { lines.removeLast() }
        return lines
    }

    /// Content that fits on a few lines: the visible texts, then the other fields.
    private func short(_ content: RenderedMessage, _ label: String) -> [String] {
        var lines: [String] = []
        for (field, length) in Self.texts {
            guard let text = content.text(field) else { continue }
            let note = length.map { "\(text.count)/\($0) \(mark(text.count <= $0))" }
            lines += block(lines.isEmpty ? label : Self.indent, text, note: note)
        }
        let shown = [.from] + Self.texts.map(\.0)
        for field in content.channel.form.fields where !shown.contains(field) {
            guard let text = content.text(field) else { continue }
            let word = Self.verbs[field] ?? field.key.replacing("_", with: " ")
            lines += block(lines.isEmpty ? label : Self.indent, "\(word) \(text)", note: nil, .quiet)
        }
        if content.channel.sender != nil {
            var origin = "from \(content.text(.from) ?? "the provider's default")"
            if case .sms(let content) = content { origin += " · \(segments(content))" }
            lines.append(Self.indent + Style.quiet.paint(Console.harmless(origin), on: terminal))
        }
        for pairs in content.channel.form.pairs {
            var words: [String] = []
            content.forEachPair(of: pairs) { words.append("\($0)=\($1)") }
            guard !words.isEmpty else { continue }
            lines += block(Self.indent, "\(pairs.rawValue) \(words.joined(separator: " "))", note: nil, .quiet)
        }
        return lines
    }

    /// The visible texts, with the number of characters that devices show.
    private static let texts: [(ContentField, Int?)] = [(.title, 50), (.body, 120), (.text, nil)]
    private static let verbs: [ContentField: String] = [.link: "opens", .image: "shows"]

    /// The number of SMS segments, and the character that forces the encoding.
    private func segments(_ content: SMSContent) -> String {
        let segments = SMSSegments(content.text)
        var note =
            "\(segments.encoding.rawValue) \(segments.units)/\(segments.capacity), "
            + "\(segments.segments) \(segments.segments == 1 ? "part" : "parts")"
        if let culprit = segments.culprit, let name = segments.culpritName {
            note += "; \(name) (character \(culprit.column)) forces UCS-2"
        }
        if let written = content.written {
            let before = SMSSegments(written)
            let saved = before.segments - segments.segments
            note +=
                "; transliterated: as written \(before.encoding.rawValue), \(before.segments) "
                + "\(before.segments == 1 ? "part" : "parts"), \(saved) saved"
        }
        return note
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
        case .invented: knowledge = "for a person without earlier messages"
        case .stored: knowledge = "counting this person's earlier messages"
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

    /// Text after a label, wrapped, with a note at the end of the first line.
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
