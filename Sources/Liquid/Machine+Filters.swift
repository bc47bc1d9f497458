/// Applying filters to the accumulator.
extension Machine {
    /// The arguments of one filter call, evaluated.
    struct Arguments {
        var count = 0
        var first = Value.missing
        var second = Value.missing
    }

    /// Applies one filter step.
    mutating func apply(_ operation: Operation, _ data: TemplateData) throws(Failure) {
        // The number was written by the compiler from this very type.
        let filter = Filter(rawValue: UInt8(truncatingIfNeeded: operation.b)).unsafelyUnwrapped
        var given = Arguments()
        let positional = Int(operation.flag)
        let start = Int(operation.a)
        // Named arguments come as one more positional argument, a hash, as far as counting goes.
        given.count = positional + (operation.count > 0 ? 1 : 0)
        if positional > 0 { given.first = try evaluate(arguments[start], data) }
        if positional > 1 { given.second = try evaluate(arguments[start + 1], data) }
        if given.count < filter.leastArguments || given.count > filter.mostArguments + (filter.isExtension ? 1 : 0) {
            throw fail(
                "Filter '\(filter.name)' takes \(filter.leastArguments == filter.mostArguments ? "" : "\(filter.leastArguments) to ")"
                    + "\(filter.mostArguments) argument\(filter.mostArguments == 1 ? "" : "s"), not \(given.count).")
        }
        if positional == 0, operation.count > 0, filter != .default { given.first = try namedHash(operation, data) }
        if filter == .default {
            try applyDefault(given, positional, operation, data)
            return
        }
        let input = accumulator
        accumulator = try result(of: filter, input, given, data)
        // A nil that a filter made into something is no longer a hole in the text.
        if !accumulator.isNil, suspect >= 0, !Machine.keepsSuspicion(input, accumulator) { suspect = -1 }
    }

    /// An undefined value turned into an empty string is still undefined.
    private static func keepsSuspicion(_ input: Value, _ output: Value) -> Bool {
        input.isNil && ((output.tag == .string && output.count == 0) || output.tag == .null)
    }

    private mutating func applyDefault(
        _ given: Arguments, _ positional: Int, _ operation: Operation, _ data: TemplateData
    ) throws(Failure) {
        var allowsFalse = false
        for index in 0..<Int(operation.count) {
            let at = Int(operation.a) + positional + index * 2
            let key = constants[arguments[at].index]
            if key.text.equals("allow_false") { allowsFalse = try evaluate(arguments[at + 1], data).isTruthy }
        }
        let input = accumulator
        let isFalse = allowsFalse ? input.isNil : !input.isTruthy
        let isEmpty =
            (input.tag == .string || input.tag == .array || input.tag == .object) && input.count == 0
            || input.tag == .empty || input.tag == .blank
        guard isFalse || isEmpty else { return }
        accumulator = positional > 0 ? given.first : .string(.empty)
        suspect = -1
    }

    /// Named arguments where the filter expects a value: an object.
    private mutating func namedHash(_ operation: Operation, _ data: TemplateData) throws(Failure) -> Value {
        let count = Int(operation.count)
        let place = try allocate(count * MemoryLayout<Member>.stride)
        let members = place.bindMemory(to: Member.self, capacity: count)
        for index in 0..<count {
            let at = Int(operation.a) + Int(operation.flag) + index * 2
            let value = try evaluate(arguments[at + 1], data)
            (members + index).initialize(to: Member(key: constants[arguments[at].index], value: value))
        }
        return Value(tag: .object, bits: UInt64(UInt(bitPattern: members)), count: count)
    }

    /// The value of a named argument, if it was given.
    mutating func named(_ name: StaticString, _ operation: Operation, _ data: TemplateData) throws(Failure) -> Value? {
        for index in 0..<Int(operation.count) {
            let at = Int(operation.a) + Int(operation.flag) + index * 2
            if constants[arguments[at].index].text.equals(name) { return try evaluate(arguments[at + 1], data) }
        }
        return nil
    }

    private mutating func result(
        of filter: Filter, _ input: Value, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> Value {
        switch filter {
        case .abs, .ceil, .floor, .round, .plus, .minus, .times, .dividedBy, .modulo, .atLeast, .atMost:
            return try math(filter, input, given)
        case .compact, .concat, .find, .findIndex, .first, .has, .join, .last, .map, .reject, .reverse, .size, .sort,
            .sortNatural, .sum, .uniq, .where:
            return try list(filter, input, given, data)
        case .slice: return try slice(input, given)
        case .date: return try date(input, given.first)
        case .json: return try json(input)
        case .raw:
            var value = try makeString(input)
            value.flags |= Value.safe
            return value
        default: return try text(filter, input, given)
        }
    }
}
