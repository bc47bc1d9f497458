public import SobreModel
public import SobreStore

/// The final state of every delivery of the demonstration, from the delivery log.
public struct DemoTally {
    /// One row of the summary.
    public struct Row {
        public var requested = 0
        public var byState: [DeliveryState: Int] = [:]
        public var sentByChannel: [Channel: Int] = [:]

        public mutating func count(_ entry: LogEntry) {
            requested += 1
            byState[entry.state, default: 0] += 1
            if entry.state == .sent, let channel = entry.channel { sentByChannel[channel, default: 0] += 1 }
        }
    }

    public private(set) var campaigns: [String: Row] = [:]
    public private(set) var total = Row()
    /// Deliveries that were not sent, by state and reason.
    public private(set) var reasons: [DeliveryState: [String: Int]] = [:]
    public private(set) var last: [DeliveryID: LogRow] = [:]
    /// The number of holds, whatever the outcome.
    public private(set) var holds = 0

    public init(log store: any LogStore) async throws(StoreError) {
        var after: LogCursor?
        while true {
            let page = try await store.log(LogQuery(direction: .forward(after: after), limit: 1000))
            if page.rows.isEmpty { break }
            after = page.next
            for row in page.rows {
                if row.entry.state == .held { holds += 1 }
                last[row.entry.delivery] = row
            }
        }
        for row in last.values { count(row) }
    }

    private mutating func count(_ row: LogRow) {
        let entry = row.entry
        let campaign = row.campaign ?? row.template
        total.count(entry)
        campaigns[campaign, default: Row()].count(entry)
        if entry.state != .sent { reasons[entry.state, default: [:]][entry.reason, default: 0] += 1 }
    }

    public func count(_ state: DeliveryState) -> Int { total.byState[state] ?? 0 }
}

extension DemoTally.Row {
    public subscript(state: DeliveryState) -> Int { byState[state] ?? 0 }
}
