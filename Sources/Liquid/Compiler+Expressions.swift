/// Values, paths and filters in the strict grammars.
extension Compiler {
    /// Where an expression's value goes.
    enum Destination {
        case output
        case symbol(Int)
    }

    /// `value | filter: argument, ...`
    mutating func expression(_ markup: ByteSlice, into destination: Destination) throws(LiquidError) {
        if options.mode == .lax {
            // An expression that is valid in the strict grammar has the same meaning in the lax one.
            let uses = tables.uses.variables.count
            do throws(LiquidError) {
                return try strictExpression(markup, into: destination)
            } catch {
                tables.uses.variables.removeSubrange(uses...)
                return try laxExpression(markup, into: destination)
            }
        }
        try strictExpression(markup, into: destination)
    }

    private mutating func strictExpression(
        _ markup: ByteSlice, into destination: Destination
    ) throws(LiquidError) {
        var lexer = Lexer(markup)
        if lexer.token.kind == .end {
            if case .symbol = destination {
                filterCalls.removeAll(keepingCapacity: true)
                finish(.null, firstUse: tables.uses.variables.count, destination)
            }
            return
        }
        let firstUse = tables.uses.variables.count
        let value = try operand(&lexer)
        filterCalls.removeAll(keepingCapacity: true)
        while lexer.take(.pipe) { filterCalls.append(try filter(&lexer)) }
        try expectEnd(lexer)
        finish(value, firstUse: firstUse, destination)
    }

    /// A filter as written.
    struct FilterCall {
        var name: ByteSlice
        var filter: Filter?
        /// The index of its first argument in the program: positional arguments, then a key and a value for each
        /// named one.
        var first: Int
        var positional = 0
        var named = 0

        var isPlain: Bool { positional == 0 && named == 0 }
    }

    /// Writes the steps of a parsed expression.
    mutating func finish(
        _ value: Operand, firstUse: Int, _ destination: Destination
    ) {
        let hasDefault = filterCalls.contains { $0.filter == .default }
        if value.isPath {
            var isOutput = false
            if case .output = destination { isOutput = true }
            tables.uses.variables.insert(
                .init(path: value.index, hasDefault: hasDefault, isOutput: isOutput),
                at: min(firstUse, tables.uses.variables.count))
        }
        if case .output = destination {
            if filterCalls.isEmpty { return write(Operation(.emit, a: value.raw)) }
            if filterCalls.count == 1, filterCalls[0].filter == .escape, filterCalls[0].isPlain {
                return write(Operation(.emitEscaped, a: value.raw))
            }
        }
        write(Operation(.load, flag: hasDefault ? 1 : 0, a: value.raw))
        var count = filterCalls.count
        var endsEscaped = false
        if case .output = destination, let last = filterCalls.last, last.filter == .escape, last.isPlain {
            count -= 1
            endsEscaped = true
        }
        for index in 0..<count { write(filterCalls[index]) }
        switch destination {
        case .output: write(Operation(endsEscaped ? .emitAccumulatorEscaped : .emitAccumulator))
        case .symbol(let symbol): write(Operation(.store, a: UInt32(symbol)))
        }
    }

    /// More arguments than any filter takes. The fields of a step could not count more.
    static let maxArguments = 100

    private mutating func write(_ call: FilterCall) {
        guard let filter = call.filter else { return }
        write(
            Operation(
                .filter, flag: UInt8(truncatingIfNeeded: call.positional),
                count: UInt16(truncatingIfNeeded: call.named), a: UInt32(call.first), b: UInt32(filter.rawValue)))
    }

    /// Moves the named arguments after the positional ones.
    mutating func seal(_ call: inout FilterCall) throws(LiquidError) {
        call.named = namedArguments.count
        for (key, value) in namedArguments {
            tables.arguments.append(constant(.key(key)))
            tables.arguments.append(value)
        }
        namedArguments.removeAll(keepingCapacity: true)
        guard call.positional + call.named <= Compiler.maxArguments else {
            throw error("A filter takes at most \(Compiler.maxArguments) arguments.", at: call.name)
        }
    }

    /// The filter with that name. An unknown filter is an error in the message dialect and ignored in the standard
    /// one.
    mutating func lookUp(_ name: ByteSlice) throws(LiquidError) -> Filter? {
        if let filter = Filter.named(name), options.dialect == .message || !filter.isExtension {
            tables.uses.filters |= 1 << UInt128(filter.rawValue)
            return filter
        }
        guard options.dialect == .message else { return nil }
        let hint = Spelling.closest(to: name.string, among: Filter.allNames).map { "Did you mean '\($0)'?" }
        let unknown = error("Unknown filter '\(name.string)'.", at: name, hint: hint)
        guard options.listsUnknownFilters else { throw unknown }
        tables.problems.append(unknown)
        return nil
    }

