import JSON
import SobreModel

/// Invents a profile for each customer of the data: a name, a time zone, addresses and consents. Everything is derived
/// from the customer's id, so every run is the same.
struct DemoPeople {
    private static let firstNames = [
        "Ann", "Ben", "Carla", "David", "Elena", "Farid", "Grace", "Hugo", "Inés", "Jonas", "Kim", "Léa", "Marco",
        "Nora",
        "Omar", "Paula", "Quinn", "Rosa", "Sven", "Tara", "Uma", "Victor", "Wen", "Ximena", "Yann", "Zoë",
    ]
    private static let places: [(zone: String, country: String, locale: String, prefix: String)] = [
        ("America/New_York", "US", "en-US", "+1202555"), ("America/Chicago", "US", "en-US", "+1312555"),
        ("America/Los_Angeles", "US", "en-US", "+1213555"), ("Europe/London", "GB", "en-GB", "+4477009"),
        ("Europe/Paris", "FR", "fr-FR", "+3369955"),
    ]

    static func firstName(of customer: String) -> String { firstNames[draw(customer, "name", firstNames.count)] }

    /// The profile as JSON, as a journey engine would send it.
    static func profile(of customer: String) -> [UInt8] {
        let place = places[draw(customer, "place", places.count)]
        let recipient = recipientID(of: customer)
        var json = JSONWriter()
        json.beginObject()
        json.member("id", recipient)
        json.member("locale", place.locale)
        json.member("timezone", place.zone)
        json.member("country", place.country)
        json.key("addresses")
        json.beginArray()
        address(&json, "email", "\(recipient)@customers.example")
        if draw(customer, "sms", 100) < 85 {
            let digits = String(10_000 + draw(customer, "number", 89_999))
            address(&json, "sms", place.prefix + digits.suffix(place.prefix.utf8.count == 8 ? 4 : 5))
        }
        if draw(customer, "push", 100) < 60 {
            address(&json, "push", "token-\(recipient)-\(KeyHash(customer).rawValue)")
        }
        json.endArray()
        json.key("consents")
        json.beginArray()
        for (channel, share) in [("email", 85), ("sms", 55), ("push", 95)]
        where draw(customer, "yes-\(channel)", 100) < share {
            json.beginObject()
            json.member("category", "marketing")
            json.member("channel", channel)
            json.member("granted", true)
            json.member("at", "1997-01-01T00:00:00Z")
            json.member("source", "checkout")
            json.endObject()
        }
        json.endArray()
        json.key("attributes")
        json.beginObject()
        json.member("first_name", firstName(of: customer))
        json.endObject()
        json.endObject()
        return json.bytes
    }

    /// The time zone of a recipient.
    static func zone(ofRecipient id: String) -> String {
        places[draw(String(id.dropFirst("cdnow-".count)), "place", places.count)].zone
    }

    static func recipientID(of customer: String) -> String { "cdnow-\(customer)" }

    /// A number below `bound`, derived from the customer and the question only.
    static func draw(_ customer: String, _ question: String, _ bound: Int) -> Int {
        Int(KeyHash("\(customer)/\(question)").rawValue % UInt64(bound))
    }

    private static func address(_ json: inout JSONWriter, _ channel: String, _ value: String) {
        json.beginObject()
        json.member("channel", channel)
        json.member("address", value)
        json.endObject()
    }
}
