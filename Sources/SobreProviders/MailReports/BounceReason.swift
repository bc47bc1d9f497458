internal import SobreDelivery
internal import SobreModel

/// Judges why an email was not delivered, by the one reader of refusals: the reply that is quoted, its enhanced status
/// and its words.
struct BounceReason {
    let words: String
    let status: EnhancedStatus?
    let verdict: Outcome.Kind
    /// Whether neither the words nor the status say why.
    let saysNothing: Bool

    /// - Parameters:
    ///   - text: the words that say why, for example a server's reply.
    ///   - declared: the status that the report declares beside them.
    ///   - recipient: the recipient's address, which must not decide what the words mean.
    init(_ text: String, declared: String?, recipient: String) {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        words = line
        let reply = ReplyWords(line, recipient: recipient)
        let declared = EnhancedStatus(declared.map { String($0.prefix { "0123456789.".contains($0) }) })
        // A server's own status is more exact than the reporter's, which is often 5.0.0.
        let quoted = reply.status
        let status = declared.map { $0.subject == 0 ? quoted ?? $0 : $0 } ?? quoted
        self.status = status
        let lower = line.lowercased()
        let isPassing = status == nil && Self.passing.contains { lower.contains($0) }
        let code = Self.code(in: line) ?? (status?.class == 4 || isPassing ? 450 : 550)
        let enhanced = status.map { "\($0.class).\($0.subject).\($0.detail)" }
        func refusal(_ stage: MailAnswer.Stage) -> SMTPRefusal {
            SMTPRefusal(stage: stage, code: code, enhanced: enhanced, words: reply, senderIsSetting: false)
        }
        let stage = Self.stage(of: lower)
        var judged = refusal(stage ?? .rcpt)
        if stage == nil, judged.kind == .permanentUnknown { judged = refusal(.final) }
        verdict = judged.kind
        saysNothing = judged.evidence.isEmpty && !isPassing && (status?.subject ?? 0) == 0
    }

    /// Words of a fault that passes, in reports without a code. Such an email failed because it waited too long.
    private static let passing = [
        "try again", "timed out", "timeout", "connection refused", "temporar", "deferred", "too long in the queue",
        "in the queue too long", "in queue too long",
    ]

    /// The first reply code in a text: three digits that begin a word and are followed by a space or a hyphen.
    static func code(in text: String) -> Int? {
        for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "(" || $0 == ":" || $0 == ";" }) {
            let digits = word.prefix { $0.isASCII && $0.isNumber }
            guard digits.count == 3, let code = Int(digits), (400..<600).contains(code) else { continue }
            let rest = word.dropFirst(3)
            if rest.isEmpty || "-,.'\"".contains(rest.first!) && !rest.dropFirst().contains(".") { return code }
            if rest.first == "-" { return code }
        }
        return nil
    }

    /// Where the server refused, if the words, in lower case, tell.
    private static func stage(of text: String) -> MailAnswer.Stage? {
        if text.contains("end of data") || text.contains("after end of message") || text.contains("data command") {
            return .final
        }
        if text.contains("rcpt to") { return .rcpt }
        if text.contains("mail from command") || text.contains("after mail from") { return .mail }
        return nil
    }
}
