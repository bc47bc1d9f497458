/// What the header of an email says of its kind.
struct BounceEnvelope {
    /// The recipients that failed, as Exim and Gmail name them.
    let failedRecipients: [String]
    /// Whether the sender is a mail server.
    let isFromServer: Bool
    /// Whether the sender is the part of a mail server that returns emails.
    let isFromDaemon: Bool
    /// Whether the subject or a field says that an email was not delivered.
    let isBounce: Bool
    /// Whether the subject says that an email is only late.
    let isDelay: Bool
    /// Whether a field or the subject says that a person's mailbox answered by itself.
    let isAutoReply: Bool
    /// Whether it was written by a machine, of whatever kind.
    let looksAutomatic: Bool
    /// The addresses in From, To and the like, in lower case. They are never what failed.
    let ownAddresses: Set<String>

    init(_ root: MIMEPart) {
        let subject = root.decodedSubject.lowercased()
        failedRecipients = (root["x-failed-recipients"] ?? "").split(separator: ",").compactMap {
            BounceText.address(String($0))
        }
        let from = (root["from"] ?? "").lowercased()
        let path = root["return-path"]?.trimmed ?? ""
        let isEmptyPath = path == "<>" || path.lowercased().contains("mailer-daemon")
        isFromDaemon = from.contains("mailer-daemon") || path == "<>"
        isFromServer =
            Self.servers.contains { from.contains($0) } || isEmptyPath
            || root.type == "multipart/report" && root.reportType == "delivery-status"
        let isReply = ["re:", "aw:", "sv:"].contains { subject.hasPrefix($0) }
        isDelay = Self.delays.contains { subject.contains($0) }
        isBounce =
            !failedRecipients.isEmpty || !isReply && Self.bounces.contains { subject.contains($0) }
            || root.type == "multipart/report" && root.reportType == "delivery-status"
        let submitted = root["auto-submitted"]?.lowercased() ?? ""
        let hasField =
            submitted.hasPrefix("auto-replied") || root["precedence"]?.lowercased() == "auto_reply"
            || Self.replyFields.contains { root[$0] != nil }
        let hasSubject = Self.replies.contains { subject.hasPrefix($0) } || Self.away.contains { subject.contains($0) }
        isAutoReply = failedRecipients.isEmpty && !isBounce && !isDelay && (hasSubject || hasField && !isFromDaemon)
        looksAutomatic = hasField || submitted.hasPrefix("auto-")
        ownAddresses = Set(
            ["from", "to", "sender", "reply-to", "errors-to", "delivered-to", "return-path"]
                .flatMap { name in root.fields.filter { $0.name == name } }.flatMap {
                    BounceText.addresses(in: $0.value)
                }
                .map { $0.lowercased() })
    }

    private static let servers = [
        "mailer-daemon", "mailerdaemon", "mailer_daemon", "postmaster", "mail delivery", "mail-daemon", "maildaemon",
        "double-bounce", "bounce-handler", "delivery subsystem", "mailsystem", "mail system", "mail administrator",
        "system administrator", "systemadministrator", "microsoftexchange", "mailadmin", "mail-admin", "listserv",
        "majordomo", "nondelivery", "root@", "mdaemon", "mailmarshal", "complaints@", "amavis", "content-filter",
        "autobounce", "-bounce@", "bounce@", "no-reply@", "noreply@", "mdeamon", "smtp gateway", "mta@", "mmdf",
    ]

    private static let bounces = [
        "undeliver", "not deliver", "non deliver", "non-deliver", "nondeliver", "delivery status", "delivery fail",
        "delivery has failed", "delivery error", "error during delivery", "processing error", "mail failed",
        "returned unsent", "unable to send", "delivery problem", "delivery notification", "delivery report",
        "failed delivery", "failure delivery", "failed mail", "failed to deliver", "failure notice", "failure notif",
        "failure:", "failure sending", "mail failure", "mail error", "mail could not", "mail delivery",
        "mail system error",
        "message not", "message could not", "message undeliver", "message you sent", "message rejected",
        "rejected mail",
        "mail rejected", "mail blocked", "returned mail", "returned message", "returned e-mail", "returned email",
        "returned to sender", "return receipt", "returning message", "return to sender", "unable to deliver",
        "unknown user", "user unknown", "unknown address",
        "invalid address", "invalid recipient", "no such user", "bounced", "bounce message", "cannot deliver",
        "can't deliver", "could not be delivered", "couldn't be delivered", "error sending", "permanent error",
        "permanent failure", "mailbox full", "mailbox is full",
        "quota exceeded", "address not found", "nichtzustellbar", "unzustellbar", "non remis", "non distribu",
        "échec", "echec", "no entregado", "no se puede entregar", "mancato recapito", "mancata consegna",
        "onbestelbaar", "не доставлено", "недоставлен", "退信", "配信不能", "配信できません", "エラー", "メール送信", "発送できません",
    ]

    private static let delays = [
        "delayed", "delay)", "(delay", "delivery delay", "delay notif", "warning: could not send", "warning: message",
        "still being retried", "will be retried", "not yet been delivered", "warning - delayed", "verzögert",
    ]

    private static let replies = [
        "auto:", "autoreply", "auto-reply", "auto reply", "automatic reply", "automatic response", "autoresponse",
        "auto response", "auto-response", "automatische antwort", "réponse automatique", "reponse automatique",
        "respuesta automática", "respuesta automatica", "risposta automatica", "resposta automática", "autosvar",
        "automatisch antwoord", "automatická odpověď", "自動応答", "自動返信", "自动回复", "自動回覆", "odpowiedź automatyczna",
        "vacation:", "vacation ", "on vacation",
    ]

    private static let away = [
        "out of office", "out of the office", "out-of-office", "abwesenheit", "abwesend", "away from my mail",
        "absence du bureau", "fuera de la oficina", "fuera de oficina", "fuori sede", "afwezig", "vacation reply",
        "on vacation", "vacation message", "i am away", "不在",
    ]

    private static let replyFields = [
        "x-autoreply", "x-autorespond", "x-autoresponder", "x-auto-reply", "x-autoreply-from", "x-mail-autoreply",
        "x-vacation", "x-ms-exchange-inbox-rules-loop",
    ]
}

extension MIMEPart {
    /// The subject with its encoded words decoded, as far as they are UTF-8 or ASCII.
    var decodedSubject: String {
        let text = self["subject"] ?? ""
        guard text.contains("=?") else { return text }
        var out = ""
        var rest = text[...]
        while let open = rest.firstRange(of: "=?") {
            out += rest[..<open.lowerBound].allSatisfy(\.isWhitespace) ? "" : String(rest[..<open.lowerBound])
            let pieces = rest[open.upperBound...].split(separator: "?", maxSplits: 3, omittingEmptySubsequences: false)
            guard pieces.count == 4, pieces[3].hasPrefix("=") else {
                return out + rest
            }
            let bytes = Array(pieces[2].replacing("_", with: " ").utf8)[...]
            let decoded = pieces[1].lowercased() == "b" ? Self.base64(bytes) : Self.quotedPrintable(bytes)
            out += String(decoding: decoded, as: UTF8.self)
            rest = pieces[3].dropFirst()
        }
        return out + rest
    }

    /// The `report-type` of a multipart/report (RFC 6522).
    var reportType: String? {
        Self.parameters(of: self["content-type"] ?? "").parameters["report-type"]?.lowercased()
    }
}
