import Text

extension ReceivedMessages {
    /// A window in which a recipient got more messages than the cap allows.
    public struct CapViolation: Sendable, Equatable {
        /// The recipient, or `channel:address` if the sender named none.
        public let person: String
        /// The first instant of the window, in milliseconds since the Unix epoch.
        public let from: Int64
        /// The accepted messages in the window, by time; more than the limit.
        public let messages: [ReceivedMessage]
    }

    /// Every window in which a recipient got more than `limit` accepted messages, over all channels.
    ///
    /// A window is `[x, x + windowMilliseconds)` for every instant x, by each record's ``ReceivedMessage/instant``,
    /// which is virtual if a clock was set. Each violation begins at a message and contains all messages of its window.
    /// A window that adds no message to the previous violation is omitted.
    ///
    /// - Parameters:
    ///   - limit: The number allowed, from 0.
    ///   - windowMilliseconds: The length of the window, at least 1.
    ///   - category: Only messages of this category, such as `marketing`. Nil means all. Messages without a category
    ///     are checked too, so that a sender cannot evade the check by omitting it. See ``uncategorized``.
    ///   - holders: The other profiles that hold the address of a message. It counts for each of them too.
    /// - Returns: The violations by recipient, then by time. Empty if the cap held.
    public func capViolations(
        limit: Int, windowMilliseconds: Int64, category: String? = nil,
        holders: (ReceivedMessage) -> [String] = { _ in [] }
    ) -> [CapViolation] {
        capViolations(limit: limit, windowMilliseconds: windowMilliseconds, holders: holders) { message in
            category == nil || message.category == nil || message.category == category
        }
    }

    /// Like ``capViolations(limit:windowMilliseconds:category:)``, for the messages for which `isCounted` is true.
    public func capViolations(
        limit: Int, windowMilliseconds: Int64, holders: (ReceivedMessage) -> [String] = { _ in [] },
        where isCounted: (ReceivedMessage) -> Bool
    ) -> [CapViolation] {
        precondition(limit >= 0 && windowMilliseconds > 0, "A cap has a limit from 0 and a window of at least 1 ms.")
        var byPerson: [String: [ReceivedMessage]] = [:]
        for message in messages where message.accepted && isCounted(message) {
            for person in [message.personKey] + holders(message) { byPerson[person, default: []].append(message) }
        }
        var violations: [CapViolation] = []
        for (person, received) in byPerson.sorted(by: { $0.key < $1.key }) where received.count > limit {
            let sorted = received.sorted { ($0.instant, $0.seq) < ($1.instant, $1.seq) }
            violations += Self.violations(of: person, sorted, limit: limit, windowMilliseconds)
        }
        return violations
    }

    /// The accepted messages whose sender named no recipient. Their caps can be checked by address only.
    public var unattributed: [ReceivedMessage] { messages.filter { $0.accepted && $0.person == nil } }

    /// The accepted messages whose sender named no category.
    public var uncategorized: [ReceivedMessage] { messages.filter { $0.accepted && $0.category == nil } }

    private static func violations(
        of person: String, _ sorted: [ReceivedMessage], limit: Int, _ window: Int64
    ) -> [CapViolation] {
        var violations: [CapViolation] = []
        var end = 0
        for start in sorted.indices {
            let reportedEnd = end
            while end < sorted.count, sorted[end].instant - sorted[start].instant < window { end += 1 }
            let isNew = violations.isEmpty || end > reportedEnd
            if end - start > limit, isNew {
                violations.append(
                    CapViolation(person: person, from: sorted[start].instant, messages: Array(sorted[start..<end])))
            }
        }
        return violations
    }
}

extension ReceivedMessage {
    /// The subject of a cap: the recipient, or the address if none was named.
    fileprivate var personKey: String {
        person ?? "\(channel.rawValue):\(String(decoding: to.utf8.map { $0.asciiLowercased }, as: UTF8.self))"
    }
}
