import SobreModel
import YAMLDocument

extension PolicyReader {
    /// A selector; nothing selects everything.
    mutating func selector(_ value: YAMLValue?) throws(YAMLError) -> Selector {
        var selector = Selector()
        guard let value else { return selector }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: [
            "channel", "category", "campaign", "journey", "topic", "template", "tenant", "tags",
        ])
        if let channels = mapping["channel"] {
            selector.channels = 0
            for channel in channels.listOrOne { selector.channels |= 1 << (try self.channel(channel)).rawValue }
        }
        for value in mapping["category"]?.listOrOne ?? [] {
            let name = try value.string()
            guard categoryNames.contains(name) else { throw value.unknownName(name, known: categoryNames) }
            selector.categories.append(symbol(name))
        }
        selector.campaigns = try symbols(mapping, "campaign")
        selector.journeys = try symbols(mapping, "journey")
        selector.topics = try symbols(mapping, "topic")
        selector.templates = try symbols(mapping, "template")
        selector.tenants = try symbols(mapping, "tenant")
        try readTags(mapping["tags"], into: &selector)
        selector.seal()
        return selector
    }

    private mutating func readTags(_ value: YAMLValue?, into selector: inout Selector) throws(YAMLError) {
        guard let value else { return }
        guard case .mapping = value.content else {
            selector.anyTags = try value.strings().map { symbol($0) }
            return
        }
        let tags = try value.mapping()
        try tags.checkKeys(known: ["any", "all", "none"])
        selector.anyTags = try symbols(tags, "any")
        selector.allTags = try symbols(tags, "all")
        selector.noTags = try symbols(tags, "none")
    }

    private func channel(_ value: YAMLValue) throws(YAMLError) -> Channel {
        let name = try value.string()
        guard let channel = Channel(name: name) else {
            throw value.unknownName(name, known: Channel.allCases.map(\.description))
        }
        return channel
    }

    private mutating func symbols(_ mapping: YAMLMapping, _ key: String) throws(YAMLError) -> [Symbol] {
        try mapping.strings(key).map { symbol($0) }
    }

    mutating func symbol(_ name: String) -> Symbol {
        let symbol = Symbol(name)
        names[symbol] = name
        return symbol
    }
}
