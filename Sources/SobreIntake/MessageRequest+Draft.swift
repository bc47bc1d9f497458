public import SobreModel
internal import Text

extension MessageRequest {
    /// The draft to store: the request completed with its template's defaults.
    ///
    /// `principal` is the caller. The explanation names it if the message is exempt from caps.
    ///
    /// - Throws: ``IntakeProblem`` if the template or the category is unknown, or the template has no content for a
    ///   channel.
    public func draft(
        _ catalogue: any IntakeCatalogue, principal: String = "the sender"
    ) throws(IntakeProblem) -> MessageDraft {
        guard let defaults = catalogue.template(template) else { throw unknownTemplate(catalogue) }
        let channels = channels ?? defaults.channels
        guard !channels.isEmpty else {
            throw IntakeProblem(
                .noChannel, field: "channels", message: "Neither the request nor the template names a channel.",
                expected: "\"channels\" in the request, or in the template's manifest")
        }
        for channel in channels where !defaults.channels.contains(channel) {
            let known = defaults.channels.map(\.description).joined(separator: ", ")
            throw IntakeProblem(
                .noChannel, field: "channels",
                message: "The template \(quoted(template)) has no content for \(channel).",
                expected: known.isEmpty ? "a template with content for \(channel)" : "one or more of \(known)")
        }
        if !attachments.isEmpty, !channels.contains(where: { $0.form == .mail }) {
            throw IntakeProblem(
                .invalidValue, field: "attachments",
                message: "The message has files, but none of its channels carries any: "
                    + "\(channels.map(\.description).joined(separator: ", ")).",
                expected: "email among its channels, or no \"attachments\"")
        }
        var category = category ?? defaults.category
        // The usual case asks for nothing more: `KnownNames` also collects topics.
        if !catalogue.categories.contains(category) {
            category = try KnownNames(catalogue).category(category, field: "category")
        }
        return MessageDraft(
            recipient: recipient, template: template, campaign: campaign ?? defaults.campaign, journey: journey,
            category: category, topic: topic ?? defaults.topic,
            tags: defaults.tags.isEmpty ? tags : tags + defaults.tags.filter { !tags.contains($0) },
            channels: channels, route: route ?? defaults.route,
            priority: priority ?? defaults.priority ?? catalogue.priority(of: category),
            sendAt: sendAt, expiresAt: expiresAt, dedupKey: dedupKey, data: data ?? Array("{}".utf8),
            escalation: escalation ?? defaults.escalation, bestTimeWithin: bestTimeWithin, tenant: tenant,
            isTest: isTest, capFlags: capFlags(catalogue, category: category, principal: principal),
            activity: activity, trace: trace, attachments: attachments)
    }

    /// The message's `caps`, completed with its category's flags; nil if they do not differ from the category's.
    private func capFlags(_ catalogue: any IntakeCatalogue, category: String, principal: String) -> CapFlags? {
        guard let caps else { return nil }
        let usual = catalogue.capFlags(of: category)
        let obeys = caps.obey ?? usual.obeys
        let counts = caps.count ?? usual.counts
        return (obeys, counts) == usual ? nil : CapFlags(obeys: obeys, counts: counts, by: principal)
    }

    private func unknownTemplate(_ catalogue: any IntakeCatalogue) -> IntakeProblem {
        let names = catalogue.templateNames
        let expected: String
        if let closest = Suggestion.closest(to: template, among: names) {
            expected = "\"\(closest)\""
        } else if names.isEmpty {
            expected = "a folder of that name under the template directory"
        } else {
            expected = "one of \(names.sorted().prefix(12).joined(separator: ", "))\(names.count > 12 ? ", …" : "")"
        }
        return IntakeProblem(
            .unknownTemplate, field: "template", message: "There is no template \(quoted(template)).",
            expected: expected)
    }
}
