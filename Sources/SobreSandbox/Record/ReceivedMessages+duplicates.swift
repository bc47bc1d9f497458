extension ReceivedMessages {
    /// One message that was accepted more than once.
    public struct Duplicate: Sendable, Equatable {
        /// The reference that its copies share.
        public let reference: String
        /// The address that received them.
        public let to: String
        /// The accepted copies in order of arrival, at least two.
        public let copies: [ReceivedMessage]

        /// Whether every copy after the first was marked as a possible duplicate.
        public var isFlagged: Bool { copies.dropFirst().allSatisfy(\.possibleDuplicate) }
    }

    /// The duplicates of one reference, one for each address that received more than one accepted copy.
    public func duplicates(ofReference reference: String) -> [Duplicate] {
        duplicates { $0.reference == reference }
    }

    /// All messages accepted more than once at one address under one reference.
    ///
    /// The reference is the sender's id of the message (`X-Sobre-Id`, `sobre_id`, `webhook-id`, `Message-ID`).
    /// Messages without one cannot be checked; see ``unreferenced``.
    ///
    /// - Parameter isIncluded: which messages to check; all by default.
    /// - Returns: the duplicates in the order of their first copies; empty if there are none.
    public func duplicates(where isIncluded: (ReceivedMessage) -> Bool = { _ in true }) -> [Duplicate] {
        struct Key: Hashable {
            let reference: String
            let channel: ReceivedMessage.Channel
            let to: String
        }
        var copies: [Key: [ReceivedMessage]] = [:]
        var order: [Key] = []
        for message in messages where message.accepted && isIncluded(message) {
            guard let reference = message.reference else { continue }
            let key = Key(reference: reference, channel: message.channel, to: message.to)
            if copies[key] == nil { order.append(key) }
            copies[key, default: []].append(message)
        }
        return order.compactMap { key in
            guard let found = copies[key], found.count > 1 else { return nil }
            return Duplicate(reference: key.reference, to: key.to, copies: found)
        }
    }

    /// The accepted messages whose sender gave no reference.
    public var unreferenced: [ReceivedMessage] { messages.filter { $0.accepted && $0.reference == nil } }
}
