internal import SobreDelivery
internal import SobreModel

/// The fields of messages.
extension RequestEvaluator {
    /// A field's text; nil or empty if the message has none.
    func text(_ field: TextField) -> String? {
        switch field {
        case .content(let field): outbound.content.text(field)
        case .envelope(let field): text(field)
        }
    }

    private func text(_ field: EnvelopeField) -> String? {
        switch field {
        case .id: outbound.delivery.description
        case .key: outbound.key
        case .attempt: String(outbound.attempt)
        case .recipient: outbound.recipient
        case .campaign: outbound.campaign
        case .category: outbound.category
        case .channel: outbound.content.channel.description
        case .instance: binding.instance
        case .callback: binding.callback(for: outbound.delivery)
        case .timestamp: String(now.milliseconds.floorDivided(by: 1000))
        case .admittedAt: outbound.admittedAt.rfc3339
        case .possibleDuplicate: outbound.possibleDuplicate ? "true" : nil
        case .ttl: outbound.secondsLeft(at: now).map { String($0) }
        case .expires:
            outbound.secondsLeft(at: now).map { String(now.milliseconds.floorDivided(by: 1000) + $0) }
        case .to: outbound.address.value
        case .platform: outbound.address.platform
        case .replyToAddress: replyTo?.address
        case .replyToName: replyTo?.name
        }
    }

    private var replyTo: Mailbox? {
        if case .email(let email) = outbound.content { email.replyTo } else { nil }
    }

    func mailboxes(_ field: ListField) -> [Mailbox] {
        guard case .email(let email) = outbound.content else { return [] }
        switch field {
        case .to: return outbound.address.value.isEmpty ? [] : [Mailbox(address: outbound.address.value)]
        case .replyTo: return email.replyTo.map { [$0] } ?? []
        case .attachments, .attached, .inline: return []
        }
    }

    func isEmpty(_ field: ListField) -> Bool {
        field.isMailboxes ? mailboxes(field).isEmpty : files(field).isEmpty
    }

    private func files(_ field: ListField) -> [EmailContent.Attachment] {
        guard case .email(let email) = outbound.content else { return [] }
        switch field {
        case .attached: return email.attachments.filter { !$0.isInline }
        case .inline: return email.attachments.filter(\.isInline)
        case .attachments, .to, .replyTo: return email.attachments
        }
    }

    /// Calls `body` for every element of a list, which is then the value of `it`.
    func forEachItem(of field: ListField, _ body: (RequestEvaluator) -> Void) {
        var inner = self
        if field.isMailboxes {
            for mailbox in mailboxes(field) {
                inner.item = .mailbox(mailbox)
                body(inner)
            }
        } else {
            for attachment in files(field) {
                inner.item = .attachment(attachment)
                body(inner)
            }
        }
    }

    func forEachPair(of field: PairsField, _ body: (_ key: String, _ value: String) -> Void) {
        switch field {
        case .content(let pairs):
            outbound.content.forEachPair(of: pairs) { key, value in
                // Names with this prefix are reserved for the metadata and skipped in an application's data.
                if pairs != .data || !key.hasPrefix("sobre_") { body(key, value) }
            }
        case .allHeaders, .allHeadersAndReplyTo:
            if field == .allHeadersAndReplyTo, let replyTo {
                body("Reply-To", String(decoding: MailHeaderWriter.unfoldedMailbox(replyTo), as: UTF8.self))
            }
            guard case .email(let email) = outbound.content else { return }
            if let url = email.unsubscribeURL {
                body("List-Unsubscribe", "<\(url)>")
                body("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
            }
            for header in email.headers { body(header.name, header.value) }
        case .metadata:
            outbound.forEachReference(body)
        }
    }

    func itemText(_ field: ItemField) -> String? {
        switch (item, field) {
        case (.mailbox(let mailbox), .address): mailbox.address
        case (.mailbox(let mailbox), .name): mailbox.name
        case (.attachment(let attachment), .filename): attachment.filename
        case (.attachment(let attachment), .contentType): attachment.contentType
        case (.attachment(let attachment), .contentID): attachment.contentID
        case (.attachment(let attachment), .disposition): attachment.isInline ? "inline" : "attachment"
        case (.pair(let name, _), .name): name
        case (.pair(_, let value), .value): value
        default: nil
        }
    }
}
