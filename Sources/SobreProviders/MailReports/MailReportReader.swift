internal import Signing
internal import SobreModel
public import SobreSettings
internal import Text

/// Reads emails that came back: bounces (RFC 3464 and the texts of servers that do not follow it), complaints (RFC 5965),
/// and what else arrives at such an address.
///
/// Nothing in such an email can be relied on. What is malformed is read as far as possible; what says nothing is
/// ``MailReport/Kind/other``.
public struct MailReportReader: Sendable {
    /// The return paths of our emails; their tokens name the message of a bounce.
    private let returnPaths: [ReturnPath]
    /// Whether bounces are expected to have a token that names their message.
    var expectsToken: Bool { returnPaths.contains(where: \.isPerMessage) }
    private let maxBytes: Int

    /// - Parameters:
    ///   - returnPaths: where bounces are sent to.
    ///   - maxBytes: how much of an email is read. The report comes before the email that it returns.
    public init(returnPaths: [ReturnPath] = [], maxBytes: Int = ReceiptLimits().maxMailBytes) {
        self.returnPaths = returnPaths
        self.maxBytes = maxBytes
    }

    /// Reads an email.
    ///
    /// - Parameter mail: the email as it was received, with line ends of any kind, perhaps after an mbox separator.
    /// - Returns: what it says.
    public func read(_ mail: [UInt8]) -> MailReport {
        let mail = mail.count > maxBytes ? Array(mail.prefix(maxBytes)) : mail
        let root = MIMEPart(mail)
        let returned = ReturnedEmail(root)
        var report = content(root, returned)
        report.reference = returned.reference
        report.token = token(in: mail, root)
        report.subject = String(root.decodedSubject.prefix(200))
        report.sender = root["from"].flatMap(BounceText.address) ?? ""
        report.words = Self.notice(root).prefix(2_000).split(whereSeparator: \.isWhitespace).joined(
            separator: " ")
        let identity = root["message-id"].map { Array($0.utf8) } ?? Array(root.body)
        report.digest = Hex.encode(Array(Digest.sha256(identity + report.kind.rawValue.utf8).prefix(12)))
        return report
    }

    private func token(in mail: [UInt8], _ root: MIMEPart) -> ReturnPath.Token {
        var found = ReturnPath.Token.none
        for path in returnPaths where path.isPerMessage {
            for text in [mail] + root.all.filter({ $0["content-transfer-encoding"] != nil }).map(\.decoded) {
                switch path.token(in: text) {
                case .none: continue
                case .forged: found = .forged
                case .delivery(let delivery): return .delivery(delivery)
                }
            }
        }
        return found
    }

    // MARK: - Kinds

    private func content(_ root: MIMEPart, _ returned: ReturnedEmail) -> MailReport {
        let parts = root.all
        if let complaint = ComplaintReader.read(root, parts, returned) { return complaint }
        let statuses = parts.filter { Self.statusTypes.contains($0.type) }
        let envelope = BounceEnvelope(root)
        let notice = BounceText(
            Self.notice(root), excluding: returned.senders.union(envelope.ownAddresses))
        if let part = statuses.first, let report = Self.status(part, notice, returned) { return report }
        if envelope.isAutoReply { return MailReport(kind: .autoReply) }
        // A person writes of failures too, but quotes no server's reply.
        guard envelope.isFromServer || envelope.isBounce || notice.isBounce && notice.hasReply else {
            return MailReport(kind: envelope.looksAutomatic ? .autoReply : .other)
        }
        if notice.isDelay || envelope.isDelay, !notice.isFinal {
            return MailReport(kind: .delayed, recipients: Self.recipients(envelope, notice, returned))
        }
        let recipients = Self.recipients(envelope, notice, returned)
        guard !recipients.isEmpty, notice.isBounce || envelope.isBounce || notice.hasReply || envelope.isFromDaemon
        else {
            return MailReport(kind: .other)
        }
        return MailReport(kind: .bounce, recipients: recipients)
    }

    private static let statusTypes: Set = [
        "message/delivery-status", "message/global-delivery-status", "text/delivery-status",
        "message/x-delivery-status",
    ]

