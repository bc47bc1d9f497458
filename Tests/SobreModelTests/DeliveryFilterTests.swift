import SobreModel
import Testing

@Suite("Filters of deliveries")
struct DeliveryFilterTests {
    private static let message = MessageDraft(
        recipient: "ann", template: "sale", campaign: "spring", journey: "welcome", category: "marketing",
        channels: [.email, .sms], tenant: "north")

    @Test("a filter without values matches every delivery")
    func matchesAll() {
        #expect(DeliveryFilter.all.isAll)
        #expect(DeliveryFilter.all.matches(Self.message, on: .sms, through: nil))
        #expect(DeliveryFilter.all.description == "everything")
    }

    @Test(
        "each part matches its own value and no other",
        arguments: [
            (DeliveryFilter.Part.campaign, "spring", "autumn"), (.category, "marketing", "transactional"),
            (.channel, "sms", "email"), (.journey, "welcome", "win-back"), (.provider, "twilio", "vonage"),
            (.template, "sale", "receipt"), (.tenant, "north", "south"),
        ])
    func matchesPart(part: DeliveryFilter.Part, own: String, other: String) {
        var filter = DeliveryFilter()
        #expect(filter.set(part, to: own, atMost: 64) == nil)
        #expect(filter[part] == own)
        #expect(!filter.isAll)
        #expect(filter.matches(Self.message, on: .sms, through: "twilio"))
        #expect(filter.set(part, to: other, atMost: 64) == nil)
        #expect(!filter.matches(Self.message, on: .sms, through: "twilio"))
    }

    @Test("all values of a filter must match")
    func matchesEveryPart() {
        let filter = DeliveryFilter(campaign: "spring", channel: .sms)
        #expect(filter.matches(Self.message, on: .sms, through: nil))
        #expect(!filter.matches(Self.message, on: .email, through: nil))
        #expect(filter.matches(Self.message))
        #expect(filter.description == "campaign spring, channel sms")
    }

    @Test("a value that a message lacks does not match")
    func missingValue() {
        var message = Self.message
        message.campaign = nil
        message.tenant = nil
        #expect(!DeliveryFilter(campaign: "spring").matches(message))
        #expect(!DeliveryFilter(tenant: "north").matches(message))
        #expect(!DeliveryFilter(provider: "twilio").matches(message, on: .sms, through: nil))
    }

    @Test("the case of a category does not matter, that of a campaign does")
    func caseOfNames() {
        #expect(DeliveryFilter(category: "Marketing").matches(Self.message))
        #expect(!DeliveryFilter(campaign: "Spring").matches(Self.message))
    }

    @Test("a channel that does not exist and a name with a line break are refused with the reason")
    func invalidValues() {
        var filter = DeliveryFilter()
        #expect(
            filter.set(.channel, to: "fax", atMost: 64)
                == "There is no channel of this name. The channels are: email, sms, push, whatsapp, chat.")
        #expect(
            filter.set(.campaign, to: "a\nb", atMost: 64)
                == "The text contains a control character such as a line break.")
        #expect(filter.set(.campaign, to: "abcde", atMost: 4) == "The text has 5 bytes; at most 4 are allowed.")
        #expect(filter.isAll)
    }
}
