internal import Liquid
internal import SobreModel
import SobreSettings

/// Renders one message: fills the scope, renders the parts of one channel and checks the budgets.
struct RenderJob {
    /// The links of one delivery.
    struct Addresses {
        var unsubscribe: String?
        var preferences: String?

        /// Creates the links. Skips this when nothing uses them, because signing takes time.
        init(_ links: MessageLinks, _ subject: MessageLinks.Subject, areNeeded: Bool) {
            guard areNeeded else { return }
            unsubscribe = links.unsubscribe(subject)
            preferences = links.preferences(subject)
        }

        var all: [String] { [unsubscribe, preferences].compactMap { $0 } }
    }

    let worker: RenderWorker
    let template: MessageTemplate
    let message: Message
    let profile: Profile?
    let channel: Channel
    let now: Instant
    let links: Addresses
    let options: RenderingOptions
    let schemes: LinkSchemes

    /// Recipients expect emails of this category, so they have no unsubscribe header.
    private static let transactional = "transactional"

    /// The most values that an explanation names.
    private static let namedAtMost = 20

    func run() throws(RenderStop) -> (RenderedMessage, KeyHash) {
        try checkVariables()
        worker.workLeft = options.limits.maxWork
        do {
            try fillScope()
        } catch {
            throw .failed("The data for \(template.manifest.name) cannot be read: \(error.message)")
        }
        let parts = template.parts(for: profile?.locale)
        var fingerprint = ContentFingerprint(ownAddresses: links.all)
        let content =
            switch channel.form {
            case .mail: RenderedMessage.email(try email(parts, &fingerprint))
            case .text: RenderedMessage.sms(try sms(parts, &fingerprint))
            case .notification: RenderedMessage.push(try push(parts, &fingerprint))
            case .chat: RenderedMessage.whatsapp(try chat(parts, &fingerprint))
            case .post: RenderedMessage.chat(try post(parts, &fingerprint))
            }
        return (content, fingerprint.keyHash)
    }

    // MARK: Channels

