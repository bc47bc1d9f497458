internal import SobreDelivery
public import SobreModel

/// What a provider cannot take, found before a call.
extension ManifestProvider {
    public func refusal(of content: RenderedMessage) -> Outcome? {
        guard content.channel == channel else {
            return Outcome(.contentRejected, detail: "\(name) serves \(channel), not \(content.channel)")
        }
        if isMail, case .email(let email) = content, let problem = binding.mail.problem(in: email) {
            return SMTPProvider.outcome(of: problem)
        }
        return refusal(of: content, manifest.capabilities)
    }

    /// Checks the content against the manifest's capabilities. Each limit applies only to content that has the limited
    /// field.
    private func refusal(of content: RenderedMessage, _ capabilities: ProviderCapabilities) -> Outcome? {
        if case .email(let email) = content, !capabilities.takesAttachments, !email.attachments.isEmpty {
            return Outcome(.contentRejected, detail: "\(name) does not support attachments")
        }
        if case .email(let email) = content, !capabilities.takesInlineImages,
            let image = email.attachments.first(where: \.isInline)
        {
            return Outcome(
                .contentRejected,
                detail:
                    "\(name) does not support images in the HTML (cid:\(image.contentID ?? "")); attach the file or link to it"
            )
        }
        if let limit = capabilities.maxText, let text = content.text(.text), text.utf8.count > limit,
            text.utf16.count > limit
        {
            return Outcome(
                .contentTooLarge, detail: "the text has \(text.utf16.count) characters; \(name) allows at most \(limit)"
            )
        }
        if !capabilities.senders.isEmpty, let from = content.text(.from),
            !capabilities.senders.contains(where: { $0.matches(from) })
        {
            let kinds = capabilities.senders.map(\.rawValue).sorted().joined(separator: ", ")
            return Outcome(.contentRejected, detail: "the sender is not of a kind that \(name) accepts: \(kinds)")
        }
        if let refusal = refusal(ofNames: content, capabilities.reservedData) { return refusal }
        // Only files make an email so large that it is worth being written for that.
        guard let limit = binding.maxPayload ?? (content.hasFiles ? capabilities.maxBytes : nil) else { return nil }
        var body: [UInt8] = []
        appendBody(
            RequestEvaluator(outbound: .placeholder(for: content.measurable), binding: binding, now: .epoch),
            boundary: "",
            to: &body)
        return body.count <= limit ? nil : Self.tooLarge(name, body.count, limit)
    }

    private func refusal(ofNames content: RenderedMessage, _ reserved: [String]) -> Outcome? {
        guard !reserved.isEmpty else { return nil }
        var refused: String?
        content.forEachPair(of: .data) { name, _ in
            let isReserved = reserved.contains {
                $0.hasSuffix("*") ? name.hasPrefix($0.dropLast()) : name == $0
            }
            if isReserved { refused = refused ?? name }
        }
        return refused.map {
            Outcome(.contentRejected, detail: "\(name) reserves the name \($0) of the data; rename data.\($0)")
        }
    }

    static func tooLarge(_ name: String, _ bytes: Int, _ limit: Int) -> Outcome {
        Outcome(.contentTooLarge, detail: "the message has \(bytes) bytes; \(name) allows at most \(limit)")
    }

    enum Addressed {
        case message(OutboundMessage)
        case refused(Outcome)
    }

    /// The message with mail addresses as the provider takes them.
    func addressed(_ outbound: OutboundMessage) -> Addressed {
        guard isMail, case .email(let email) = outbound.content else { return .message(outbound) }
        if let problem = MailAddressGrammar.problem(in: outbound.address.value) {
            return .refused(SMTPProvider.outcome(of: .recipient(problem: problem)))
        }
        guard !manifest.capabilities.takesNonASCIIAddresses else { return .message(outbound) }
        var outbound = outbound
        outbound.address.value = MailAddressGrammar.wire(outbound.address.value)
        guard outbound.address.value.utf8.allSatisfy({ $0 < 0x80 }) else {
            return .refused(
                Outcome(
                    .recipientUnreachable,
                    detail: "\(name) does not deliver to addresses with non-ASCII characters before the @"))
        }
        if !email.from.address.utf8.allSatisfy({ $0 < 0x80 }) {
            var email = email
            email.from.address = MailAddressGrammar.wire(email.from.address)
            outbound.content = .email(email)
        }
        return .message(outbound)
    }
}

extension RenderedMessage {
    /// Whether it is an email with attached files or images.
    fileprivate var hasFiles: Bool {
        if case .email(let email) = self { return !email.attachments.isEmpty }
        return false
    }

    /// The same content with as many bytes in its files as they will have.
    fileprivate var measurable: RenderedMessage {
        guard case .email(var email) = self, !email.attachments.isEmpty else { return self }
        email.attachments = email.attachments.map(\.measurable)
        return .email(email)
    }
}
