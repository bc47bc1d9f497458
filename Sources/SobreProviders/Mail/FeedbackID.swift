internal import SobreDelivery

/// The value of the Feedback-ID header, by which Gmail's Postmaster Tools and other feedback loops group complaints.
///
/// It has up to four fields separated by colons; the last one names the sender and is the same in every email.
/// `{campaign}`, `{category}` and `{recipient}` stand for those of the message.
public struct FeedbackID: Hashable, Sendable {
    private enum Part: Hashable {
        case text(String)
        case field(Field)
    }

    private enum Field: String, CaseIterable {
        case campaign
        case category
        case recipient
    }

    private let parts: [Part]

    /// What is wrong with a pattern, as the end of a sentence.
    public struct Problem: Error {
        public let text: String
    }

    /// - Parameter pattern: the value, with fields in braces.
    /// - Throws: ``Problem`` when a name in braces is unknown, the pattern ends with a field, or it has a character that
    ///   a header may not have.
    public init(_ pattern: String) throws(Problem) {
        guard !pattern.isEmpty, pattern.utf8.count <= 200, pattern.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw Problem(text: "it is not 1 to 200 visible ASCII characters without spaces")
        }
        guard pattern.split(separator: ":", omittingEmptySubsequences: false).count <= 4 else {
            throw Problem(text: "it has more than four fields, which colons separate")
        }
        var parts: [Part] = []
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{") {
            if open > rest.startIndex { parts.append(.text(String(rest[..<open]))) }
            let name = rest[rest.index(after: open)...].prefix { $0 != "}" }
            guard name.endIndex < rest.endIndex, let field = Field(rawValue: String(name)) else {
                let known = Field.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
                throw Problem(text: "it names a field other than \(known)")
            }
            parts.append(.field(field))
            rest = rest[rest.index(after: name.endIndex)...]
        }
        if !rest.isEmpty { parts.append(.text(String(rest))) }
        guard case .text? = parts.last else {
            throw Problem(
                text: "it ends with a field of the message; the last one names the sender, as in {campaign}:shop")
        }
        self.parts = parts
    }

    /// The value for a message. Characters that would end a field are replaced, and long names are cut.
    func text(for outbound: OutboundMessage) -> String {
        parts.map { part in
            switch part {
            case .text(let text): text
            case .field(.campaign): Self.plain(outbound.campaign ?? "")
            case .field(.category): Self.plain(outbound.category)
            case .field(.recipient): Self.plain(outbound.recipient)
            }
        }.joined()
    }

    private static func plain(_ name: String) -> String {
        String(
            name.unicodeScalars.prefix(64).map { scalar in
                scalar.isASCII && scalar.value > 0x20 && scalar.value < 0x7f && scalar != ":" ? Character(scalar) : "-"
            })
    }
}