    /// What a person is told: the text parts outside of the email that is returned.
    private static func notice(_ root: MIMEPart) -> String {
        func texts(_ part: MIMEPart) -> [String] {
            if part.isEmail { return [] }
            if !part.parts.isEmpty { return part.parts.flatMap(texts) }
            switch part.type {
            case "text/html": return [BounceText.plain(html: part.text)]
            case let type where type.hasPrefix("text/"): return [part.text]
            // Some servers give their notice a type of their own.
            case let type where type.hasPrefix("multipart/") || type.hasPrefix("message/"): return [part.text]
            default: return []
            }
        }
        return texts(root).joined(separator: "\n")
    }

    // MARK: - Delivery status

    private static func status(
        _ part: MIMEPart, _ notice: BounceText, _ returned: ReturnedEmail
    ) -> MailReport? {
        let status = DeliveryStatus(String(decoding: part.decoded, as: UTF8.self))
        var kinds: Set<MailReport.Kind> = []
        var failed: [MailReport.Recipient] = []
        var others: [MailReport.Recipient] = []
        for group in status.recipients {
            let address =
                ["x-actual-recipient", "original-recipient", "final-recipient"].lazy
                .compactMap { group.typed($0).flatMap(BounceText.address) }.first
            let action = group["action"].map { String($0.lowercased().prefix { $0.isLetter }) }
            let declared = group["status"]
            let diagnostic = group.typed("diagnostic-code") ?? group["x-supplementary-info"] ?? ""
            let recipient = Self.recipient(
                address ?? (status.recipients.count == 1 ? notice.addresses.first ?? returned.recipient : nil),
                declared: declared, diagnostic: diagnostic, notice)
            switch action {
            case "delayed": (kinds, others) = (kinds.union([.delayed]), others + [recipient])
            case "delivered", "relayed", "expanded": (kinds, others) = (kinds.union([.delivered]), others + [recipient])
            default:
                // Without an action, the class of the status tells (RFC 3463 §2).
                if action == nil, declared?.hasPrefix("2") == true {
                    (kinds, others) = (kinds.union([.delivered]), others + [recipient])
                } else {
                    failed.append(recipient)
                }
            }
        }
        if !failed.isEmpty { return MailReport(kind: .bounce, recipients: failed) }
        if kinds.contains(.delayed) { return MailReport(kind: .delayed, recipients: others) }
        return kinds.contains(.delivered) ? MailReport(kind: .delivered, recipients: others) : nil
    }

    /// Joins the server's reply with what the notice says of it: some quote the reply only there.
    private static func recipient(
        _ address: String?, declared: String?, diagnostic: String, _ notice: BounceText
    ) -> MailReport.Recipient {
        let own = BounceReason(diagnostic, declared: declared, recipient: address ?? "")
        guard own.saysNothing, let more = notice.reason(for: address) else {
            return MailReport.Recipient(address, own)
        }
        let joined = BounceReason(
            diagnostic.isEmpty ? more : "\(diagnostic) \(more)", declared: declared, recipient: address ?? "")
        return MailReport.Recipient(address, joined.saysNothing ? own : joined)
    }

    // MARK: - Texts

    private static let maxRecipients = 100

    private static func recipients(
        _ envelope: BounceEnvelope, _ notice: BounceText, _ returned: ReturnedEmail
    ) -> [MailReport.Recipient] {
        var addresses = envelope.failedRecipients
        if addresses.isEmpty { addresses = notice.addresses }
        if addresses.isEmpty, let address = returned.recipient { addresses = [address] }
        if addresses.isEmpty {
            guard let reason = notice.reason(for: nil) else { return [] }
            return [MailReport.Recipient(nil, BounceReason(reason, declared: nil, recipient: ""))]
        }
        return addresses.prefix(Self.maxRecipients).map { address in
            var reason = BounceReason(notice.reason(for: address) ?? "", declared: nil, recipient: address)
            // The reason may stand before the address, or somewhere else in a notice of one address.
            if reason.saysNothing, addresses.count == 1 {
                let all = BounceReason(notice.sayings, declared: nil, recipient: address)
                if !all.saysNothing { reason = all }
            }
            return MailReport.Recipient(address, reason)
        }
    }
}

extension MailReport {
    init(kind: Kind, recipients: [Recipient] = [], feedbackType: String? = nil) {
        self.init(
            kind: kind, recipients: recipients, feedbackType: feedbackType, reference: nil, token: .none, subject: "",
            sender: "", words: "", digest: "")
    }
}

extension MailReport.Recipient {
    init(_ address: String?, _ reason: BounceReason) {
        self.init(
            address: address, status: reason.status.map { "\($0.class).\($0.subject).\($0.detail)" },
            reason: reason.words, verdict: reason.verdict)
    }
}
