internal import JSON

/// What a query needs to read the record outside the event loop: the positions of the newest matches, and how much of
/// the file is not in the index.
struct RecordSnapshot: Sendable {
    fileprivate let descriptor: Int32
    fileprivate let path: String
    fileprivate let query: MessageQuery
    /// Newest first.
    fileprivate let places: [Place]
    /// The end of the part of the file that is no longer in the index; 0 if it need not be read.
    fileprivate let unindexedEnd: Int

    fileprivate struct Place: Sendable {
        let offset: Int
        let length: Int
        let isUnanswered: Bool
    }

    /// The matching messages, newest first. Blocks on the file. The query's limit bounds the memory.
    func read() throws(SandboxError) -> [ReceivedMessage] {
        var found: [ReceivedMessage] = []
        for place in places where found.count < query.limit {
            // Two texts may have the same hash, and a reset may have emptied the file meanwhile, so check the row
            // itself.
            let bytes = try readBytes(descriptor, path: path, at: place.offset, count: place.length)
            guard case .message(var message)? = try? RecordLine(parsing: bytes[...]), query.matches(message) else {
                continue
            }
            if place.isUnanswered { message.answered = false }
            found.append(message)
        }
        if found.count < query.limit, unindexedEnd > 0 {
            found += try readUnindexed(limit: query.limit - found.count)
        }
        return found
    }

    /// Scans the part of the file that is not in the index and keeps the last `limit` matches.
    private func readUnindexed(limit: Int) throws(SandboxError) -> [ReceivedMessage] {
        var reader = RecordReader(descriptor: descriptor, path: path, to: unindexedEnd)
        var newest: [ReceivedMessage] = []
        while let line = try reader.next() {
            switch try? RecordLine(parsing: line.bytes) {
            case .message(let message) where query.matches(message):
                newest.append(message)
                if newest.count >= 2 * limit { newest.removeFirst(newest.count - limit) }
            case .unanswered(let seq):
                if let place = newest.lastIndex(where: { $0.seq == seq }) { newest[place].answered = false }
            default:
                continue
            }
        }
        return newest.suffix(limit).reversed()
    }
}

extension ReceivedLog {
    /// Prepares a query. It sees only flushed rows.
    func snapshot(_ query: MessageQuery) -> RecordSnapshot {
        let hash = query.person.map(foldedHash) ?? 0
        var places: [RecordSnapshot.Place] = []
        index.newestFirst { entry in
            if query.matches(entry, hash: hash) { places.append(RecordSnapshot.Place(entry)) }
            return places.count < query.limit
        }
        let unindexedEnd = places.count < query.limit && (index.first?.seq ?? 1) > 1 ? index.first?.offset ?? 0 : 0
        return RecordSnapshot(
            descriptor: descriptor, path: path, query: query, places: places, unindexedEnd: unindexedEnd)
    }

    /// Prepares reading one message. If it is no longer in the index, the older part of the file is scanned for it.
    func snapshot(seq: Int) -> SingleSnapshot {
        let place = index.place(ofSeq: seq).map { RecordSnapshot.Place(index[$0]) }
        return SingleSnapshot(
            descriptor: descriptor, path: path, seq: seq, place: place,
            unindexedEnd: place == nil ? index.first?.offset ?? 0 : 0)
    }
}

/// What is needed to read one message outside the event loop.
struct SingleSnapshot: Sendable {
    fileprivate let descriptor: Int32
    fileprivate let path: String
    fileprivate let seq: Int
    fileprivate let place: RecordSnapshot.Place?
    fileprivate let unindexedEnd: Int

    /// The message, or nil if there is none with this number. Blocks on the file.
    func read() throws(SandboxError) -> ReceivedMessage? {
        if let place {
            let bytes = try readBytes(descriptor, path: path, at: place.offset, count: place.length)
            guard case .message(var message)? = try? RecordLine(parsing: bytes[...]), message.seq == seq else {
                return nil
            }
            if place.isUnanswered { message.answered = false }
            return message
        }
        var reader = RecordReader(descriptor: descriptor, path: path, to: unindexedEnd)
        var found: ReceivedMessage?
        while let line = try reader.next() {
            switch try? RecordLine(parsing: line.bytes) {
            case .message(let message) where message.seq == seq: found = message
            case .unanswered(let number) where number == seq: found?.answered = false
            default: continue
            }
        }
        return found
    }
}

extension RecordSnapshot.Place {
    fileprivate init(_ entry: MessageIndex.Entry) {
        self.init(offset: entry.offset, length: Int(entry.length), isUnanswered: entry.isUnanswered)
    }
}
