import JSON
import SobreModel
import SobreStore
import SobreWire
import Testing

@Suite("The JSON of an event") struct EventFormTests {
    private static let caps = #"""
        {"verdict":"drop","reason":"frequency_capped","step":"caps","steps":[{"step":"expiry","passes":true}],"channels":[
        {"channel":"sms","steps":[{"step":"caps","passes":false,"rules":[{"rule":"other","passes":false}]}]},
        {"channel":"email","steps":[{"step":"caps","passes":false,"rules":[
        {"rule":"daily","passes":true,"filled_by":[{"delivery":"no"}]},
        {"rule":"weekly","passes":false,"free_at":"2026-01-03T00:00:00.000Z","filled_by":[{"delivery":"b"},{"delivery":"a"}]},
        {"rule":"monthly","passes":false,"free_at":"2026-01-09T00:00:00.000Z","filled_by":[{"delivery":"b"},{"delivery":"c"}]}
        ]}]}]}
        """#
    private static let duplicate = #"""
        {"verdict":"hold","step":"duplicate","channels":[{"channel":"email","steps":[
        {"step":"duplicate","passes":false,"rule":"once","waits_for":{"delivery":"a"}}]}]}
        """#
    private static let pause = #"""
        {"verdict":"hold","step":"operator_pause","steps":[{"step":"operator_pause","passes":false,"pause":7}]}
        """#
    private static let never = #"""
        {"verdict":"drop","step":"caps","channels":[{"channel":"email","steps":[{"step":"caps","passes":false,"rules":[
        {"rule":"weekly","passes":false,"free_at":"2026-01-03T00:00:00.000Z"},
        {"rule":"ever","passes":false,"free_at":"never"}]}]}]}
        """#
    private static let quiet = #"""
        {"verdict":"drop","step":"quiet_hours","channels":[{"channel":"email","steps":[
        {"step":"quiet_hours","passes":false,"rule":"night","until":"2026-01-02T08:00:00.000Z"}]}]}
        """#

    private static func entry(
        _ state: DeliveryState, _ explanation: String?, channel: Channel? = .email, dueAt: Instant? = nil
    ) -> LogEntry {
        LogEntry(
            sequence: 9, delivery: MessageID(rawValue: 1 << 30).delivery(0), at: .epoch, state: state,
            reason: "frequency_capped", channel: channel, dueAt: dueAt, explanation: explanation.map { Array($0.utf8) })
    }

    private static func json(_ entry: LogEntry, _ address: Address? = nil) throws -> JSONRef {
        let row = LogRow(
            cursor: try #require(LogCursor("9")), entry: entry, recipient: "ann", template: "t", campaign: nil,
            category: "marketing")
        var writer = JSONWriter()
        Wire.write(row, previous: LogCursor("7"), address: address, to: &writer)
        return try JSONDocument.parse(writer.take()).root
    }

    @Test func `One that was not sent says which rule, what fills it and when there is room in all that are full`()
        throws
    {
        let event = try Self.json(Self.entry(.dropped, Self.caps))
        #expect(event["step"]?.string == "caps" && event["rule"]?.string == "weekly")
        #expect(event["blocked_by"]?.elements.map(\.string) == ["b", "a", "c"])
        #expect(event["next_slot_at"]?.string == "2026-01-09T00:00:00Z")
        #expect(event["pause"] == nil)
        let sms = try Self.json(Self.entry(.dropped, Self.caps, channel: .sms))
        #expect(sms["rule"]?.string == "other" && sms["blocked_by"] == nil && sms["next_slot_at"] == nil)
    }

    @Test func `One that is held names what it waits for, and when it is looked at again`() throws {
        let due = Instant(milliseconds: 5_000)
        let waits = try Self.json(Self.entry(.held, Self.duplicate, dueAt: due))
        #expect(waits["rule"]?.string == "once" && waits["blocked_by"]?.elements.map(\.string) == ["a"])
        #expect(waits["next_slot_at"]?.string == due.rfc3339)
        let paused = try Self.json(Self.entry(.held, Self.pause))
        #expect(paused["pause"]?.int == 7 && paused["next_slot_at"] == nil && paused["rule"] == nil)
        #expect(try Self.json(Self.entry(.dropped, Self.never))["next_slot_at"] == nil)
        #expect(try Self.json(Self.entry(.dropped, Self.quiet))["next_slot_at"]?.string == "2026-01-02T08:00:00Z")
        for text in [nil, "{", "{}"] {
            let bare = try Self.json(Self.entry(.dropped, text))
            #expect(bare["step"] == nil && bare["rule"] == nil && bare["blocked_by"] == nil)
        }
    }

    @Test func `Its id is the same wherever it is sent, and an address is in it only when it is asked for`() throws {
        let entry = Self.entry(.sent, nil)
        let event = try Self.json(entry)
        #expect(event["id"]?.string == "\(entry.delivery).9")
        #expect(event["cursor"]?.string == "9" && event["previous"]?.string == "7" && event["address"] == nil)
        let address = Address(channel: .email, value: "ann@example.com")
        #expect(try Self.json(entry, address)["address"]?.string == "ann@example.com")
    }
}
