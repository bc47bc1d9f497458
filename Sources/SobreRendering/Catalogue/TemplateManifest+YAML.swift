public import SobreModel
internal import YAMLDocument

extension TemplateManifest {
    static let keys =
        [
            "name", "summary", "category", "campaign", "topic", "channels", "route", "priority", "from", "reply_to",
            "layout", "variables", "attachments", "budgets",
        ] + Channel.allCases.filter { $0.sender == .text }.map(\.description)

    /// Reads `template.yaml`.
    ///
    /// - Parameters:
    ///   - text: the file's text.
    ///   - file: its path, for errors.
    ///   - folder: the folder's name, which is also the template's name.
    /// - Throws: `YAMLError` with the position of the error.
    init(text: String, file: String, folder: String) throws(YAMLError) {
        self.init(name: folder)
        let root = try YAMLDocument.parse(text: text, file: file).root.mapping()
        try root.checkKeys(known: Self.keys)
        if let value = root["name"], try value.string() != folder {
            throw value.error(
                "the template is called \"\(try value.string())\" but its folder is \"\(folder)\"",
                help: "rename one of them; messages name the folder")
        }
        summary = try root.string(ifPresent: "summary")
        category = try root.string(ifPresent: "category")
        campaign = try root.string(ifPresent: "campaign")
        topic = try root.string(ifPresent: "topic")
        layout = try root.string(ifPresent: "layout")
        try readDelivery(root)
        try readSenders(root)
        try readVariables(root)
        for value in root["attachments"]?.listOrOne ?? [] { attachments.append(try TemplateAttachment(value)) }
        if let mapping = try root.mapping(ifPresent: "budgets") {
            try mapping.checkKeys(known: ["html", "sms_segments", "push"])
            budgets.htmlBytes = try mapping.bytes("html", default: budgets.htmlBytes, in: 1 << 10...(10 << 20))
            budgets.smsSegments = try mapping.int("sms_segments", default: budgets.smsSegments, in: 1...10)
            budgets.pushBytes = try mapping.bytes("push", default: budgets.pushBytes, in: 100...4096)
        }
    }

    private mutating func readDelivery(_ root: YAMLMapping) throws(YAMLError) {
        for value in root["channels"]?.listOrOne ?? [] {
            let name = try value.string()
            guard let channel = Channel(name: name) else {
                throw value.unknownName(name, known: Channel.names)
            }
            guard !channels.contains(channel) else { throw value.error("\"\(name)\" is listed twice") }
            channels.append(channel)
        }
        if let value = root["route"] { try readRoute(value) }
        if let value = root["priority"] {
            guard let found = Priority(name: try value.string()) else {
                throw value.unknownName(try value.string(), known: Priority.allCases.map(\.description))
            }
            priority = found
        }
    }

    /// `first`, or `{ escalate: { after: 2h, until: opened } }`.
    private mutating func readRoute(_ value: YAMLValue) throws(YAMLError) {
        if case .mapping = value.content {
            let route = try value.mapping()
            try route.checkKeys(known: ["escalate"])
            let words = try route.require("escalate").mapping()
            try words.checkKeys(known: ["after", "until"])
            var escalation = Escalation.standard
            escalation.after = try words.duration("after", default: escalation.after, in: Escalation.allowedWaits)
            if let until = words["until"] {
                guard let found = Escalation.Success(name: try until.string()) else {
                    throw until.unknownName(
                        try until.string(), known: Escalation.Success.allCases.map(\.description))
                }
                escalation.until = found
            }
            self.route = .escalate
            self.escalation = escalation
            return
        }
        guard let found = ChannelRoute(name: try value.string()) else {
            throw value.unknownName(try value.string(), known: ChannelRoute.allCases.map(\.description))
        }
        route = found
    }

    private mutating func readSenders(_ root: YAMLMapping) throws(YAMLError) {
        from = try root.read("from") { value throws(YAMLError) in try Self.mailbox(value) }
        replyTo = try root.read("reply_to") { value throws(YAMLError) in try Self.mailbox(value) }
        for channel in Channel.allCases where channel.sender == .text {
            guard let mapping = try root.mapping(ifPresent: channel.description) else { continue }
            let isSMS = channel.form == .text
            try mapping.checkKeys(known: isSMS ? ["from", "transliterate"] : ["from"])
            if isSMS { transliteratesSMS = try mapping.bool(ifPresent: "transliterate") }
            senders[channel] = try mapping.string(ifPresent: "from")
        }
    }

    private static func mailbox(_ value: YAMLValue) throws(YAMLError) -> Mailbox {
        guard let mailbox = Mailbox(parsing: try value.string()) else {
            throw value.error(
                "\"\(value.path)\" must be a mailbox, not \"\(try value.string())\"",
                help: "write Name <local@domain>, or the address alone")
        }
        return mailbox
    }

    private mutating func readVariables(_ root: YAMLMapping) throws(YAMLError) {
        for entry in try root.mapping(ifPresent: "variables")?.entries ?? [] {
            let mapping = try entry.value.mapping()
            try mapping.checkKeys(known: ["type", "required", "summary"])
            variables.append(
                TemplateVariable(
                    name: entry.key, kind: try mapping.choice("type", default: .string),
                    isRequired: try mapping.bool("required", default: false),
                    summary: try mapping.string(ifPresent: "summary")))
        }
    }
}

extension Mailbox {
    /// Reads `Name <local@domain>` or `local@domain`. Returns nil for anything else and for control characters.
    ///
    /// The address must have one `@` with text on both sides and no space. The mail builder checks the full grammar.
    public init?(parsing text: String) {
        guard text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { return nil }
        var name = Substring()
        var address = text[...]
        if let open = text.lastIndex(of: "<") {
            guard text.hasSuffix(">") else { return nil }
            name = text[..<open]
            address = text[text.index(after: open)...].dropLast()
        }
        let parts = address.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty,
            !address.contains(where: { $0 == " " || $0 == "<" || $0 == ">" || $0 == "," })
        else { return nil }
        while name.last == " " { name.removeLast() }
        while name.first == " " { name.removeFirst() }
        let isQuoted = name.count >= 2 && name.first == "\"" && name.last == "\""
        let shown = isQuoted ? Self.unquoted(name.dropFirst().dropLast()) : String(name)
        self.init(name: shown.isEmpty ? nil : shown, address: String(address))
    }

    /// What a quoted string says: a backslash stands before a character that is meant literally (RFC 5322, 3.2.4).
    private static func unquoted(_ text: Substring) -> String {
        var result = ""
        var isLiteral = false
        for character in text {
            if character == "\\", !isLiteral {
                isLiteral = true
            } else {
                result.append(character)
                isLiteral = false
            }
        }
        return result
    }
}