    private mutating func filter(_ lexer: inout Lexer) throws(LiquidError) -> FilterCall {
        let name = lexer.slice
        guard lexer.take(.identifier) else { throw unexpected(lexer, "a filter's name") }
        var call = FilterCall(name: name, filter: try lookUp(name), first: tables.arguments.count)
        namedArguments.removeAll(keepingCapacity: true)
        guard lexer.take(.colon) else { return call }
        if options.mode == .strict2, isEndOfArguments(lexer) { return call }
        try argument(&lexer, &call)
        while lexer.take(.comma) {
            if options.mode == .strict2, isEndOfArguments(lexer) { break }
            try argument(&lexer, &call)
        }
        try seal(&call)
        return call
    }

    private func isEndOfArguments(_ lexer: Lexer) -> Bool {
        lexer.token.kind == .pipe || lexer.token.kind == .end
    }

    private mutating func argument(_ lexer: inout Lexer, _ call: inout FilterCall) throws(LiquidError) {
        if lexer.token.kind == .identifier, lexer.following == .colon {
            let key = lexer.slice
            lexer.advance()
            lexer.advance()
            namedArguments.append((key, try used(&lexer)))
        } else {
            tables.arguments.append(try used(&lexer))
            call.positional += 1
        }
    }

    /// A value that is read but not output.
    mutating func used(_ lexer: inout Lexer) throws(LiquidError) -> Operand {
        let value = try operand(&lexer)
        note(value)
        return value
    }

    mutating func note(_ value: Operand) {
        if value.isPath {
            tables.uses.variables.append(.init(path: value.index, hasDefault: false, isOutput: false))
        }
    }

    // MARK: Values

    /// A literal, a range or a path. In a condition, `blank` and `empty` are tests instead of empty strings.
    mutating func operand(_ lexer: inout Lexer, inCondition: Bool = false, nesting: Int = 0) throws(LiquidError)
        -> Operand
    {
        let slice = lexer.slice
        guard nesting < options.maxDepth else {
            throw error("This expression is nested too deeply. Assign its parts first.", at: slice, kind: .depthLimit)
        }
        switch lexer.token.kind {
        case .string:
            lexer.advance()
            return constant(.string(slice.slice(1, slice.count - 1), flags: Value.safe))
        case .number:
            lexer.advance()
            return constant(numberLiteral(slice))
        case .identifier:
            lexer.advance()
            if lexer.token.kind != .dot, lexer.token.kind != .openSquare {
                if let literal = literal(slice, inCondition: inCondition) { return literal }
            }
            return try path(head: slice, &lexer, nesting)
        case .openSquare:
            guard options.mode != .strict2 else {
                throw error(
                    "A path cannot start with a bracket. Write the variable's name, or self[...].", at: slice)
            }
            lexer.advance()
            let inner = try operand(&lexer, nesting: nesting + 1)
            guard lexer.take(.closeSquare) else { throw unexpected(lexer, "']'") }
            return try path(computed: inner, at: slice, &lexer, nesting)
        case .openRound:
            lexer.advance()
            let lower = try operand(&lexer, nesting: nesting + 1)
            guard lexer.take(.dotdot) else { throw unexpected(lexer, "'..'") }
            let upper = try operand(&lexer, nesting: nesting + 1)
            guard lexer.take(.closeRound) else { throw unexpected(lexer, "')'") }
            if lower.isConstant, upper.isConstant, isTruth(lower) || isTruth(upper) {
                throw error("A range's bounds are whole numbers, not true or false.", at: slice)
            }
            return range(lower, upper)
        default:
            throw unexpected(lexer, "a value")
        }
    }

    /// Whether it is the literal `true` or `false`.
    private func isTruth(_ operand: Operand) -> Bool {
        operand.raw == Operand(.constant, 3).raw || operand.raw == Operand(.constant, 4).raw
    }

    func literal(_ slice: ByteSlice, inCondition: Bool) -> Operand? {
        switch slice.count {
        case 3 where slice.equals("nil"): return .null
        case 4 where slice.equals("null"): return .null
        case 4 where slice.equals("true"): return Operand(.constant, 3)
        case 5 where slice.equals("false"): return Operand(.constant, 4)
        case 5 where slice.equals("blank"): return inCondition ? .blank : Operand(.constant, 5)
        case 5 where slice.equals("empty"): return inCondition ? .empty : Operand(.constant, 5)
        default: return nil
        }
    }

    mutating func constant(_ value: Value) -> Operand {
        tables.constants.append(value)
        return Operand(.constant, tables.constants.count - 1)
    }

    mutating func range(_ lower: Operand, _ upper: Operand) -> Operand {
        note(lower)
        note(upper)
        tables.ranges.append(RangePlan(lower: lower, upper: upper))
        return Operand(.range, tables.ranges.count - 1)
    }