    private func email(_ parts: TemplateParts, _ fingerprint: inout ContentFingerprint) throws(RenderStop)
        -> EmailContent
    {
        guard let subjectTemplate = parts[.emailSubject]?.body else { throw noWords }
        guard let from = template.manifest.from ?? options.defaultFrom else {
            throw .failed(
                "The template \(template.manifest.name) names no sender. Set from: in its template.yaml or sender.email in the settings."
            )
        }
        let subject = try text(subjectTemplate, escaping: .header)
        guard !subject.isEmpty else {
            throw .failed("The subject of \(template.manifest.name) is empty; add text to it.")
        }
        let preheader = try parts[.emailPreheader].map { words throws(RenderStop) in
            try text(words.body, escaping: .header)
        }
        for line in [subject, preheader ?? ""] where line.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) {
            throw .failed(
                "The subject or preheader of \(template.manifest.name) has a line break; write it in one line.")
        }
        worker.data.set("email_subject", to: subject)
        worker.data.set("email_preheader", to: preheader ?? "")
        var html: String?
        var plain: String?
        var shown: Set<String> = []
        if let part = parts[.emailHTML] {
            let bytes = try output(part.body, escaping: .html)
            guard bytes.count <= template.manifest.budgets.htmlBytes else {
                throw overBudget("HTML", bytes.count, template.manifest.budgets.htmlBytes, "bytes", "html")
            }
            shown = try checkLinks(bytes)
            html = String(decoding: bytes, as: UTF8.self)
            if parts[.emailText] == nil { plain = HTMLToText.text(of: bytes) }
        }
        if let part = parts[.emailText] {
            plain = String(decoding: try output(part.body, escaping: .none), as: UTF8.self)
        }
        // The HTML itself decides whether two messages are the same: the text derived from it leaves things out.
        fingerprint.combine(subject)
        if let html { fingerprint.combine(html) }
        if html == nil || parts[.emailText] != nil { fingerprint.combine(plain ?? "") }
        let files = try attachments(shownInHTML: shown)
        for file in files { fingerprint.combine(file) }
        return EmailContent(
            from: from, replyTo: template.manifest.replyTo ?? options.defaultReplyTo, subject: subject,
            preheader: preheader, html: html, text: plain, attachments: files,
            unsubscribeURL: message.category == Self.transactional ? nil : links.unsubscribe)
    }

    private func post(_ parts: TemplateParts, _ fingerprint: inout ContentFingerprint) throws(RenderStop) -> PostContent
    {
        guard let part = parts[.chatText] else { throw noWords }
        let words = try text(part.body, escaping: .none)
        guard !words.isEmpty else {
            throw .failed("The chat message of \(template.manifest.name) is empty; add text to it.")
        }
        fingerprint.combine(words)
        return PostContent(text: words)
    }

    private func chat(_ parts: TemplateParts, _ fingerprint: inout ContentFingerprint) throws(RenderStop) -> ChatContent
    {
        guard let part = parts[.whatsappText] else { throw noWords }
        let words = try text(part.body, escaping: .none)
        var name = ""
        var language = ""
        var parameters: [ChatContent.ApprovedTemplate.Parameter] = []
        for field in part.fields {
            let value = try text(field.template, escaping: .none)
            switch field.name {
            case TemplateParts.approvedName:
                // Whether a template sends a free text must not depend on data: it is decided before it is rendered.
                guard !value.isEmpty else {
                    throw .failed(
                        "The template: of \(template.manifest.name)'s WhatsApp template is empty. Write the name of an "
                            + "approved template, or leave the field out to send the text.")
                }
                name = value
            case "language": language = value
            default:
                // The channel's operator rejects empty parameters.
                guard !value.isEmpty else {
                    throw .failed("The \(field.name) of \(template.manifest.name)'s WhatsApp template is empty.")
                }
                parameters.append(.init(name: String(field.name.dropFirst("parameter.".count)), value: value))
            }
        }
        guard name.isEmpty == language.isEmpty, !name.isEmpty || parameters.isEmpty else {
            throw .failed(
                "The WhatsApp template of \(template.manifest.name) is incomplete; it needs both template: and language:."
            )
        }
        guard !words.isEmpty || !name.isEmpty else {
            throw .failed("The WhatsApp message of \(template.manifest.name) is empty; add text or a template.")
        }
        fingerprint.combine(words)
        fingerprint.combine(name)
        for parameter in parameters { fingerprint.combine(parameter.value) }
        return ChatContent(
            from: template.manifest.senders[channel] ?? options.senders[channel], text: words.isEmpty ? nil : words,
            template: name.isEmpty
                ? nil : .init(name: name, language: language, parameters: parameters))
    }

    /// Refuses HTML with a link that a recipient's device should not open.
    ///
    /// - Returns: the ids of the attached images that it shows.
    private func checkLinks(_ html: [UInt8]) throws(RenderStop) -> Set<String> {
        var shown: Set<String> = []
        guard let refused = schemes.firstRefused(in: html, eachImage: { shown.insert($0) }) else { return shown }
        let scheme = LinkSchemes.scheme(of: refused.address.utf8) ?? ""
        throw refusedLink(
            "The \(refused.attribute) \"\(refused.address)\" in the HTML of \(template.manifest.name)", scheme)
    }

    func refusedLink(_ what: String, _ scheme: String) -> RenderStop {
        .failed(
            "\(what) has the scheme \"\(scheme)\"; allowed are \(options.linkSchemes.joined(separator: ", ")). "
                + "Correct the address, or add its scheme to rendering.link_schemes.")
    }

    // MARK: Parts

    func text(_ part: Template, escaping: Escaping) throws(RenderStop) -> String {
        var bytes = try output(part, escaping: escaping)[...]
        while let first = bytes.first, first == 0x20 || first &- 0x09 < 5 { bytes.removeFirst() }
        while let last = bytes.last, last == 0x20 || last &- 0x09 < 5 { bytes.removeLast() }
        return String(decoding: bytes, as: UTF8.self)
    }

    private func output(_ part: Template, escaping: Escaping) throws(RenderStop) -> [UInt8] {
        let renderOptions = RenderOptions(
            nowMilliseconds: now.milliseconds, escaping: escaping,
            undefined: options.undefined == .fail ? .report : .ignore,
            limits: RenderLimits(
                steps: options.limits.maxSteps, work: worker.workLeft, outputBytes: options.limits.maxOutputBytes,
                depth: options.limits.maxDepth, captureBytes: options.limits.maxTextBytes,
                memoryBytes: options.limits.maxMemoryBytes),
            timeZone: profile?.timezone ?? "UTC", zones: ZoneAdapter(zones: options.zones),
            locale: profile?.locale ?? "en")
        let outcome: RenderOutcome
        // All parts of a message share one budget of work.
        defer { worker.workLeft = max(0, worker.workLeft - worker.renderer.work) }
        do {
            outcome = try worker.renderer.render(part, data: worker.data, options: renderOptions)
        } catch {
            var located = error
            located.templateName = file(error.templateName)
            if error.kind == .workLimit {
                located.message =
                    "The message does more work than rendering.max_work allows (\(options.limits.maxWork) units). "
                    + "Apply filters and comparisons to shorter texts, or to fewer."
            }
            throw .failed(TemplateError(located).summary)
        }
        if case .aborted(let reason) = outcome { throw .aborted(reason) }
        if options.undefined == .fail, !worker.renderer.undefined.isEmpty {
            let undefined = worker.renderer.undefined
            var missing = undefined.prefix(Self.namedAtMost).map {
                "\($0.path) (\(file($0.templateName)):\($0.line):\($0.column))"
            }
            if undefined.count > missing.count { missing.append("\(undefined.count - missing.count) more") }
            throw .failed(
                "No value and no fallback for \(missing.joined(separator: ", ")). "
                    + "Give the value, or write {{ … | default: \"…\" }}.")
        }
        return worker.renderer.text
    }

    /// The file name for errors. A template's own HTML is included as a snippet of its layout.
    private func file(_ name: String) -> String {
        name == SnippetSources.contentName ? "\(template.manifest.name)/email.html.liquid" : name
    }

    var noWords: RenderStop {
        .failed(
            "The template \(template.manifest.name) has no content for \(channel); it has content for \(template.channels.map(\.description).joined(separator: ", "))."
        )
    }

    func overBudget(_ what: String, _ count: Int, _ limit: Int, _ unit: String, _ key: String) -> RenderStop {
        .failed(
            "The \(what) of \(template.manifest.name) has \(count) \(unit), its budget is \(limit). "
                + "Shorten it, or raise budgets.\(key) in its template.yaml.")
    }
}
