public import JSON
public import SobreModel
public import SobreSettings
public import SobreStore

/// Reads orders to retry or to cancel what matches a filter.
public struct StateOrderReader: Sendable {
    /// The limits.
    public let limits: IntakeLimits

    public init(limits: IntakeLimits = IntakeLimits()) { self.limits = limits }

    /// An order and the part of it that one request carries out.
    public struct Part: Hashable, Sendable {
        public var order: StateOrder
        /// Where the part before ended; nil for the first one.
        public var after: StateCursor?
        /// The number of messages to look at; nil for the usual number.
        public var limit: Int?
    }

    static let keys =
        ["state", "reason", "recipient", "tag", "since", "until"] + DeliveryFilter.Part.allCases.map(\.rawValue)
        + ["dry_run", "repeat_unknown", "after", "limit"]

    /// Reads an order.
    ///
    /// - Parameters:
    ///   - ref: the order.
    ///   - action: what it orders.
    ///   - maxMessages: the largest number of messages in one part.
    /// - Returns: the validated order.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    public func read(_ ref: JSONRef, _ action: StateAction, maxMessages: Int) throws(IntakeProblem) -> Part {
        let fields = FieldReader(limits: limits)
        var filter = StateFilter()
        var part = Part(order: StateOrder(action, filter))
        var (isDryRun, repeatsUnknown) = (false, false)
        for (key, value) in try fields.object(ref, "a filter") {
            switch key.string {
            case "state":
                let names = DeliveryState.allCases.map(\.description)
                filter.states = Set(try list(value, names, fields) { DeliveryState(name: $0) })
            case "reason":
                filter.reasons = Set(
                    try list(value, LogReason.names, fields) { LogReason.names.contains($0) ? $0 : nil })
            case "recipient": filter.recipient = try fields.optionalText(value, atMost: limits.maxIDBytes)
            case "tag": filter.tag = try fields.optionalName(value)
            case "since": filter.since = try fields.optionalInstant(value)
            case "until": filter.until = try fields.optionalInstant(value)
            case "dry_run": isDryRun = try fields.bool(value)
            case "repeat_unknown": repeatsUnknown = try fields.bool(value)
            case "after": part.after = try value.isNull ? nil : cursor(value, fields)
            case "limit":
                guard let limit = value.int, (1...maxMessages).contains(limit) else {
                    throw IntakeProblem(
                        .invalidValue, field: value.path, message: "The limit is not a number in the allowed range.",
                        expected: "a number from 1 to \(maxMessages)")
                }
                part.limit = limit
            default: try select(key, value, fields, into: &filter.selector)
            }
        }
        guard filter != StateFilter() else {
            throw IntakeProblem(
                .missingField, field: "state", message: "The filter is empty: it would match everything.",
                expected: "a condition such as \"campaign\" or \"state\"")
        }
        part.order = StateOrder(action, filter, isDryRun: isDryRun, repeatsUnknown: repeatsUnknown)
        if let objection = part.order.objection {
            throw IntakeProblem(.invalidValue, field: "state", message: objection)
        }
        return part
    }

    private func select(
        _ key: JSONRef, _ value: JSONRef, _ fields: FieldReader, into selector: inout DeliveryFilter
    ) throws(IntakeProblem) {
        guard let part = key.string.flatMap({ DeliveryFilter.Part(rawValue: $0) }) else {
            throw fields.unknownKey(key, known: Self.keys)
        }
        guard let text = try fields.optionalName(value) else { return }
        if let problem = selector.set(part, to: text, atMost: limits.maxNameBytes) {
            throw IntakeProblem(.invalidValue, field: value.path, message: problem)
        }
    }

    /// One name, or a list of names, of a closed set.
    private func list<Name>(
        _ ref: JSONRef, _ names: [String], _ fields: FieldReader, _ make: (String) -> Name?
    ) throws(IntakeProblem) -> [Name] {
        if ref.isNull { return [] }
        guard ref.kind == .array else { return [try fields.choice(ref, names, make)] }
        var found: [Name] = []
        for element in try fields.array(ref, atMost: names.count, "names") {
            found.append(try fields.choice(element, names, make))
        }
        return found
    }

    private func cursor(_ ref: JSONRef, _ fields: FieldReader) throws(IntakeProblem) -> StateCursor {
        guard let cursor = ref.string.flatMap({ StateCursor($0) }) else {
            throw IntakeProblem(
                .invalidValue, field: ref.path, message: "This is not a cursor.",
                expected: "\"next_after\" of the response before")
        }
        return cursor
    }
}
