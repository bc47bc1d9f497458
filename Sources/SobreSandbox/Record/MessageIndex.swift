/// The positions of the newest messages in the record file: 40 bytes each in a ring of fixed capacity.
struct MessageIndex {
    /// One message's position and the values that queries filter by.
    struct Entry {
        var seq: Int
        var offset: Int
        var length: Int32
        var channel: ReceivedMessage.Channel
        /// Set if the client had disconnected before the answer.
        var isUnanswered: Bool
        var person: UInt64
        var address: UInt64
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var oldest = 0

    init(capacity: Int) {
        self.capacity = capacity
    }

    var count: Int { entries.count }

    /// The oldest entry held, if any.
    var first: Entry? { entries.isEmpty ? nil : entries[oldest] }

    mutating func append(_ entry: Entry) {
        if entries.count < capacity {
            entries.append(entry)
        } else {
            entries[oldest] = entry
            oldest = (oldest + 1) % capacity
        }
    }

    mutating func removeAll() {
        entries.removeAll()
        oldest = 0
    }

    /// The position of a message; nil if it is not in the index. Sequence numbers have no gaps.
    func place(ofSeq seq: Int) -> Int? {
        guard let first, seq >= first.seq, seq < first.seq + entries.count else { return nil }
        return (oldest + seq - first.seq) % entries.count
    }

    subscript(place: Int) -> Entry { entries[place] }

    mutating func markUnanswered(seq: Int) {
        if let place = place(ofSeq: seq) { entries[place].isUnanswered = true }
    }

    /// Visits the entries newest first, while `body` returns true.
    func newestFirst(_ body: (Entry) -> Bool) {
        for back in 0..<entries.count {
            let place = (oldest + entries.count - 1 - back) % entries.count
            guard body(entries[place]) else { return }
        }
    }
}
