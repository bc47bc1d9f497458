import SobreModel
public import SobreSandbox

/// The results of the demonstration for marketers, in at most 80 columns.
public struct DemoSummary {
    let tally: DemoTally
    let without: WeeklyHistogram
    let with: WeeklyHistogram

    public init(tally: DemoTally, sends: [Journey.Send], received: ReceivedMessages) {
        self.tally = tally
        var without = WeeklyHistogram()
        for send in sends { without.add(person: send.recipient, at: send.at, count: send.deliveries) }
        var with = WeeklyHistogram()
        for message in received.accepted {
            with.add(person: message.person ?? message.to, at: Instant(milliseconds: message.instant))
        }
        self.without = without
        self.with = with
    }

    public func lines() -> [String] { campaigns() + [""] + why() + [""] + histogram() }

    private func campaigns() -> [String] {
        var lines = ["What each campaign requested, and what people got", ""]
        lines.append(
            Self.left("campaign", 17)
                + (["requested"] + channels.map(\.description) + ["dropped", "other"]).map { Self.right($0, 10) }
                .joined())
        for (name, row) in tally.campaigns.sorted(by: { $0.key < $1.key }) { lines.append(line(name, row)) }
        lines.append(line("all", tally.total))
        return lines
    }

    /// The channels with sent messages.
    private var channels: [Channel] { Channel.allCases.filter { tally.total.sentByChannel[$0] != nil } }

    private func line(_ name: String, _ row: DemoTally.Row) -> String {
        let other = row.requested - row[.sent] - row[.dropped]
        let numbers = [row.requested] + channels.map { row.sentByChannel[$0] ?? 0 } + [row[.dropped], other]
        return Self.left(name, 17) + numbers.map { Self.right(String($0), 10) }.joined()
    }

    private func why() -> [String] {
        var lines = ["Why the others were not sent (holds before the final outcome: \(tally.holds))", ""]
        for (state, reasons) in tally.reasons.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            for (reason, count) in reasons.sorted(by: { ($1.value, $0.key) < ($0.value, $1.key) }) {
                let words = reason == state.description || reason.isEmpty ? "" : reason
                lines.append(Self.left(state.description, 12) + Self.left(words, 26) + Self.right(String(count), 8))
            }
        }
        return lines
    }

    private func histogram() -> [String] {
        let buckets = 8
        let (before, after) = (without.counts(buckets: buckets), with.counts(buckets: buckets))
        let most = max((before + after).max() ?? 1, 1)
        var lines = ["Number of weeks by contacts per person and week", ""]
        lines.append(Self.left("contacts", 10) + Self.left("without Sobre", 34) + "with Sobre")
        for bucket in 0..<buckets {
            let name = bucket == buckets - 1 ? "\(buckets) or more" : "\(bucket + 1)"
            lines.append(
                Self.left(name, 10) + Self.left(Self.bar(before[bucket], most), 34) + Self.bar(after[bucket], most))
        }
        lines.append("The most in one week for one person: \(without.most) without, \(with.most) with.")
        return lines
    }

    private static func bar(_ count: Int, _ most: Int) -> String {
        let length = count == 0 ? 0 : max(1, count * 24 / most)
        return String(repeating: "█", count: length) + (length > 0 ? " " : "") + String(count)
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    private static func right(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(1, width - text.count)) + text
    }
}
