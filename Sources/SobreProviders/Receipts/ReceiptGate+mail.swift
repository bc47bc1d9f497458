internal import SobreModel

/// An email that came back and is neither a bounce nor a complaint that could be understood.
public struct UnreadMail: Hashable, Sendable {
    /// The address in From; empty if there is none.
    public var sender: String
    /// Its subject and first words, on one line.
    public var words: String
}

extension ReceiptGate {
    /// The content type of an email.
    public static let mailType = "message/rfc822"
    /// How much of an unread email's words is kept.
    private static let maxWordBytes = 500

    /// Reads an email that came back.
    ///
    /// An email is sent to one recipient, so its report is at most one receipt. A bounce is hard only if every recipient
    /// in it does not exist. If return paths have tokens, it must also have a valid one: other emails are not protected
    /// against forgery, and could have addresses suppressed that work.
    func readMail(_ bytes: [UInt8], _ reader: MailReportReader, now: Instant) -> ReceiptReading {
        let report = reader.read(bytes)
        func refused(_ code: ReceiptRefusal.Code, _ words: String, isUnread: Bool = true) -> ReceiptReading {
            var reading = ReceiptReading(refusals: [ReceiptRefusal(code, "The email to \(instance) \(words)")])
            if isUnread { reading.unread = Self.unread(report) }
            return reading
        }
        let kind: Receipt.Kind
        switch report.kind {
        // It asks for nothing: the outcome comes later, or there is none.
        case .delayed, .notice: return ReceiptReading()
        case .autoReply: return refused(.autoReply, "is an automatic answer.")
        case .other: return refused(.noReport, "is neither a bounce nor a complaint.")
        case .delivered: kind = .delivered
        case .complaint: kind = .complained
        case .unsubscribe: kind = .unsubscribed
        case .bounce: kind = report.recipients.allSatisfy(\.isGone) ? .bouncedHard : .bouncedSoft
        }
        var reference = report.reference
        switch report.token {
        case .delivery(let delivery): reference = delivery
        case .forged:
            return refused(.signature, "has a return path with a token that was not made here.", isUnread: false)
        case .none: break
        }
        guard let reference else { return refused(.noReference, "names no message that was sent from here.") }
        let isProven = report.token != .none || !reader.expectsToken
        let words = report.recipients.map { [$0.status, $0.reason].compactMap { $0 }.joined(separator: " ") }
        let hidden = report.recipients.first?.address ?? ""
        let receipt = Receipt(
            provider: instance, eventID: "mail-\(report.digest)", delivery: reference,
            kind: kind == .bouncedHard && !isProven ? .bouncedSoft : kind, at: now,
            detail: Redaction.line(words.joined(separator: "; "), hiding: hidden))
        return ReceiptReading(receipts: [receipt])
    }

    private static func unread(_ report: MailReport) -> UnreadMail {
        var shown = ""
        for character in "\(report.subject) · \(report.words)" {
            if shown.utf8.count + character.utf8.count > maxWordBytes { break }
            shown.append(character)
        }
        return UnreadMail(sender: report.sender, words: shown)
    }
}
