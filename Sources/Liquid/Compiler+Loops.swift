/// `for`, `tablerow`, `break`, `continue` and `cycle`.
extension Compiler {
    /// The parts of a loop's markup.
    struct LoopMarkup {
        var variable = ByteSlice.empty
        var collection = Operand.null
        var collectionText = ByteSlice.empty
        var isReversed = false
        var offset: Operand?
        var limit: Operand?
        var columns: Operand?
        var continues = false
    }

    mutating func forLoop(_ markup: ByteSlice, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Bool {
        let start = here
        let opening = place
        let parts = options.mode == .lax ? try laxFor(markup) : try strictFor(markup)
        let number = addLoop(parts, loopName: Source.forloopName.text)
        write(Operation(.loopBegin, a: UInt32(number)))
        let begin = here - 1
        enclosing.append(Enclosing(kind: .loop, number: number))
        let workBefore = work
        var ending = try body(&tokenizer)
        var allBlank = isBlank
        // The loop was pushed just above, and every body pops what it pushes.
        let loop = enclosing.removeLast()
        patch(loop.continues, to: here)
        write(Operation(.loopNext, a: UInt32(number), target: UInt32(begin + 1)))
        tables.loops[number].work = UInt32(clamping: work - workBefore)
        var exits = loop.breaks
        if ending.name.equals("else") {
            write(Operation(.jump))
            exits.append(here - 1)
            patch(begin, to: here)
            ending = try body(&tokenizer)
            allBlank = allBlank && isBlank
        } else {
            patch(begin, to: here)
        }
        guard ending.name.equals("endfor") else {
            if ending.isEnd { ending.start = opening }
            throw unexpected(ending, in: "for")
        }
        patch(exits, to: here)
        if allBlank { removeBlankText(from: start) }
        return allBlank
    }

    mutating func tableRow(_ markup: ByteSlice, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Bool {
        let opening = place
        let parts = options.mode == .strict2 ? try strictRow(markup) : try laxRow(markup)
        let number = addLoop(parts, loopName: Source.tablerowName.text)
        write(Operation(.rowBegin, a: UInt32(number)))
        let begin = here - 1
        enclosing.append(Enclosing(kind: .row, number: number))
        let workBefore = work
        let bodyStart = here
        var ending = try body(&tokenizer)
        let loop = enclosing.removeLast()
        // Unlike other blocks, a table keeps the whitespace in its cells.
        protectText(from: bodyStart)
        let blank = isBlank
        patch(loop.continues, to: here)
        write(Operation(.rowNext, a: UInt32(number), target: UInt32(begin + 1)))
        tables.loops[number].work = UInt32(clamping: work - workBefore)
        patch(begin, to: here)
        guard ending.name.equals("endtablerow") else {
            if ending.isEnd { ending.start = opening }
            throw unexpected(ending, in: "tablerow")
        }
        patch(loop.breaks, to: here)
        return blank
    }

    private mutating func addLoop(_ parts: LoopMarkup, loopName: ByteSlice) -> Int {
        note(parts.collection)
        for operand in [parts.offset, parts.limit, parts.columns] { if let operand { note(operand) } }
        let index = number(ofLoop: parts.variable, parts.collectionText)
        let symbol = tables.symbols.intern(parts.variable)
        let loopSymbol = tables.symbols.intern(loopName)
        tables.uses.locals.insert(symbol)
        tables.uses.locals.insert(loopSymbol)
        tables.loops.append(
            LoopPlan(
                symbol: UInt32(symbol), loopSymbol: UInt32(loopSymbol), collection: parts.collection,
                offset: parts.offset ?? .null, limit: parts.limit ?? .null, columns: parts.columns ?? .null,
                isReversed: parts.isReversed, continues: parts.continues, hasOffset: parts.offset != nil,
                hasLimit: parts.limit != nil, hasColumns: parts.columns != nil,
                variableName: .string(parts.variable, flags: Value.safe),
                collectionName: .string(parts.collectionText, flags: Value.safe), nameIndex: UInt32(index)))
        return tables.loops.count - 1
    }

    /// The number of the loop `variable-collection`. Loops with the same name share the offset for `offset:
    /// continue`.
    private mutating func number(ofLoop variable: ByteSlice, _ collection: ByteSlice) -> Int {
        tables.loopNames.number(of: variable, collection)
    }

    private mutating func strictFor(_ markup: ByteSlice) throws(LiquidError) -> LoopMarkup {
        var lexer = Lexer(markup)
        var parts = LoopMarkup()
        parts.variable = lexer.slice
        guard lexer.take(.identifier) else { throw unexpected(lexer, "a variable's name") }
        guard lexer.take("in") else { throw unexpected(lexer, "'in'") }
        let from = lexer.token.start
        parts.collection = try operand(&lexer)
        parts.collectionText = markup.slice(from, lexer.token.start).trimmed()
        parts.isReversed = lexer.take("reversed")
        while lexer.token.kind == .comma || lexer.token.kind == .identifier {
            _ = lexer.take(.comma)
            let attribute = lexer.slice
            guard lexer.take("limit") || lexer.take("offset") else {
                throw unexpected(lexer, "'limit' or 'offset'")
            }
            guard lexer.take(.colon) else { throw unexpected(lexer, "':'") }
            if attribute.equals("limit") {
                parts.limit = try operand(&lexer)
            } else if lexer.slice.equals("continue"), lexer.following != .dot, lexer.following != .openSquare {
                lexer.advance()
                parts.continues = true
            } else {
                parts.offset = try operand(&lexer)
                parts.continues = false
            }
        }
        try expectEnd(lexer)
        return parts
    }

    private mutating func strictRow(_ markup: ByteSlice) throws(LiquidError) -> LoopMarkup {
        var lexer = Lexer(markup)
        var parts = LoopMarkup()
        parts.variable = lexer.slice
        guard lexer.take(.identifier) else { throw unexpected(lexer, "a variable's name") }
        guard lexer.take("in") else { throw unexpected(lexer, "'in'") }
        let from = lexer.token.start
        parts.collection = try operand(&lexer)
        parts.collectionText = markup.slice(from, lexer.token.start).trimmed()
        _ = lexer.take(.comma)
        while lexer.token.kind == .identifier {
            let attribute = lexer.slice
            guard ["cols", "limit", "offset", "range"].contains(attribute.string) else {
                throw unexpected(lexer, "'cols', 'limit', 'offset' or 'range'")
            }
            lexer.advance()
            guard lexer.take(.colon) else { throw unexpected(lexer, "':'") }
            let value = try operand(&lexer)
            set(attribute, value, &parts)
            _ = lexer.take(.comma)
        }
        try expectEnd(lexer)
        return parts
    }

    func set(_ attribute: ByteSlice, _ value: Operand, _ parts: inout LoopMarkup) {
        if attribute.equals("limit") { parts.limit = value }
        if attribute.equals("offset") { parts.offset = value }
        if attribute.equals("cols") { parts.columns = value }
    }

    // MARK: break, continue

    /// Leaves or continues the innermost loop. Outside a loop it ends the snippet, and the loop around the calling
    /// `include` handles it.
    mutating func interrupt(isBreak: Bool) {
        var level = enclosing.count - 1
        while level >= 0 {
            switch enclosing[level].kind {
            case .capture:
                write(Operation(.captureEnd, flag: 1, a: UInt32(enclosing[level].number)))
                level -= 1
            case .loop:
                if isBreak {
                    write(Operation(.loopLeave, a: UInt32(enclosing[level].number)))
                    write(Operation(.jump))
                    enclosing[level].breaks.append(here - 1)
                } else {
                    write(Operation(.jump))
                    enclosing[level].continues.append(here - 1)
                }
                return
            case .row:
                if isBreak {
                    write(Operation(.rowLeave, a: UInt32(enclosing[level].number)))
                    write(Operation(.jump))
                    enclosing[level].breaks.append(here - 1)
                } else {
                    write(Operation(.jump))
                    enclosing[level].continues.append(here - 1)
                }
                return
            }
        }
        write(Operation(.interrupt, flag: isBreak ? 1 : 2))
    }

    // MARK: cycle

    mutating func cycle(_ markup: ByteSlice) throws(LiquidError) {
        var values: [Operand] = []
        var name: Operand?
        if options.mode == .strict2 {
            var lexer = Lexer(markup)
            guard lexer.token.kind != .end else { throw error("'cycle' needs values: {% cycle 'a', 'b' %}.") }
            let first = try operand(&lexer)
            if lexer.take(.colon) {
                name = first
                values.append(try operand(&lexer))
            } else {
                values.append(first)
            }
            while lexer.take(.comma) {
                if lexer.token.kind == .end { break }
                values.append(try operand(&lexer))
            }
            try expectEnd(lexer)
        } else {
            (name, values) = try laxCycle(markup)
        }
        for value in values { note(value) }
        if let name { note(name) }
        let first = tables.arguments.count
        tables.arguments.append(contentsOf: values)
        let group = name == nil ? cycleGroup(values) : 0
        tables.cycles.append(
            CyclePlan(
                name: name ?? .null, isNamed: name != nil, group: UInt32(group), first: UInt32(first),
                count: UInt32(values.count)))
        write(Operation(.cycle, a: UInt32(tables.cycles.count - 1)))
    }

    /// Cycles of the same literals share their position. A list that contains a variable has its own.
    private mutating func cycleGroup(_ values: [Operand]) -> Int {
        var key = ""
        for value in values {
            guard value.isConstant else {
                key = "#\(tables.cycles.count)"
                break
            }
            let constant = tables.constants[value.index]
            key +=
                constant.tag == .string
                ? "\(constant.text.count):\(constant.text.string)" : "\(constant.tag)\(constant.bits)"
            key += ","
        }
        if let known = tables.cycleGroups[key] { return known }
        tables.cycleGroups[key] = tables.cycleGroups.count
        return tables.cycleGroups.count - 1
    }
}
