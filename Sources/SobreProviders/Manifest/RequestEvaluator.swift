internal import SobreDelivery
internal import SobreModel
internal import Text

/// The input of one request. Evaluates expressions.
struct RequestEvaluator {
    enum Item {
        case none
        case mailbox(Mailbox)
        case attachment(EmailContent.Attachment)
        case pair(name: String, value: String)
    }

    let outbound: OutboundMessage
    let binding: ManifestBinding
    let now: Instant
    var item: Item = .none
    /// The whole email, where the request contains it.
    var mime: [UInt8]?
    /// The request that is being signed.
    var signing: SigningInput?

    // MARK: - Writing

    /// Appends a text. Returns false and appends nothing if one of its expressions has no value.
    @inline(__always)
    func append(_ template: Template, _ escaping: Escaping, to out: inout [UInt8]) -> Bool {
        let mark = out.count
        for part in template.parts {
            switch part {
            case .text(let text): escaping.append(text, to: &out)
            case .expression(let expression):
                if !append(expression, escaping, to: &out) {
                    out.removeLast(out.count - mark)
                    return false
                }
            }
        }
        return true
    }

    func append(_ expression: Expression, _ escaping: Escaping, to out: inout [UInt8]) -> Bool {
        if expression.calls.isEmpty {
            switch expression.source {
            case .text(let field):
                guard let text = text(field), !text.isEmpty else { return false }
                escaping.append(text, to: &out)
                return true
            case .slot(let slot):
                guard let value = binding.values[slot] else { return false }
                escaping.append(value, to: &out)
                return true
            default: break
            }
        }
        // Base64 needs no escape in JSON. A whole email or file is encoded where it belongs.
        if case .base64? = expression.calls.last, escaping == .json || escaping == .none {
            guard let value = bytes(of: expression.source, expression.calls.dropLast()), !value.isEmpty else {
                return false
            }
            Base64.append(value, to: &out)
            return true
        }
        guard let value = bytes(of: expression), !value.isEmpty else { return false }
        escaping.append(value, to: &out)
        return true
    }

    /// A text's unescaped bytes; nil if one of its expressions has no value.
    func bytes(of template: Template) -> [UInt8]? {
        var out: [UInt8] = []
        return append(template, .none, to: &out) ? out : nil
    }

    /// Whether a condition is true: it has a value other than `false`.
    func holds(_ expression: Expression) -> Bool {
        switch expression.source {
        case .list(let field) where expression.calls.isEmpty: return !isEmpty(field)
        case .text(let field) where expression.calls.isEmpty:
            // The text may be the whole email.
            return text(field).map { !$0.isEmpty && $0 != "false" } ?? false
        case .pairs(let field):
            var isEmpty = true
            forEachPair(of: field) { _, _ in isEmpty = false }
            return !isEmpty
        default:
            guard let value = bytes(of: expression) else { return false }
            return !value.isEmpty && !value.elementsEqual("false".utf8)
        }
    }

    // MARK: - Values

    /// An intermediate value between functions.
    private enum Working {
        case bytes([UInt8]?)
        case mailbox(Mailbox?)
        case mailboxes([Mailbox])
        case texts([[UInt8]])
    }

    func bytes(of expression: Expression) -> [UInt8]? { bytes(of: expression.source, expression.calls[...]) }

    private func bytes(of source: Expression.Source, _ calls: ArraySlice<ExpressionFunction>) -> [UInt8]? {
        var working = start(source)
        for call in calls { working = apply(call, to: working) }
        return text(working)
    }

    private func start(_ source: Expression.Source) -> Working {
        switch source {
        case .literal(let bytes): return .bytes(bytes)
        case .text(let field):
            guard let text = text(field), !text.isEmpty else { return .bytes(nil) }
            return .bytes(Array(text.utf8))
        case .slot(let slot): return .bytes(binding.values[slot])
        case .fromMailbox:
            guard case .email(let email) = outbound.content else { return .mailbox(nil) }
            return .mailbox(email.from)
        case .list(let field): return .mailboxes(mailboxes(field))
        case .pairs: return .bytes(nil)
        case .item(let field): return .bytes(itemText(field).map { Array($0.utf8) })
        case .wholeItem:
            if case .mailbox(let mailbox) = item { return .mailbox(mailbox) }
            return .mailbox(nil)
        case .itemContent:
            if case .attachment(let attachment) = item { return .bytes(attachment.content) }
            return .bytes(nil)
        case .mime: return .bytes(mime)
        case .request(let fact): return .bytes(signing?.value(of: fact))
        case .step(let index): return .bytes(signing?.steps[index])
        }
    }

    private func apply(_ call: ExpressionFunction, to working: Working) -> Working {
        switch (call, working) {
        case (.mailbox, .mailbox(let mailbox)): return .bytes(mailbox.map(MailHeaderWriter.unfoldedMailbox))
        case (.first, .mailboxes(let mailboxes)): return .mailbox(mailboxes.first)
        case (.first, .texts(let texts)): return .bytes(texts.first)
        case (.map(let function), .mailboxes(let mailboxes)):
            return .texts(mailboxes.compactMap { text(apply(function, to: .mailbox($0))) })
        case (.map(let function), .texts(let texts)):
            return .texts(texts.compactMap { text(apply(function, to: .bytes($0))) })
        case (.join(let separator), .mailboxes(let mailboxes)):
            return .bytes(Array(mailboxes.map(\.address).joined(separator: separator).utf8))
        case (.join(let separator), .texts(let texts)):
            return .bytes(Array(texts.joined(separator: Array(separator.utf8))))
        case (.fallback(let template), _):
            if let value = text(working), !value.isEmpty { return .bytes(value) }
            return .bytes(bytes(of: template))
        default:
            guard let value = text(working) else { return .bytes(nil) }
            return .bytes(call.apply(to: value, evaluator: self))
        }
    }

    private func text(_ working: Working) -> [UInt8]? {
        switch working {
        case .bytes(let value): value
        case .mailbox(let mailbox): mailbox.map { Array($0.address.utf8) }
        case .mailboxes(let mailboxes): mailboxes.first.map { Array($0.address.utf8) }
        case .texts(let texts): texts.first
        }
    }
}
