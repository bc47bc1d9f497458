/// Applies filters to the accumulator.
extension Machine {
    /// The evaluated arguments of one filter call.
    struct Arguments {
        var count = 0
        var first = Value.missing
        var second = Value.missing
        /// The index of the first named argument in the program's arguments, and their number.
        var namedStart = 0
        var namedCount = 0
    }

    /// Applies one filter step.
    mutating func apply(_ operation: Operation, _ data: TemplateData) throws(Failure) {
        // The compiler wrote the number from this same type, so it is valid.
        let filter = Filter(rawValue: UInt8(truncatingIfNeeded: operation.b)).unsafelyUnwrapped
        var given = Arguments()
        let positional = Int(operation.flag)
        let start = Int(operation.a)
        given.namedStart = start + positional
        given.namedCount = Int(operation.count)
        // For the standard filters, the named arguments are one more positional argument, a hash.
        let takesNames = filter.isExtension || (filter == .date && isMessageDialect)
        given.count = positional + (operation.count > 0 && !takesNames ? 1 : 0)
        if positional > 0 { given.first = try evaluate(arguments[start], data) }
        if positional > 1 { given.second = try evaluate(arguments[start + 1], data) }
        if given.count < filter.leastArguments || given.count > filter.mostArguments {
            throw fail(
                "Filter '\(filter.name)' takes \(filter.leastArguments == filter.mostArguments ? "" : "\(filter.leastArguments) to ")"
                    + "\(filter.mostArguments) argument\(filter.mostArguments == 1 ? "" : "s"), not \(given.count).")
        }
        if positional == 0, operation.count > 0, filter != .default, !takesNames {
            given.first = try namedHash(operation, data)
        }
        if filter == .default {
            try applyDefault(given, positional, operation, data)
            return
        }
        let input = accumulator
        // Every filter reads what it was given: bytes of a string, elements of an array, members of an object.
        try charge(Work.filter &+ Int(input.count) &+ Int(given.first.count) &+ Int(given.second.count))
        accumulator = try result(of: filter, input, given, data)
        // If a filter turns nil into a value, it is no longer undefined.
        if !accumulator.isNil, suspect >= 0, !Machine.keepsSuspicion(input, accumulator) { suspect = -1 }
        if filter == .translate, accumulator.isNil { try reportTranslation(input) }
    }

    /// Whether the output is still undefined. An undefined value turned into an empty string is.
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
        forgetTranslations()
    }

    /// Discards the report of a missing translation in this expression, because a fallback replaced it.
    private mutating func forgetTranslations() {
        guard !missingTranslations.isEmpty else { return }
        var start = position
        while start > 0, operations[start].code == .filter { start -= 1 }
        workLeft &-= (position - start + missingTranslations.count) * Work.element
        missingTranslations.removeAll { $0.position >= start && $0.position <= position }
    }

    /// Named arguments as an object, where the filter expects a value.
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

    /// The value of a named argument, if it is given and not nil.
    mutating func named(_ name: StaticString, _ given: Arguments, _ data: TemplateData) throws(Failure) -> Value? {
        for index in 0..<given.namedCount {
            let at = given.namedStart + index * 2
            guard constants[arguments[at].index].text.equals(name) else { continue }
            let value = try evaluate(arguments[at + 1], data)
            try charge(Int(value.count))
            return value.isNil ? nil : value
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
        case .date: return try date(input, given, data)
        case .json: return try json(input)
        case .raw:
            var value = try makeString(input)
            value.flags |= Value.safe
            return value
        default:
            if filter.isExtension { return try message(filter, input, given, data) }
            return try text(filter, input, given)
        }
    }
}
