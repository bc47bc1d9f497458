/// One `${path | function(argument)}`, compiled.
struct Expression: Sendable {
    indirect enum Source: Sendable {
        case literal([UInt8])
        case text(TextField)
        /// A mailbox of the message: its text is the address.
        case fromMailbox
        case list(ListField)
        case pairs(PairsField)
        case item(ItemField)
        /// The list's element itself, inside `$do`.
        case wholeItem
        /// The bytes of an attachment, inside `$do`.
        case itemContent
        /// The whole email as MIME.
        case mime
        /// A setting or secret by its slot.
        case slot(Int)
        /// The request that is being signed.
        case request(RequestFact)
        /// An earlier step of a signature.
        case step(Int)
    }

    let source: Source
    let calls: [ExpressionFunction]
    let type: ValueType
}

/// The type of an expression; known when the manifest is loaded.
enum ValueType: Sendable, Hashable {
    case text
    case bytes
    case mailbox
    case mailboxes
    case attachment
    case attachments
    case texts
    case pairs
    /// Text that is a JSON value and is written unchanged.
    case json

    var words: String {
        switch self {
        case .text: "a string"
        case .bytes: "bytes"
        case .mailbox: "a mailbox"
        case .mailboxes: "a list of mailboxes"
        case .attachment: "an attachment"
        case .attachments: "a list of attachments"
        case .texts: "a list of strings"
        case .pairs: "a list of name-value pairs"
        case .json: "a JSON value"
        }
    }
}

/// Text that contains expressions. It has no value if one of its expressions has none.
struct Template: Sendable {
    enum Part: Sendable {
        case text([UInt8])
        case expression(Expression)
    }

    let parts: [Part]

    /// The expression, if the template consists of nothing else.
    var single: Expression? {
        if parts.count == 1, case .expression(let expression) = parts[0] { expression } else { nil }
    }

    /// Whether an expression is the recipient's address.
    var hasAddress: Bool {
        parts.contains { part in
            guard case .expression(let expression) = part else { return false }
            switch expression.source {
            case .text(.envelope(.to)), .list(.to): return true
            default: return false
            }
        }
    }

    /// Whether it is the same for every message: its expressions are settings without functions.
    var isConstant: Bool {
        parts.allSatisfy { part in
            guard case .expression(let expression) = part else { return true }
            switch expression.source {
            case .slot, .literal: return expression.calls.isEmpty
            default: return false
            }
        }
    }

    /// The text, if there are no expressions.
    var constant: [UInt8]? {
        switch parts.count {
        case 0: []
        case 1: if case .text(let text) = parts[0] { text } else { nil }
        default: nil
        }
    }
}
