import JSON
import SobreModel

/// Evaluates segment conditions against one profile. The attributes are parsed on first use, once per decision. Texts
/// are compared in place.
final class AttributeReader {
    private let profile: Profile
    private lazy var root: Result<JSONRef, JSONError> = Result {
        () throws(JSONError) in try JSONDocument.parse(profile.attributes).root
    }

    init(_ profile: Profile) { self.profile = profile }

    /// An operand's value. Never holds a copy of an attribute's text.
    private enum Value {
        case text(String)
        case json(JSONRef)
        case number(Double)
        case bool(Bool)
        case null
        case unreadable(String)
    }

    func judge(_ condition: Segment.Condition) -> Segment.Truth {
        switch condition {
        case .both(let a, let b): both(judge(a), b)
        case .either(let a, let b): either(judge(a), b)
        case .not(let inner): inverse(judge(inner))
        case .compare(let a, let comparison, let b): compare(value(a), comparison, value(b))
        case .contained(let value, let list): contained(self.value(value), list)
        case .listed(let value, let list): listed(self.value(value), self.value(list))
        case .holds(let operand): holds(value(operand))
        }
    }

    private func both(_ a: Segment.Truth, _ b: Segment.Condition) -> Segment.Truth {
        switch a {
        case .no: return .no
        case .yes: return judge(b)
        case .unreadable:
            // False and anything is false.
            if case .no = judge(b) { return .no }
            return a
        }
    }

    private func either(_ a: Segment.Truth, _ b: Segment.Condition) -> Segment.Truth {
        switch a {
        case .yes: return .yes
        case .no: return judge(b)
        case .unreadable:
            if case .yes = judge(b) { return .yes }
            return a
        }
    }

    private func inverse(_ truth: Segment.Truth) -> Segment.Truth {
        switch truth {
        case .yes: .no
        case .no: .yes
        case .unreadable: truth
        }
    }

    private func value(_ operand: Segment.Operand) -> Value {
        switch operand {
        case .text(let text): return .text(text)
        case .number(let number): return .number(number)
        case .bool(let bool): return .bool(bool)
        case .null: return .null
        case .field(let field):
            let text: String? =
                switch field {
                case .id: profile.id
                case .country: profile.country
                case .locale: profile.locale
                case .timezone: profile.timezone
                }
            return text.map { .text($0) } ?? .null
        case .attribute(let keys): return attribute(keys)
        }
    }

    private func attribute(_ keys: [String]) -> Value {
        var place: JSONRef
        switch root {
        case .success(let root): place = root
        case .failure(let error): return .unreadable("the attributes are not valid JSON: \(error.message)")
        }
        for key in keys {
            // A missing member is null, also when the parent has no members.
            guard let next = place[key] else { return .null }
            place = next
        }
        return Self.value(of: place)
    }

    private static func value(of ref: JSONRef) -> Value {
        switch ref.kind {
        case .null: .null
        case .bool: .bool(ref.bool == true)
        case .number: .number(ref.double ?? .nan)
        case .string, .array, .object: .json(ref)
        }
    }

    /// Whether two values are equal. Nil when one is a list or an object, which cannot be compared.
    private func equal(_ a: Value, _ b: Value) -> Bool? {
        switch (a, b) {
        case (.null, .null): return true
        case (.number(let a), .number(let b)): return a == b
        case (.bool(let a), .bool(let b)): return a == b
        case (.text(let a), .text(let b)): return a == b
        case (.json(let ref), .text(let text)), (.text(let text), .json(let ref)):
            return ref.kind == .string ? ref.equals(text) : nil
        case (.json(let a), .json(let b)):
            guard a.kind == .string, b.kind == .string else { return nil }
            return a.equals(b.string ?? "")
        case (.json(let ref), _), (_, .json(let ref)): return ref.kind == .string ? false : nil
        default: return false
        }
    }

    private func compare(_ a: Value, _ comparison: Segment.Comparison, _ b: Value) -> Segment.Truth {
        for value in [a, b] {
            if case .unreadable(let reason) = value { return .unreadable(reason) }
        }
        switch comparison {
        case .equal, .notEqual:
            guard let equal = equal(a, b) else { return .unreadable("a list or an object cannot be compared") }
            return equal == (comparison == .equal) ? .yes : .no
        case .less, .lessOrEqual, .greater, .greaterOrEqual: return order(a, comparison, b)
        }
    }

    private func order(_ a: Value, _ comparison: Segment.Comparison, _ b: Value) -> Segment.Truth {
        let isLess: Bool
        let isEqual: Bool
        if case .number(let a) = a, case .number(let b) = b {
            isLess = a < b
            isEqual = a == b
        } else if let a = bytes(a), let b = bytes(b) {
            isLess = a.lexicographicallyPrecedes(b)
            isEqual = a == b
        } else {
            return .unreadable("\(kind(a)) and \(kind(b)) have no order")
        }
        let holds: Bool =
            switch comparison {
            case .less: isLess
            case .lessOrEqual: isLess || isEqual
            case .greater: !isLess && !isEqual
            default: !isLess
            }
        return holds ? .yes : .no
    }

    private func bytes(_ value: Value) -> [UInt8]? {
        switch value {
        case .text(let text): Array(text.utf8)
        case .json(let ref): ref.withUTF8 { Array($0) }
        default: nil
        }
    }

    private func contained(_ value: Value, _ list: [Segment.Operand]) -> Segment.Truth {
        if case .unreadable(let reason) = value { return .unreadable(reason) }
        for operand in list {
            switch equal(value, self.value(operand)) {
            case true?: return .yes
            case false?: continue
            case nil: return .unreadable("a list or an object cannot be one of several values")
            }
        }
        return .no
    }

    private func listed(_ value: Value, _ list: Value) -> Segment.Truth {
        switch (value, list) {
        case (.unreadable(let reason), _), (_, .unreadable(let reason)): return .unreadable(reason)
        case (_, .null): return .no
        case (_, .json(let ref)) where ref.kind == .array:
            return ref.elements.contains { equal(value, Self.value(of: $0)) == true } ? .yes : .no
        default: return .unreadable("\(kind(list)) is not a list")
        }
    }

    private func holds(_ value: Value) -> Segment.Truth {
        switch value {
        case .bool(let flag): flag ? .yes : .no
        case .null: .no
        case .unreadable(let reason): .unreadable(reason)
        default: .unreadable("\(kind(value)) is neither true nor false")
        }
    }

    private func kind(_ value: Value) -> String {
        switch value {
        case .text: "a string"
        case .json(let ref): ref.kind == .string ? "a string" : ref.kind.description
        case .number: "a number"
        case .bool: "true or false"
        case .null: "nothing"
        case .unreadable: "an unreadable value"
        }
    }
}
