import SobreModel
import Testing

@Suite("Message ids")
struct MessageIDTests {
    @Test("Ids only grow, also when the clock steps back or stands still")
    func grow() {
        var generator = MessageIDGenerator(after: nil)
        var last = MessageID(rawValue: 0)
        for step in 0..<10_000 {
            let now = Instant(milliseconds: 1_700_000_000_000 + Int64(step % 3) - Int64(step / 5000) * 86_400_000)
            let next = generator.next(at: now)
            #expect(next > last)
            last = next
        }
        var later = MessageIDGenerator(after: last)
        #expect(later.next(at: .epoch) > last)
    }

    @Test("A delivery's id names its message and its slot, in numbers and in text")
    func slots() throws {
        var generator = MessageIDGenerator(after: nil)
        let message = generator.next(at: Instant(milliseconds: 1_760_000_000_123))
        for slot in 0..<16 {
            let delivery = message.delivery(slot)
            #expect(delivery.message == message && delivery.slot == slot)
            let read = try #require(DeliveryID(delivery.description))
            #expect(read == delivery)
            #expect(MessageID(delivery.description.uppercased()) == message)
        }
        #expect(message.createdAt == Instant(milliseconds: 1_760_000_000_123))
        #expect(message.description.utf8.count == 13)
    }

    @Test(
        "What is no id is refused",
        arguments: ["", "abc", "01jd3v8k6m1r!", "zzzzzzzzzzzzz", "01jd3v8k6m1r00", "ilou000000000"])
    func refuses(text: String) { #expect(MessageID(text) == nil) }
}
