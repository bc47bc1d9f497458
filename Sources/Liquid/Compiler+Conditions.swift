/// `if`, `unless`, `case` and their conditions.
extension Compiler {
    /// The unresolved branches of a condition.
    struct Branches {
        /// Branches taken when the body is skipped.
        var away: [Int] = []
        /// Branches taken when the body runs.
        var into: [Int] = []
    }

    struct Comparand {
        var comparison: Comparison
        var left: Operand
        var right: Operand
    }

    /// Writes the branches of a condition. The body follows directly.
    mutating func condition(_ markup: ByteSlice, negated: Bool) throws(LiquidError) -> Branches {
        if options.mode == .lax { return try laxCondition(markup, negated: negated) }
        var lexer = Lexer(markup)
        var branches = Branches()
        while true {
            let part = try comparand(&lexer)
            if lexer.take("and") {
                write(part, isAnd: true, negated: negated, &branches)
            } else if lexer.take("or") {
                write(part, isAnd: false, negated: negated, &branches)
            } else {
                try expectEnd(lexer)
                writeLast(part, negated: negated, &branches)
                return branches
            }
        }
    }

    /// In `a and …`, false decides; in `a or …`, true decides. Liquid evaluates from the left, and the rest is one
    /// group.
    mutating func write(_ part: Comparand, isAnd: Bool, negated: Bool, _ branches: inout Branches) {
        branch(isAnd ? .branchUnless : .branchIf, part)
        if isAnd != negated { branches.away.append(here - 1) } else { branches.into.append(here - 1) }
    }

    mutating func writeLast(_ part: Comparand, negated: Bool, _ branches: inout Branches) {
        branch(negated ? .branchIf : .branchUnless, part)
        branches.away.append(here - 1)
        patch(branches.into, to: here)
    }

    private mutating func branch(_ code: OperationCode, _ part: Comparand) {
        write(Operation(code, flag: part.comparison.rawValue, a: part.left.raw, b: part.right.raw))
    }

    private mutating func comparand(_ lexer: inout Lexer) throws(LiquidError) -> Comparand {
        let left = try operand(&lexer, inCondition: true)
        note(left)
        guard lexer.token.kind == .comparison else {
            return Comparand(comparison: .truth, left: left, right: .null)
        }
        let comparison = comparison(lexer.slice)
        lexer.advance()
        let right = try operand(&lexer, inCondition: true)
        note(right)
        return Comparand(comparison: comparison, left: left, right: right)
    }

    func comparison(_ text: ByteSlice) -> Comparison {
        if text.equals("==") { return .equal }
        if text.equals("!=") || text.equals("<>") { return .notEqual }
        if text.equals("<") { return .less }
        if text.equals(">") { return .greater }
        if text.equals("<=") { return .lessOrEqual }
        if text.equals(">=") { return .greaterOrEqual }
        return text.equals("contains") ? .contains : .unknown
    }

    // MARK: if, unless

    /// Returns true if the block produces only whitespace, in which case it outputs nothing.
    mutating func conditional(
        _ markup: ByteSlice, _ tokenizer: inout Tokenizer, isUnless: Bool
    ) throws(LiquidError) -> Bool {
        let start = here
        let opening = place
        var branches = try condition(markup, negated: isUnless)
        var exits: [Int] = []
        var allBlank = true
        while true {
            var ending = try body(&tokenizer)
            allBlank = allBlank && isBlank
            if ending.name.equals(isUnless ? "endunless" : "endif") { break }
            if ending.name.equals("elsif") || ending.name.equals("else") {
                write(Operation(.jump))
                exits.append(here - 1)
                patch(branches.away, to: here)
                branches = Branches()
                if ending.name.equals("elsif") { branches = try condition(ending.markup, negated: false) }
                continue
            }
            if ending.isEnd { ending.start = opening }
            throw unexpected(ending, in: isUnless ? "unless" : "if")
        }
        patch(branches.away, to: here)
        patch(exits, to: here)
        if allBlank { removeBlankText(from: start) }
        return allBlank
    }

