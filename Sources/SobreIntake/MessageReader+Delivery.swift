import JSON
import SobreModel
import Text

/// Reads how a message is sent: `route`, `send`, `caps`.
extension MessageReader {
    static let bestTimeSpans: ClosedRange<Duration> = .seconds(3_600)...(.seconds(7 * 86_400))
    static let routeExample =
        "\"first\", \"all\", \"best\", \"escalate\" or {\"escalate\": {\"after\": \"2h\", \"until\": \"opened\"}}"
    static let sendExample = "\"now\", \"best_time\" or {\"best_time\": {\"within\": \"24h\"}}"

    /// Reads a route: a name such as `"best"`, or `{"escalate": {"after": "2h", "until": "opened"}}`.
    func readRoute(
        _ value: JSONRef, into request: inout MessageRequest, _ fields: FieldReader
    ) throws(IntakeProblem) {
        if value.isNull { return }
        guard value.kind == .object else {
            request.route = try fields.choice(value, ChannelRoute.allCases.map(\.description)) {
                ChannelRoute(name: $0)
            }
            return
        }
        let words = try only("escalate", of: value, fields, expected: Self.routeExample)
        request.route = .escalate
        var escalation = Escalation.standard
        for (key, value) in try fields.object(words, "the escalation") {
            switch key.string {
            case "after":
                escalation.after = try fields.duration(value, in: Escalation.allowedWaits, example: "2h")
            case "until":
                escalation.until = try fields.choice(value, Escalation.Success.allCases.map(\.description)) {
                    Escalation.Success(name: $0)
                }
            default: throw fields.unknownKey(key, known: ["after", "until"])
            }
        }
        request.escalation = escalation
    }

    /// Reads `"now"`, `"best_time"`, or `{"best_time": {"within": "24h"}}`.
    func readSend(
        _ value: JSONRef, into request: inout MessageRequest, _ fields: FieldReader
    ) throws(IntakeProblem) {
        if value.isNull { return }
        let day = Duration.seconds(86_400)
        guard value.kind == .object else {
            let bestTime = try fields.choice(value, ["now", "best_time"]) { ["now": false, "best_time": true][$0] }
            request.bestTimeWithin = bestTime ? day : nil
            return
        }
        let words = try only("best_time", of: value, fields, expected: Self.sendExample)
        request.bestTimeWithin = day
        for (key, value) in try fields.object(words, "the best-time span") {
            guard key.equals("within") else { throw fields.unknownKey(key, known: ["within"]) }
            request.bestTimeWithin = try fields.duration(value, in: Self.bestTimeSpans, example: "24h")
        }
    }

    /// Reads `{"obey": false, "count": false}`.
    func readCaps(_ value: JSONRef, into request: inout MessageRequest, _ fields: FieldReader) throws(IntakeProblem) {
        if value.isNull { return }
        var overrides = MessageRequest.CapOverrides()
        for (key, value) in try fields.object(value, "the cap flags") {
            switch key.string {
            case "obey": overrides.obey = try fields.bool(value)
            case "count": overrides.count = try fields.bool(value)
            default: throw fields.unknownKey(key, known: ["obey", "count"])
            }
        }
        request.caps = overrides
    }

    /// The value of the only key that an object may have.
    private func only(
        _ name: String, of value: JSONRef, _ fields: FieldReader, expected: String
    ) throws(IntakeProblem) -> JSONRef {
        var found: JSONRef?
        for (key, value) in try fields.object(value, name) {
            guard key.equals(name) else { throw fields.unknownKey(key, known: [name]) }
            found = value
        }
        guard let found else { throw fields.missing(name, in: value, expected) }
        return found
    }
}

extension FieldReader {
    /// A duration such as `90s`, `2h` or `7d` within a range.
    func duration(
        _ ref: JSONRef, in range: ClosedRange<Duration>, example: String
    ) throws(IntakeProblem) -> Duration {
        guard let text = ref.string else { throw wrongType(ref, "a duration such as \"\(example)\"") }
        do {
            return try DurationText.read(text, in: range)
        } catch {
            let expected = error.range == nil ? "a duration such as \"\(example)\"; \(error.expected)" : error.expected
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "\(quoted(text)) \(error.fault)", expected: expected)
        }
    }
}
