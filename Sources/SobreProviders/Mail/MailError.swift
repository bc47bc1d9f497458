/// Why an email cannot be built from a message. Nothing was sent.
public enum MailError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The recipient's address is not valid for email. The problem names the part, never the address.
    case recipient(problem: String)
    /// The sender's or the reply-to address is invalid.
    case sender(field: String, problem: String)
    /// A header's name or value contains something that is not allowed in a header.
    case header(name: String, problem: String)
    /// An attachment's name, type or content id is invalid.
    case attachment(number: Int, problem: String)
    /// The email is larger than the limit.
    case tooLarge(bytes: Int, limit: Int)
    /// There is neither a text nor an HTML part.
    case empty
    /// The email cannot be signed.
    case signature(problem: String)

    /// A full sentence that says what to do.
    public var description: String {
        switch self {
        case .recipient(let problem): "The recipient's address cannot be used: \(problem). Correct the profile."
        case .sender(let field, let problem):
            "The address in \(field) cannot be used: \(problem). Correct the template."
        case .header(let name, let problem): "The header \(name) cannot be sent: \(problem). Correct the template."
        case .attachment(let number, let problem):
            "Attachment \(number) cannot be sent: \(problem). Correct the template."
        case .tooLarge(let bytes, let limit):
            "The mail has \(bytes) bytes; the provider allows at most \(limit). Link to large files instead of attaching them."
        case .signature(let problem): "The mail cannot be signed: \(problem)"
        case .empty: "The mail has neither text nor HTML. Give the template a body."
        }
    }
}
