import JSON
import SobreModel
import SobreStore
import Testing

import SobreViews
import TerminalOutput

@Suite("A person's timeline") struct TimelineTests {
    private static let plain = Terminal(isInteractive: false, usesColour: false, width: 80)
    private static let wide = Terminal(isInteractive: false, usesColour: false, width: 200)
    private static let noon = Instant(rfc3339: "2026-03-02T12:00:00Z")!

    private func item(_ number: Int64, at: Instant, told: Instant) -> TimelineItem {
        let message = Message(
            id: MessageID(rawValue: number << 21), acceptedAt: at,
            draft: MessageDraft(recipient: "ann", template: "offer", channels: [.sms]))
        var entry = LogEntry(delivery: message.id.delivery(0), at: told, state: .sent)
        entry.channel = .sms
        return TimelineItem(message: message, last: [entry])
    }

    private var timeline: Timeline {
        let consent = Consent(
            category: "news", channel: .email, granted: false, at: Self.noon + .seconds(60), source: "phone",
            evidence: "call 17")
        return Timeline(
            items: [
                item(2, at: Self.noon + .seconds(180), told: Self.noon + .seconds(180)),
                item(1, at: Self.noon, told: Self.noon),
            ],
            consents: [
                ConsentRecord(sequence: 1, recipient: "ann", consent: consent, recordedAt: Self.noon + .seconds(600))
            ],
            suppressions: [
                stop(.set, "SMS: Stop", at: Self.noon + .seconds(120), sequence: 1)
            ])
    }

    private func stop(
        _ change: SuppressionRecord.Change, _ words: String, at: Instant, sequence: Int64
    ) -> SuppressionRecord {
        let suppression = Suppression(
            subject: .recipient("ann"), label: "+120…01", reason: .stopKeyword, source: "sms:twilio", at: at,
            evidence: words)
        return SuppressionRecord(sequence: sequence, change: change, suppression: suppression, recordedAt: at)
    }

    @Test func `what a person said stands between the messages, with its source`() {
        let lines = TimelineView.lines(timeline, terminal: Self.wide)
        #expect(lines.count == 5)
        #expect(
            lines.dropFirst().map { String($0.prefix(16)) } == [
                "2026-03-02 12:00", "2026-03-02 12:01", "2026-03-02 12:02", "2026-03-02 12:03",
            ])
        #expect(lines[2].contains("refused") && lines[2].contains("phone: call 17"))
        #expect(lines[3].contains("stopped") && lines[3].contains("stop_keyword"))
        let narrow = TimelineView.lines(timeline, terminal: Self.plain)
        for line in narrow { #expect(TextWidth.of(line) <= 80, "\(line)") }
        #expect(narrow.count > 5)
        #expect(narrow.joined().filter { $0 != " " }.contains("stop_keyword:+120…01,sms:twilio:SMS:Stop"), "\(narrow)")
        var timeline = timeline
        #expect(lines[3].contains("  all  "))
        timeline.channels[.recipient("ann")] = .sms
        let wide = TimelineView.lines(timeline, terminal: Self.wide)
        #expect(wide[3].contains("  sms  "))
        #expect(wide[3].hasSuffix("stop_keyword: +120…01, sms:twilio: SMS: Stop"))
    }

    @Test func `what holds for the person and the address alike is told once`() {
        var timeline = Timeline(items: [])
        let mailbox = Address(channel: .email, value: "ann@example.com").subject
        timeline.channels[mailbox] = .email
        for (subject, label) in [(mailbox, "address 7f"), (.recipient("ann"), "ann")] {
            let suppression = Suppression(
                subject: subject, label: label, reason: .unsubscribed, channel: .email, category: "marketing",
                source: "link", at: Self.noon)
            timeline.suppressions.append(
                SuppressionRecord(
                    sequence: Int64(timeline.suppressions.count), change: .set, suppression: suppression,
                    recordedAt: Self.noon + .seconds(Int64(timeline.suppressions.count))))
        }
        let lines = TimelineView.lines(timeline, terminal: Self.wide)
        #expect(lines.count == 2 && lines[1].hasSuffix("unsubscribed: ann, link"), "\(lines)")
        timeline.suppressions[0].suppression.at = Self.noon + .seconds(1)
        #expect(TimelineView.lines(timeline, terminal: Self.wide).count == 3)
    }

    @Test func `STOP, START and STOP again are three rows in their order, also within one second`() {
        var timeline = Timeline(items: [])
        timeline.channels[.recipient("ann")] = .sms
        timeline.suppressions = [
            stop(.set, "SMS: Stop", at: Self.noon, sequence: 1),
            stop(.lifted, "SMS: START", at: Self.noon, sequence: 2),
            stop(.set, "SMS: Stop", at: Self.noon, sequence: 3),
        ]
        let lines = TimelineView.lines(timeline, terminal: Self.wide).dropFirst()
        #expect(
            lines.map { $0.split(separator: " ").dropFirst(5).joined(separator: " ") } == [
                "stopped stop_keyword: +120…01, sms:twilio: SMS: Stop",
                "lifted stop_keyword: +120…01, sms:twilio: SMS: START",
                "stopped stop_keyword: +120…01, sms:twilio: SMS: Stop",
            ])
    }

    @Test func `as JSON the same in the same order`() throws {
        let lines = try timeline.json().split(separator: 0x0A).map { try JSONDocument.parse(Array($0)).root }
        #expect(lines.count == 4)
        #expect(lines[0]["id"]?.string == MessageID(rawValue: 1 << 21).description)
        #expect(lines[1]["consent"]?["evidence"]?.string == "call 17")
        #expect(lines[2]["suppression"]?["reason"]?.string == "stop_keyword")
        #expect(lines[2]["suppression"]?["change"]?.string == "set")
        #expect(lines[2]["suppression"]?["evidence"]?.string == "SMS: Stop")
        #expect(lines[3]["accepted_at"]?.string == "2026-03-02T12:03:00Z")
    }
}