    /// `12`, `-3.5` and, in the lax grammar, `1.2.3` (which is 1.2).
    mutating func numberLiteral(_ text: ByteSlice) -> Value {
        if let integer = Number.parseInteger(text) { return .int(integer) }
        var dots = 0
        var end = 0
        while end < text.count {
            if text[end] == 0x2E {
                dots += 1
                if dots == 2 { break }
            }
            end += 1
        }
        if dots == 0, let wide = Number.parseWide(text) { return keep(wide) }
        return .double(Number.parseDouble(text.slice(0, end)))
    }

    private mutating func keep(_ wide: Int128) -> Value {
        if let small = Int(exactly: wide) { return .int(small) }
        let holder = Source(name: "", bytes: [UInt8](repeating: 0, count: 48))
        tables.kept.append(holder)
        let address = (UInt(bitPattern: holder.text.base) + 15) & ~15
        // The bytes were allocated just above, are not shared until the program is, and hold an aligned Int128.
        UnsafeMutablePointer<Int128>(bitPattern: address).unsafelyUnwrapped.pointee = wide
        return Value(tag: .big, bits: UInt64(address))
    }

    // MARK: Paths

    private mutating func path(head: ByteSlice, _ lexer: inout Lexer, _ nesting: Int) throws(LiquidError) -> Operand {
        let symbol = tables.symbols.intern(head)
        return try path(
            Path(
                symbol: Int32(symbol), head: .null, firstSegment: 0, segmentCount: 0, source: UInt16(sourceNumber),
                start: UInt32(offset(of: head)), length: 0), &lexer, nesting)
    }

    private mutating func path(
        computed: Operand, at slice: ByteSlice, _ lexer: inout Lexer, _ nesting: Int
    ) throws(LiquidError) -> Operand {
        note(computed)
        return try path(
            Path(
                symbol: -1, head: computed, firstSegment: 0, segmentCount: 0, source: UInt16(sourceNumber),
                start: UInt32(offset(of: slice)), length: 0), &lexer, nesting)
    }

    private mutating func path(_ path: Path, _ lexer: inout Lexer, _ nesting: Int) throws(LiquidError) -> Operand {
        var path = path
        // Brackets contain paths too, so their segments are pushed above the existing ones.
        let bottom = openSegments.count
        while true {
            if lexer.take(.dot) {
                let name = lexer.slice
                guard lexer.take(.identifier) else { throw unexpected(lexer, "a name after '.'") }
                openSegments.append(named(name))
            } else if lexer.take(.openSquare) {
                let inner = try operand(&lexer, nesting: nesting + 1)
                guard lexer.take(.closeSquare) else { throw unexpected(lexer, "']'") }
                openSegments.append(bracketed(inner))
            } else {
                break
            }
        }
        return finish(&path, from: bottom, end: offset(of: lexer.text) + lexer.token.start)
    }

    func named(_ name: ByteSlice) -> Segment {
        Segment(kind: .name, command: Command(name), operand: .null, index: 0, key: .key(name))
    }

    mutating func bracketed(_ inner: Operand) -> Segment {
        if inner.isConstant {
            let value = tables.constants[inner.index]
            if value.tag == .string {
                return Segment(kind: .key, command: .none, operand: inner, index: 0, key: .key(value.text))
            }
            if value.tag == .int {
                return Segment(kind: .index, command: .none, operand: inner, index: value.asInt, key: .missing)
            }
        }
        note(inner)
        return Segment(kind: .computed, command: .none, operand: inner, index: 0, key: .missing)
    }

    /// A path whose segments are in `openSegments` from `bottom` on.
    mutating func finish(_ path: inout Path, from bottom: Int, end: Int) -> Operand {
        path.firstSegment = UInt32(tables.segments.count)
        path.segmentCount = UInt16(truncatingIfNeeded: min(openSegments.count - bottom, Int(UInt16.max)))
        path.length = UInt32(max(0, end - Int(path.start)))
        work &+= (openSegments.count - bottom) * Work.segment
        for index in bottom..<openSegments.count { tables.segments.append(openSegments[index]) }
        openSegments.removeSubrange(bottom...)
        tables.paths.append(path)
        return Operand(.path, tables.paths.count - 1)
    }

    // MARK: Errors

    func expectEnd(_ lexer: Lexer) throws(LiquidError) {
        if lexer.token.kind != .end { throw unexpected(lexer, "nothing more") }
    }

    func unexpected(_ lexer: Lexer, _ wanted: String) -> LiquidError {
        let found: String
        switch lexer.token.kind {
        case .end: found = "the end of the tag"
        case .bad where lexer.slice.count > 0 && (lexer.slice[0] == 0x22 || lexer.slice[0] == 0x27):
            found = "a string that is never closed"
        default: found = "'\(lexer.slice.string)'"
        }
        return error("Expected \(wanted) but found \(found).", offset: offset(of: lexer.text) + lexer.token.start)
    }
}
