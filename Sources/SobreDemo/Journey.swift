import JSON
public import SobreModel

/// The demonstration's journey engine, which turns purchases into sends. Each campaign is independent of the others:
///
/// - order-confirmed: an email at once (transactional)
/// - delivery-notice: an SMS three days later (transactional)
/// - thank-you: a push an hour after the purchase (marketing)
/// - cross-sell: an email and a push two days after (marketing)
/// - win-back: an email, else an SMS, after 60 days without a purchase (marketing)
public struct Journey {
    /// A request for `POST /v1/messages`, and the time at which the engine makes it.
    public struct Send: Sendable {
        public var at: Instant
        public var campaign: String
        public var recipient: String
        public var line: [UInt8]
        /// The number of deliveries.
        public var deliveries: Int

        /// The request with its `send_at`, for a file that is read later.
        public var timedLine: [UInt8] {
            var json = JSONWriter()
            json.member("send_at", at.rfc3339)
            return Array(line.dropLast()) + [UInt8(ascii: ",")] + json.bytes + [UInt8(ascii: "}")]
        }
    }

    private struct Step {
        var campaign: String
        var category: String
        var topic: String
        var channels: [String]
        var route = "first"
        var priority = "normal"
        var expiresAfter: Duration
        var dedupKey: String?
    }

    /// All sends, sorted by time.
    public static func sends(for purchases: [Purchase]) -> [Send] {
        var sends: [Send] = []
        let byCustomer = Dictionary(grouping: purchases, by: \.customer)
        for purchase in purchases {
            let later = byCustomer[purchase.customer]!.first { $0.at > purchase.at }
            sends += afterPurchase(purchase, next: later)
        }
        return sends.sorted { ($0.at, $0.recipient, $0.campaign) < ($1.at, $1.recipient, $1.campaign) }
    }

    private static func afterPurchase(_ purchase: Purchase, next: Purchase?) -> [Send] {
        let at = purchase.at
        var sends = [
            send(
                Step(
                    campaign: "order-confirmed", category: "transactional", topic: "orders", channels: ["email"],
                    priority: "high", expiresAfter: .seconds(7 * 86_400), dedupKey: purchase.orderID),
                purchase, at: at),
            send(
                Step(
                    campaign: "delivery-notice", category: "transactional", topic: "orders", channels: ["sms"],
                    priority: "high", expiresAfter: .seconds(2 * 86_400), dedupKey: purchase.orderID),
                purchase, at: at + .seconds(3 * 86_400)),
            send(
                Step(
                    campaign: "thank-you", category: "marketing", topic: "loyalty", channels: ["push"],
                    expiresAfter: .seconds(3 * 86_400)),
                purchase, at: at + .seconds(3600)),
            send(
                Step(
                    campaign: "cross-sell", category: "marketing", topic: "offers", channels: ["email", "push"],
                    route: "all", priority: "low", expiresAfter: .seconds(5 * 86_400)),
                purchase, at: at + .seconds(2 * 86_400)),
        ]
        let patience = Duration.seconds(60 * 86_400)
        if next.map({ $0.at > at + patience }) ?? true {
            sends.append(
                send(
                    Step(
                        campaign: "win-back", category: "marketing", topic: "offers", channels: ["email", "sms"],
                        priority: "low", expiresAfter: .seconds(14 * 86_400)),
                    purchase, at: at + patience))
        }
        return sends
    }

    private static func send(_ step: Step, _ purchase: Purchase, at: Instant) -> Send {
        var json = JSONWriter()
        json.beginObject()
        json.member("idempotency_key", "\(step.campaign)-\(purchase.orderID)")
        json.member("recipient", DemoPeople.recipientID(of: purchase.customer))
        json.member("template", step.campaign)
        json.member("campaign", step.campaign)
        json.member("journey", "post-purchase")
        json.member("category", step.category)
        json.member("topic", step.topic)
        json.key("channels")
        json.value(step.channels)
        json.member("route", step.route)
        json.member("priority", step.priority)
        json.member("expires_at", (at + step.expiresAfter).rfc3339)
        json.member("dedup_key", ifPresent: step.dedupKey)
        json.key("data")
        json.beginObject()
        json.member("order_id", purchase.orderID)
        json.member("cds", purchase.cds)
        json.member("total", Double(purchase.cents) / 100)
        json.endObject()
        json.endObject()
        return Send(
            at: at, campaign: step.campaign, recipient: DemoPeople.recipientID(of: purchase.customer), line: json.bytes,
            deliveries: step.route == "all" ? step.channels.count : 1)
    }
}
