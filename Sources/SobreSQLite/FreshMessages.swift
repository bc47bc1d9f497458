import SobreModel

/// Messages that were accepted a moment ago, so that the claim need not read them from the table and decode them.
///
/// A message is kept until it is claimed. While the cache is full, further ones are not kept: those that came first are
/// claimed first. What is not found here is read from the table.
struct FreshMessages {
    /// In bytes.
    private let capacity: Int
    private var size = 0
    private var messages: [MessageID: (message: Message, size: Int)] = [:]

    init(capacity: Int) { self.capacity = capacity }

    /// The number of messages in memory.
    var count: Int { messages.count }

    /// Keeps a message with one delivery that is due. One that waits for its time would take the room of others, and files
    /// are read when they are sent.
    mutating func insert(_ message: Message, dueAt: Instant, now: Instant) {
        guard dueAt <= now, message.draft.deliveryCount == 1, message.draft.attachments.isEmpty else { return }
        let size = Self.size(of: message)
        guard self.size + size <= capacity else { return }
        self.size += size
        messages[message.id] = (message, size)
    }

    /// Removes a message and returns it.
    mutating func take(_ id: MessageID) -> Message? {
        if messages.isEmpty { return nil }
        guard let known = messages.removeValue(forKey: id) else { return nil }
        size -= known.size
        return known.message
    }

    /// Must be called when a message will not be claimed, or its row changes.
    mutating func remove(_ id: MessageID) { _ = take(id) }

    mutating func removeAll() {
        messages = [:]
        size = 0
    }

    /// About how many bytes a message takes: its fields, its texts, and what the allocations and the dictionary add.
    private static func size(of message: Message) -> Int {
        // Each field is read in place: a copy of the draft would count references to all its texts.
        var size = MemoryLayout<MessageDraft>.stride + 256 + message.draft.data.count
        size += message.draft.recipient.utf8.count + message.draft.template.utf8.count
        size += message.draft.category.utf8.count + (message.draft.campaign?.utf8.count ?? 0)
        size += (message.draft.journey?.utf8.count ?? 0) + (message.draft.topic?.utf8.count ?? 0)
        size += (message.draft.dedupKey?.utf8.count ?? 0) + (message.draft.tenant?.utf8.count ?? 0)
        for text in message.draft.tags { size += MemoryLayout<String>.stride + text.utf8.count }
        return size
    }
}
