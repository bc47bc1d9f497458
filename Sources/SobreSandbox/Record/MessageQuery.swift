import Text

/// Which messages to list, newest first.
public struct MessageQuery: Sendable, Equatable {
    /// Only messages to this recipient or address; ASCII letters are compared without case.
    public var person: String?
    /// Only messages of this channel.
    public var channel: ReceivedMessage.Channel?
    /// At most this many, from 1 to ``maxLimit``.
    public var limit: Int

    /// The largest limit of one query.
    public static let maxLimit = 10_000

    /// A query. A limit outside its range is clamped.
    public init(person: String? = nil, channel: ReceivedMessage.Channel? = nil, limit: Int = 100) {
        self.person = person
        self.channel = channel
        self.limit = min(max(limit, 1), Self.maxLimit)
    }

    func matches(_ message: ReceivedMessage) -> Bool {
        if let channel, message.channel != channel { return false }
        guard let person else { return true }
        return person.equalsIgnoringASCIICase(message.to)
            || message.person.map { person.equalsIgnoringASCIICase($0) } ?? false
    }

    func matches(_ entry: MessageIndex.Entry, hash: UInt64) -> Bool {
        if let channel, entry.channel != channel { return false }
        return person == nil || entry.person == hash || entry.address == hash
    }
}