    /// Removes the whitespace from a block that contains nothing else. Captured text stays.
    mutating func removeBlankText(from start: Int) {
        for index in start..<here where tables.operations[index].code == .text && tables.operations[index].flag == 0 {
            tables.operations[index].a = 0
        }
    }

    /// Keeps the text written since `start` from being removed with a surrounding blank block.
    mutating func protectText(from start: Int) {
        for index in start..<here where tables.operations[index].code == .text { tables.operations[index].flag = 1 }
    }

    // MARK: case

    mutating func caseOf(_ markup: ByteSlice, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Bool {
        let start = here
        let opening = place
        let left: Operand
        if options.mode == .strict2 {
            var lexer = Lexer(markup)
            left = try operand(&lexer)
            try expectEnd(lexer)
        } else {
            guard let fragment = Lax.fragment(in: markup, from: 0) else {
                throw error("'case' needs a value: {% case variable %}.")
            }
            left = laxOperand(fragment)
        }
        note(left)
        let matched = takeCounter()
        defer { counters = max(counters, matched + 1) }
        write(Operation(.counterReset, a: UInt32(matched)))
        // The text between `case` and the first `when` is parsed and never rendered.
        write(Operation(.jump))
        let beforeFirst = here - 1
        var ending = try body(&tokenizer)
        var allBlank = isBlank
        patch(beforeFirst, to: here)
        while !ending.name.equals("endcase") {
            if ending.name.equals("when") {
                try whenBranch(ending.markup, left, matched, &tokenizer, &ending)
            } else if ending.name.equals("else") {
                guard ending.markup.isBlank else {
                    throw error("'else' in a 'case' takes no condition.", at: ending.markup)
                }
                write(Operation(.branchIfCounter, a: UInt32(matched)))
                let away = here - 1
                ending = try body(&tokenizer)
                patch(away, to: here)
            } else {
                if ending.isEnd { ending.start = opening }
                throw unexpected(ending, in: "case")
            }
            allBlank = allBlank && isBlank
        }
        if allBlank { removeBlankText(from: start) }
        return allBlank
    }

    private mutating func takeCounter() -> Int {
        // A `case` inside a `case` needs its own counter. Counters are numbered per chunk.
        defer { counters += 1 }
        return counters
    }

    /// One `when`. Its body runs once for each equal value, as in the reference implementation.
    private mutating func whenBranch(
        _ markup: ByteSlice, _ left: Operand, _ matched: Int, _ tokenizer: inout Tokenizer, _ ending: inout Ending
    ) throws(LiquidError) {
        let values = options.mode == .strict2 ? try whenValues(markup) : try laxWhenValues(markup)
        for value in values { note(value) }
        if values.count == 1 {
            write(Operation(.branchUnless, flag: Comparison.equal.rawValue, a: left.raw, b: values[0].raw))
            let away = here - 1
            write(Operation(.counterIncrement, a: UInt32(matched)))
            ending = try body(&tokenizer)
            patch(away, to: here)
            return
        }
        let turns = takeCounter()
        write(Operation(.counterReset, a: UInt32(turns)))
        for value in values {
            write(Operation(.branchUnless, flag: Comparison.equal.rawValue, a: left.raw, b: value.raw))
            let away = here - 1
            write(Operation(.counterIncrement, a: UInt32(turns)))
            write(Operation(.counterIncrement, a: UInt32(matched)))
            patch(away, to: here)
        }
        let again = here
        write(Operation(.counterTake, a: UInt32(turns)))
        let workBefore = work
        ending = try body(&tokenizer)
        tables.operations[again].b = UInt32(clamping: work - workBefore)
        write(Operation(.jump, target: UInt32(again)))
        patch(again, to: here)
    }

    private mutating func whenValues(_ markup: ByteSlice) throws(LiquidError) -> [Operand] {
        var lexer = Lexer(markup)
        var values: [Operand] = []
        repeat {
            values.append(try operand(&lexer, inCondition: true))
        } while lexer.take("or") || lexer.take(.comma)
        try expectEnd(lexer)
        return values
    }
}
