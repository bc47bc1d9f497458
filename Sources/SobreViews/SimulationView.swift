import SobreModel
public import SobreSimulation
import SobreSimulationInput
public import TerminalOutput

/// A simulation report as text, in at most 80 columns.
public struct SimulationView {
    public let report: SimulationReport
    public let terminal: Terminal

    public init(_ report: SimulationReport, terminal: Terminal) {
        self.report = report
        self.terminal = terminal
    }

    public func lines() -> [String] {
        var sections = [heading(), campaigns(), channels()]
        sections += [rules("before", report.before), rules("after", report.after), reasons(), weeks(), people()]
        return sections.filter { !$0.isEmpty }.flatMap { $0 + [""] } + closing()
    }

    private func heading() -> [String] {
        var text = Self.count(report.requests, "request", "requests")
        text += " for " + Self.count(report.recipients, "person", "people")
        if let span = report.span { text += ", \(TextTime.day(span.first)) to \(TextTime.day(span.last))" }
        var lines = [text]
        if report.tests > 0 { lines.append("\(report.tests) test messages are not counted.") }
        if report.repeated > 0 {
            lines.append("\(report.repeated) repeated requests (same idempotency key) are not counted.")
        }
        if report.withoutProfile > 0 {
            lines.append("Without a profile: \(report.withoutProfile).")
        }
        return lines + ["before  \(name(report.beforePolicy))", "after   \(name(report.afterPolicy))"]
    }

    private func name(_ policy: SimulationReport.PolicyName) -> String {
        if policy.name == SimulatedPolicy.none { return "no policy: everything is sent" }
        return policy.name + (policy.version.map { ", version \($0)" } ?? "")
    }

    private func title(_ text: String) -> [String] { [Style.strong.paint(text, on: terminal), ""] }

    private func number(_ value: Int) -> Table.Cell { .init(String(value)) }

    private func change(_ before: Int, _ after: Int) -> Table.Cell {
        .init(after > before ? "+\(after - before)" : "\(after - before)")
    }

    private func campaigns() -> [String] {
        let numbers = ["requested", "sent before", "after", "change", "held", "dropped", "expired"]
        var table = Table(
            [.init("campaign", shrinksTo: 10)] + numbers.map { .init($0, alignsRight: true) })
        for (name, before, after) in report.campaigns { add(name, before, after, to: &table) }
        add("all", report.before.total, report.after.total, to: &table)
        return title("What each campaign requested, and what people get") + table.lines(for: terminal)
    }

    private func add(_ name: String, _ before: Tally.Row, _ after: Tally.Row, to table: inout Table) {
        table.add([
            .init(name), number(after.requested), number(before.sent), number(after.sent),
            change(before.sent, after.sent), number(after.held), number(after.dropped),
            number(after.expired + after.waiting),
        ])
    }

    private func channels() -> [String] {
        var table = Table(
            [.init("channel")] + ["sent before", "after", "change"].map { .init($0, alignsRight: true) })
        let (before, after) = (report.before.total, report.after.total)
        for channel in Channel.allCases {
            let (a, b) = (before.sentOn[channel], after.sentOn[channel])
            table.add([.init(channel.description), number(a), number(b), change(a, b)])
        }
        return title("On which channel") + table.lines(for: terminal)
    }

    private func rules(_ side: String, _ tally: Tally) -> [String] {
        guard !tally.rules.isEmpty else { return [] }
        var table = Table(
            [.init("rule", shrinksTo: 16), .init("kind")]
                + ["held", "sent later", "dropped"].map { .init($0, alignsRight: true) })
        for rule in tally.rules {
            table.add([
                .init(rule.name), .init(rule.kind), number(rule.held), number(rule.sentAfterHold), number(rule.dropped),
            ])
        }
        return title("What the rules did \(side)") + table.lines(for: terminal)
    }

    private func reasons() -> [String] {
        let reasons = report.reasons
        guard !reasons.isEmpty else { return [] }
        var table = Table(
            [.init("not sent"), .init("reason")] + ["before", "after"].map { .init($0, alignsRight: true) })
        for row in reasons {
            table.add([.init(row.state), .init(row.reason), number(row.before), number(row.after)])
        }
        return title("Why the others are not sent") + table.lines(for: terminal)
    }

    private func weeks() -> [String] {
        let buckets = 8
        let before = Self.buckets(report.before.weekly.weeks, buckets)
        let after = Self.buckets(report.after.weekly.weeks, buckets)
        let most = (before + after).max() ?? 1
        var lines = title("Number of weeks by contacts per person and week")
        lines.append("contacts  " + Self.left("before", 35) + "after")
        for bucket in 0..<buckets {
            let name = bucket == buckets - 1 ? "\(buckets) or more" : "\(bucket + 1)"
            lines.append(
                Self.left(name, 10) + Self.left(Bar.of(before[bucket], most: most, width: 24), 35)
                    + Bar.of(after[bucket], most: most, width: 24))
        }
        lines.append(
            "The most in one week for one person: \(report.before.weekly.highest) before, "
                + "\(report.after.weekly.highest) after.")
        return lines
    }

    private func people() -> [String] {
        let people = report.people
        var lines = title("Who changes: \(people.changed) of \(report.recipients) people")
        lines.append(
            "\(people.fewer) get fewer messages, \(people.more) more, \(people.others) different ones, "
                + "\(people.onlyTimes) the same at other times.")
        guard !people.most.isEmpty else { return lines }
        var table = Table(
            [.init("person", shrinksTo: 10)]
                + ["sent before", "after", "change", "most a week", "after"].map { .init($0, alignsRight: true) })
        for person in people.most {
            table.add([
                .init(person.id), number(person.sentBefore), number(person.sentAfter),
                change(person.sentBefore, person.sentAfter), number(person.weekBefore), number(person.weekAfter),
            ])
        }
        return lines + [""] + table.lines(for: terminal)
    }

    private func closing() -> [String] {
        let total = report.after.total
        return [
            "Templates were not rendered: fingerprint_window was not evaluated.",
            "simulate: \(total.requested) requested = \(total.sent) sent + \(total.dropped) dropped"
                + " + \(total.expired) expired + \(total.waiting) held",
        ]
    }

    /// Person-weeks with 1, 2, … contacts. The last bucket includes all higher numbers.
    private static func buckets(_ weeks: [Int], _ count: Int) -> [Int] {
        var buckets = Array(repeating: 0, count: count)
        for (contacts, number) in weeks.enumerated() where contacts > 0 { buckets[min(contacts, count) - 1] += number }
        return buckets
    }

    private static func count(_ count: Int, _ one: String, _ many: String) -> String {
        "\(count) \(count == 1 ? one : many)"
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
