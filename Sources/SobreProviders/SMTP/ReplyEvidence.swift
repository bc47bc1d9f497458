/// What the words of a reply are about. A reply can give evidence of several kinds; ``SMTPRefusal`` weighs them.
struct ReplyEvidence: OptionSet, Hashable, Sendable {
    let rawValue: UInt32

    /// Our allowance at the server is used up: per hour, per day, our credit.
    static let limit = ReplyEvidence(rawValue: 1 << 0)
    /// We send too fast, or over too many connections.
    static let rate = ReplyEvidence(rawValue: 1 << 1)
    /// We are not logged in, may not relay, or our account at the server is disabled.
    static let login = ReplyEvidence(rawValue: 1 << 2)
    /// Our machine: its address, its name, its reputation, a block list that it is on.
    static let client = ReplyEvidence(rawValue: 1 << 3)
    /// The sender of this email, in the envelope or in From.
    static let sender = ReplyEvidence(rawValue: 1 << 4)
    /// The sender's domain does not vouch for this email: SPF, DKIM, DMARC.
    static let authentication = ReplyEvidence(rawValue: 1 << 5)
    /// The content of this email.
    static let content = ReplyEvidence(rawValue: 1 << 6)
    /// A link in this email.
    static let link = ReplyEvidence(rawValue: 1 << 7)
    /// The size of this email.
    static let size = ReplyEvidence(rawValue: 1 << 8)
    /// The recipient's mailbox is full.
    static let full = ReplyEvidence(rawValue: 1 << 9)
    /// There is no such mailbox.
    static let unknown = ReplyEvidence(rawValue: 1 << 10)
    /// The mailbox was closed for good.
    static let closed = ReplyEvidence(rawValue: 1 << 11)
    /// The recipient's domain does not exist, or takes no email.
    static let domain = ReplyEvidence(rawValue: 1 << 12)
    /// The recipient or its organisation refuses email of this kind.
    static let restricted = ReplyEvidence(rawValue: 1 << 13)
    /// Later it may be accepted: greylisting, or the recipient gets too much at present.
    static let busy = ReplyEvidence(rawValue: 1 << 14)
    /// An address is rejected, and the words do not say why.
    static let address = ReplyEvidence(rawValue: 1 << 15)
    /// The mailbox is suspended or locked, which may end.
    static let suspended = ReplyEvidence(rawValue: 1 << 16)

    private struct Entry: Sendable {
        let phrase: ReplyPhrase
        let evidence: ReplyEvidence
    }

    private static let entries: [UInt16: [Entry]] = {
        var entries: [UInt16: [Entry]] = [:]
        for (evidence, text) in phrases {
            for phrase in text.split(separator: "\n").map(ReplyPhrase.init) {
                let entry = Entry(phrase: phrase, evidence: evidence)
                for key in phrase.beginnings { entries[key, default: []].append(entry) }
            }
        }
        return entries
    }()

    /// Every whole word of every phrase.
    static let words = Set(
        phrases.flatMap { $0.text.split(separator: "\n").map(ReplyPhrase.init) }.flatMap(\.wholeWords))

    /// The phrases of each kind of evidence, one a line, as mail servers of the world use them in their replies.
    private static let phrases = sending + receiving

    /// Collects the evidence in the words of a reply.
    init(in reply: ReplyWords) {
        var found: ReplyEvidence = []
        let words = reply.words
        for index in words.indices {
            for entry in Self.entries[ReplyPhrase.beginning(of: words[index])] ?? []
            where !found.contains(entry.evidence) && entry.phrase.matches(words[index...]) {
                found.insert(entry.evidence)
            }
            // Chinese and Japanese write no spaces between words.
            if !words[index].utf8.allSatisfy({ $0 < 0x80 }), Self.unspaced.contains(where: words[index].contains) {
                found.insert(.unknown)
            }
        }
        self = found
    }

    init(rawValue: UInt32) { self.rawValue = rawValue }
}
