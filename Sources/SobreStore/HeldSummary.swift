public import SobreModel

/// Why deliveries are held, counted over a part of the queue or over all of it.
public struct HeldSummary: Hashable, Sendable {
    /// What is counted together.
    public struct Key: Hashable, Sendable {
        /// A ``HoldReason`` by its name.
        public var reason: String
        /// The template, for `render_failed`; nil for other reasons.
        public var template: String?

        public init(reason: String, template: String? = nil) {
            self.reason = reason
            self.template = template
        }
    }

    /// One reason, or one template that cannot be rendered.
    public struct Item: Hashable, Sendable {
        public var count: Int
        /// The words of one of them.
        public var detail: String

        public init(count: Int, detail: String) {
            self.count = count
            self.detail = detail
        }
    }

    public var items: [Key: Item]

    public init(items: [Key: Item] = [:]) { self.items = items }

    /// Counts one more delivery.
    public mutating func add(_ key: Key, detail: String) {
        items[key, default: Item(count: 0, detail: detail)].count += 1
    }

    /// Adds the counts of another part of the queue.
    public mutating func add(_ other: HeldSummary) {
        for (key, item) in other.items { items[key, default: Item(count: 0, detail: item.detail)].count += item.count }
    }

    /// The deliveries that cannot be rendered, by template, most first.
    public var unrenderable: [(template: String, item: Item)] {
        items.compactMap { key, item in
            key.reason == HoldReason.renderFailed.rawValue ? key.template.map { ($0, item) } : nil
        }.sorted { ($1.item.count, $0.template) < ($0.item.count, $1.template) }
    }
}

/// A place in the queue, from which counting goes on. Opaque to everybody but the store that made it.
public struct QueuePlace: Hashable, Sendable {
    public var parts: [Int64]

    public init(parts: [Int64]) { self.parts = parts }
}

/// The summary of a part of the queue.
public struct HeldPage: Hashable, Sendable {
    public var summary: HeldSummary
    /// Where the next part begins; nil: this was the last one.
    public var next: QueuePlace?

    public init(summary: HeldSummary, next: QueuePlace?) {
        self.summary = summary
        self.next = next
    }
}

extension LogStore {
    /// Why deliveries are held, over the whole queue, in bounded steps between which other reads run.
    ///
    /// - Parameter step: rows of the queue at a time.
    /// - Returns: the summary. What changes meanwhile is counted once, twice or not at all.
    /// - Throws: `StoreError` when the store cannot be read.
    public func heldSummary(step: Int = 5_000) async throws(StoreError) -> HeldSummary {
        // Usually nothing is held, and the whole queue need not be read to say so.
        guard try await totals()[.held] ?? 0 > 0 else { return HeldSummary() }
        var summary = HeldSummary()
        var place: QueuePlace?
        repeat {
            let page = try await held(after: place, limit: step)
            summary.add(page.summary)
            place = page.next
            await Task.yield()
        } while place != nil
        return summary
    }
}
