internal import SobreModel

/// What the answers of push services mean (RFC 8030 §5 and §8, RFC 8292 §4).
enum WebPushAnswers {
    static let plan = ResponsePlan(
        retryAfter: [.header("retry-after")], variables: [],
        rules: [
            // Not every service gives a location.
            rule(
                [.header("location"): .present, .status: status(200, 201, 202)], .accepted, .place(.header("location"))),
            rule([.status: status(200, 201, 202)], .accepted, ResponsePlan.ID.none),
            rule([.status: status(404, 410)], .recipientGone),
            rule([.status: status(413)], .contentTooLarge),
            rule([.status: status(429)], .throttled),
            // A subscription that was made for another key of ours. If every one was, the key is the wrong one.
            rule([.status: status(400, 401, 403), .text: otherKey], .recipientUnreachable, hasCommonCause: true),
            rule([.status: status(401, 403)], .auth),
            rule([.status: status(400), .text: credentials], .auth),
            rule([.status: status(400)], .recipientUnreachable, hasCommonCause: true),
            rule([.status: status(503)], .transient),
        ],
        otherwise: .permanentUnknown,
        detail: [.json(try! JSONPath("reason")), .json(try! JSONPath("errno")), .json(try! JSONPath("message"))],
        deadSince: [])

    private static let otherKey = pattern("(correspond|mismatch|match)")
    private static let credentials = pattern("(vapid|jwt|authorization|crypto-key)")

    /// The patterns are constants that tests read.
    private static func pattern(_ text: String) -> ResponsePlan.Matcher { .pattern(try! TextPattern(text)) }

    private static func status(_ codes: Int...) -> ResponsePlan.Matcher { .status(classes: [], codes: codes) }

    private static func rule(
        _ conditions: [ResponsePlan.Place: ResponsePlan.Matcher], _ outcome: Outcome.Kind,
        _ id: ResponsePlan.ID = .unstated, hasCommonCause: Bool = false
    ) -> ResponsePlan.Rule {
        ResponsePlan.Rule(
            conditions: conditions.map { (place: $0.key, matcher: $0.value) }, outcome: outcome, id: id,
            hasCommonCause: hasCommonCause)
    }
}
