import JSON
import SobreModel
import SobreProviders
import SobreWire
import TerminalOutput

/// Shows what emails that came back mean, one line or one JSON object each, and counts them.
struct MailSummary {
    private let format: OutputFormat
    private var counts: [(what: String, count: Int)] = []
    private var received = 0
    private var repeated = 0
    private var isCheck = true

    init(format: OutputFormat) { self.format = format }

    /// - Parameters:
    ///   - source: where the email is.
    ///   - report: what it says.
    ///   - intake: what became of it; nil: it was only read.
    mutating func add(_ source: String, _ report: MailReport, _ intake: Wire.MailIntake?) {
        let what = report.kind.rawValue
        if let index = counts.firstIndex(where: { $0.what == what }) {
            counts[index].count += 1
        } else {
            counts.append((what, 1))
        }
        if let intake {
            isCheck = false
            received += intake.received
            repeated += intake.repeated
        }
        if format == .json {
            var writer = JSONWriter()
            Self.write(source, report, intake, to: &writer)
            writer.newline()
            Console.print(bytes: writer.take())
        } else {
            Console.print(Self.lines(source, report, intake))
        }
    }

    /// Says how many there were, where the output is text.
    func finish() {
        guard format == .text else { return }
        let total = counts.reduce(0) { $0 + $1.count }
        var words = counts.isEmpty ? "" : ": " + counts.map { "\($0.count) \($0.what)" }.joined(separator: ", ")
        if !isCheck { words += ". \(received) new receipts, \(repeated) known" }
        Console.print(["\(total) emails\(words)."])
    }

    private static func lines(_ source: String, _ report: MailReport, _ intake: Wire.MailIntake?) -> [String] {
        var lines = ["\(source): \(report.kind.rawValue)" + (report.feedbackType.map { " (\($0))" } ?? "")]
        for recipient in report.recipients {
            let words = [recipient.address ?? "unknown address", recipient.status, meaning(recipient, report)]
            lines.append("  " + words.compactMap { $0 }.joined(separator: " ") + ": \(recipient.reason.prefix(160))")
        }
        if let message = intake?.message { lines.append("  \(message)") }
        return lines.map { Console.harmless($0) }
    }

    /// For a bounce `hard` or `soft`, with the class of its reason.
    private static func meaning(_ recipient: MailReport.Recipient, _ report: MailReport) -> String {
        guard report.kind == .bounce else { return report.kind.rawValue }
        return "\(recipient.isGone ? "hard" : "soft") \(recipient.verdict.rawValue)"
    }

    private static func write(
        _ source: String, _ report: MailReport, _ intake: Wire.MailIntake?, to writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.key("source")
            writer.value(source)
            writer.key("kind")
            writer.value(report.kind.rawValue)
            writer.member("feedback_type", ifPresent: report.feedbackType)
            writer.member("reference", ifPresent: reference(report))
            writer.key("recipients")
            writer.array { writer in
                for recipient in report.recipients {
                    writer.object { writer in
                        writer.member("address", ifPresent: recipient.address)
                        writer.member("status", ifPresent: recipient.status)
                        if report.kind == .bounce {
                            writer.key("bounce")
                            writer.value(recipient.isGone ? "hard" : "soft")
                            writer.key("class")
                            writer.value(recipient.verdict.rawValue)
                        }
                        writer.key("reason")
                        writer.value(recipient.reason)
                    }
                }
            }
            writer.member("rejected", ifPresent: intake?.code)
            if let intake {
                writer.key("received")
                writer.value(intake.received)
                writer.key("repeated")
                writer.value(intake.repeated)
            }
        }
    }

    private static func reference(_ report: MailReport) -> String? {
        if case .delivery(let delivery) = report.token { return delivery.description }
        return report.reference?.description
    }
}
