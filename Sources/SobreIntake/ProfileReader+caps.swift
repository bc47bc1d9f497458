import JSON
import SobreModel
import SobreSettings

extension ProfileReader {
    /// Reads a recipient's own limits: `{"percent": 50, "limits": [{"rule", "limit"}], "pauses": [{"until", …}]}`.
    func caps(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> RecipientCaps {
        var caps = RecipientCaps.none
        if ref.isNull { return caps }
        for (key, value) in try fields.object(ref, "caps such as {\"percent\": 50}") {
            switch key.string {
            case "percent": if !value.isNull { caps.percent = try number(value, 1...100, fields) }
            case "limits":
                if value.isNull { continue }
                for entry in try fields.array(value, atMost: RecipientCaps.maxEntries, "a list of limits") {
                    caps.limits.append(try limit(entry, fields))
                }
            case "pauses":
                if value.isNull { continue }
                for entry in try fields.array(value, atMost: RecipientCaps.maxEntries, "a list of pauses") {
                    caps.pauses.append(try pause(entry, fields))
                }
            default: throw fields.unknownKey(key, known: ["percent", "limits", "pauses"])
            }
        }
        return caps
    }

    private func limit(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> RecipientCaps.Limit {
        var rule: String?
        var limit: Int?
        for (key, value) in try fields.object(ref, "a limit") {
            switch key.string {
            case "rule": rule = try fields.text(value, atMost: limits.maxNameBytes, "the name of a cap")
            case "limit": limit = try number(value, 0...1_000_000, fields)
            default: throw fields.unknownKey(key, known: ["rule", "limit"])
            }
        }
        guard let rule else { throw fields.missing("rule", in: ref, "the name of one of the policy's caps") }
        guard let limit else { throw fields.missing("limit", in: ref, "a number; 0 means never") }
        return RecipientCaps.Limit(rule: rule, limit: limit)
    }

    private func pause(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> RecipientCaps.Pause {
        var pause = RecipientCaps.Pause(until: .epoch)
        var hasEnd = false
        for (key, value) in try fields.object(ref, "a pause") {
            switch key.string {
            case "until":
                if let until = try fields.optionalInstant(value) {
                    pause.until = until
                    hasEnd = true
                }
            case "category": pause.category = try fields.optionalName(value)
            case "channel": pause.channel = value.isNull ? nil : try fields.channel(value)
            default: throw fields.unknownKey(key, known: ["until", "category", "channel"])
            }
        }
        guard hasEnd else { throw fields.missing("until", in: ref, "the time at which the pause ends") }
        return pause
    }

    private func number(
        _ ref: JSONRef, _ range: ClosedRange<Int>, _ fields: FieldReader
    ) throws(IntakeProblem) -> Int {
        let expected = "a whole number from \(range.lowerBound) to \(range.upperBound)"
        guard ref.kind == .number else { throw fields.wrongType(ref, expected) }
        guard let number = ref.int, range.contains(number) else {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "The number is out of range.", expected: expected)
        }
        return number
    }
}
