import SobreModel
import YAMLDocument

extension PolicyReader {
    /// Reads a selector. A missing one selects everything.
    mutating func selector(_ value: YAMLValue?) throws(YAMLError) -> Selector {
        var selector = Selector()
        guard let value else { return selector }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: [
            "channel", "category", "campaign", "journey", "topic", "template", "tenant", "tags",
        ])
        if let channels = mapping["channel"] {
            selector.channels = .none
            for channel in channels.listOrOne { selector.channels.insert(try self.channel(channel)) }
        }
        for value in mapping["category"]?.listOrOne ?? [] {
            let name = try value.string()
            guard categoryNames.contains(name) else { throw value.unknownName(name, known: categoryNames) }
            selector.categories.append(keyHash(name))
        }
        selector.campaigns = try keyHashes(mapping, "campaign")
        selector.journeys = try keyHashes(mapping, "journey")
        selector.topics = try keyHashes(mapping, "topic")
        topicNames.formUnion(try mapping.strings("topic"))
        selector.templates = try keyHashes(mapping, "template")
        selector.tenants = try keyHashes(mapping, "tenant")
        try readTags(mapping["tags"], into: &selector)
        selector.seal()
        return selector
    }

    private mutating func readTags(_ value: YAMLValue?, into selector: inout Selector) throws(YAMLError) {
        guard let value else { return }
        guard case .mapping = value.content else {
            selector.anyTags = try value.strings().map { keyHash($0) }
            return
        }
        let tags = try value.mapping()
        try tags.checkKeys(known: ["any", "all", "none"])
        selector.anyTags = try keyHashes(tags, "any")
        selector.allTags = try keyHashes(tags, "all")
        selector.noTags = try keyHashes(tags, "none")
    }

    private func channel(_ value: YAMLValue) throws(YAMLError) -> Channel {
        let name = try value.string()
        guard let channel = Channel(name: name) else {
            throw value.unknownName(name, known: Channel.names)
        }
        return channel
    }

    private mutating func keyHashes(_ mapping: YAMLMapping, _ key: String) throws(YAMLError) -> [KeyHash] {
        try mapping.strings(key).map { keyHash($0) }
    }

    mutating func keyHash(_ name: String) -> KeyHash {
        let keyHash = KeyHash(name)
        names[keyHash] = name
        return keyHash
    }
}
