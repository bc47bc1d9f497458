import SobreIntake
import SobreModel
import Testing

@Suite("Tokens of links") struct LinkKeysTests {
    private let token = UnsubscribeToken(
        delivery: DeliveryID(rawValue: 123_456_789), person: .recipient("ann"), channel: .sms, category: "newsletter é",
        topic: nil)
    private let keys = LinkKeys(secrets: [Array("one".utf8), Array("two".utf8)])

    @Test func `What was signed is read, by whichever key`() {
        #expect(keys.read(keys.sign(token)) == token)
        #expect(keys.read(LinkKeys(secrets: [Array("two".utf8)]).sign(token)) == token)
        #expect(keys.read(LinkKeys(secrets: [Array("three".utf8)]).sign(token)) == nil)
        var longest = token
        longest.category = String(repeating: "c", count: 255)
        longest.topic = String(repeating: "t", count: 255)
        #expect(keys.read(keys.sign(longest)) == longest)
    }

    @Test func `No other text is read: each character counts, and there is one spelling only`() {
        let good = Array(keys.sign(token))
        let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        for place in good.indices {
            for letter in letters where letter != good[place] {
                var other = good
                other[place] = letter
                #expect(keys.read(String(other)) == nil)
            }
        }
        for text in ["", "=", String(good) + "=", String(good) + "AA", String(good.dropLast(4)), "é"] {
            #expect(keys.read(text) == nil)
        }
    }
}
