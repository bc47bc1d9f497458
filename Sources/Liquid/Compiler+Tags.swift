/// Tags that are neither branches nor loops.
extension Compiler {
    // MARK: assign, capture, counters

    mutating func assign(_ markup: ByteSlice) throws(LiquidError) {
        guard let (name, value) = Lax.assignment(markup) else {
            throw error("'assign' needs a name and a value: {% assign name = value %}.")
        }
        if options.mode == .strict2 { try checkTarget(markup, name, value) }
        let symbol = tables.symbols.intern(name)
        tables.uses.locals.insert(symbol)
        try expression(value, into: .symbol(symbol))
    }

    /// In the strictest grammar, only the name may precede the '='.
    private func checkTarget(_ markup: ByteSlice, _ name: ByteSlice, _ value: ByteSlice) throws(LiquidError) {
        let target = markup.slice(0, offset(of: value) - offset(of: markup) - 1).trimmed()
        var lexer = Lexer(target)
        guard target.equals(name), lexer.take(.identifier), lexer.token.kind == .end else {
            throw error("'\(target.string)' is not a name that a value can be assigned to.", at: target)
        }
    }

    mutating func capture(_ markup: ByteSlice, _ tokenizer: inout Tokenizer) throws(LiquidError) {
        let opening = place
        guard var name = Lax.signature(in: markup, from: 0) else {
            throw error("'capture' needs a name: {% capture name %}.")
        }
        if options.mode == .strict2 {
            let text = markup.trimmed()
            let isQuoted = text.count > 2 && (text[0] == 0x22 || text[0] == 0x27) && text[text.count - 1] == text[0]
            name = try singleName(isQuoted ? text.slice(1, text.count - 1) : text)
        }
        let symbol = tables.symbols.intern(name)
        tables.uses.locals.insert(symbol)
        write(Operation(.captureBegin))
        let start = here
        enclosing.append(Enclosing(kind: .capture, number: symbol))
        var ending = try body(&tokenizer)
        enclosing.removeLast()
        guard ending.name.equals("endcapture") else {
            if ending.isEnd { ending.start = opening }
            throw unexpected(ending, in: "capture")
        }
        protectText(from: start)
        write(Operation(.captureEnd, a: UInt32(symbol)))
    }

    mutating func ifChanged(_ tokenizer: inout Tokenizer) throws(LiquidError) -> Bool {
        let opening = place
        write(Operation(.captureBegin))
        let start = here
        enclosing.append(Enclosing(kind: .capture, number: Int(UInt32.max)))
        var ending = try body(&tokenizer)
        enclosing.removeLast()
        guard ending.name.equals("endifchanged") else {
            if ending.isEnd { ending.start = opening }
            throw unexpected(ending, in: "ifchanged")
        }
        protectText(from: start)
        write(Operation(.changedEnd))
        return isBlank
    }

    mutating func step(_ markup: ByteSlice, _ code: OperationCode) throws(LiquidError) {
        var name = markup.trimmed()
        if options.mode == .strict2 { name = try singleName(markup) }
        let symbol = tables.symbols.intern(name)
        tables.uses.locals.insert(symbol)
        tables.counterSymbols.append(symbol)
        write(Operation(code, a: UInt32(symbol)))
    }

    /// `{% catalog 'products' id: x, save: p %}` sets `p` to the row `x` of the local catalogue `products`, that is
    /// `catalogs['products'][x]`, or nil if there is none. Ids are strings.
    mutating func catalog(_ markup: ByteSlice) throws(LiquidError) {
        var lexer = Lexer(markup)
        let name = lexer.slice
        guard lexer.token.kind == .string else { throw unexpected(lexer, "a catalogue's name in quotes") }
        lexer.advance()
        _ = lexer.take(.comma)
        var id: Operand?
        var target: ByteSlice?
        while lexer.token.kind == .identifier {
            let key = lexer.slice
            lexer.advance()
            guard lexer.take(.colon) else { throw unexpected(lexer, "':'") }
            if key.equals("id") {
                id = try used(&lexer)
            } else if key.equals("save") {
                target = lexer.slice
                guard lexer.take(.identifier) else { throw unexpected(lexer, "a variable's name") }
            } else {
                throw error("'catalog' takes 'id' and 'save'.", at: key)
            }
            _ = lexer.take(.comma)
        }
        try expectEnd(lexer)
        guard let id, let target else {
            throw error("Read a catalogue with {% catalog 'name' id: value, save: variable %}.")
        }
        var path = Path(
            symbol: Int32(tables.symbols.intern(Source.catalogsName.text)), head: .null, firstSegment: 0,
            segmentCount: 0, source: UInt16(sourceNumber), start: UInt32(offset(of: name)), length: 0)
        let bottom = openSegments.count
        let inner = name.slice(1, name.count - 1)
        openSegments.append(Segment(kind: .key, command: .none, operand: .null, index: 0, key: .key(inner)))
        openSegments.append(bracketed(id))
        let row = finish(&path, from: bottom, end: offset(of: name) + name.count)
        note(row)
        let symbol = tables.symbols.intern(target)
        tables.uses.locals.insert(symbol)
        write(Operation(.load, flag: 1, a: row.raw))
        write(Operation(.store, a: UInt32(symbol)))
    }

    /// The single identifier in `markup`.
    private func singleName(_ markup: ByteSlice) throws(LiquidError) -> ByteSlice {
        var lexer = Lexer(markup)
        let name = lexer.slice
        guard lexer.take(.identifier) else { throw unexpected(lexer, "a variable's name") }
        try expectEnd(lexer)
        return name
    }

    /// `{% abort %}` or `{% abort 'reason' %}`: the message is not sent, for that reason.
    mutating func abort(_ markup: ByteSlice) throws(LiquidError) {
        var lexer = Lexer(markup)
        var reason = Operand.null
        if lexer.token.kind != .end {
            reason = try used(&lexer)
            try expectEnd(lexer)
        }
        write(Operation(.abort, a: reason.raw))
    }

    // MARK: Text that is not Liquid

    func inlineComment(_ markup: ByteSlice) throws(LiquidError) {
        var at = 0
        while let newline = markup.index(of: 0x0A, from: at, to: markup.count) {
            at = newline + 1
            var next = at
            while next < markup.count, isSpace(markup[next]) { next += 1 }
            if next < markup.count, markup[next] != 0x23 {
                throw error("Every line of an inline comment starts with '#'.", at: markup.slice(next, next + 1))
            }
        }
    }

    mutating func comment(_ tokenizer: inout Tokenizer) throws(LiquidError) {
        var open = 1
        while let piece = tokenizer.next() {
            let name: ByteSlice
            if tokenizer.isLineMode {
                name = lineName(piece)
            } else {
                name = piece.kind == .tag ? splitTag(piece)?.name ?? .empty : .empty
            }
            if name.equals("raw") { try skipRaw(&tokenizer) }
            if name.equals("comment") { open += 1 }
            if name.equals("endcomment") { open -= 1 }
            if open == 0 {
                if !tokenizer.isLineMode { trimsNext = endsWithDash(piece) }
                return
            }
        }
        throw error("'comment' is never closed. Add {% endcomment %}.")
    }

    private func lineName(_ piece: Piece) -> ByteSlice {
        let text = source.text.slice(piece.start, piece.end)
        var at = 0
        while at < text.count, isSpace(text[at]) { at += 1 }
        let from = at
        while at < text.count, isWord(text[at]) { at += 1 }
        return text.slice(from, at)
    }

    private func endsWithDash(_ piece: Piece) -> Bool {
        piece.end - 3 >= piece.start && source.text[piece.end - 3] == 0x2D
    }

    private mutating func skipRaw(_ tokenizer: inout Tokenizer) throws(LiquidError) {
        while let piece = tokenizer.next() {
            if closing(piece, "endraw") != nil { return }
        }
        throw error("'raw' is never closed. Add {% endraw %}.")
    }

    mutating func raw(_ markup: ByteSlice, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Bool {
        guard markup.isBlank else { throw error("'raw' takes no arguments: {% raw %}.", at: markup) }
        let text = source.text
        var from = -1
        var to = 0
        while let piece = tokenizer.next() {
            if from < 0 { from = piece.start }
            if let end = closing(piece, "endraw") {
                to = end
                if !tokenizer.isLineMode { trimsNext = endsWithDash(piece) }
                if to > from { write(.text(text.slice(from, to))) }
                return to <= from
            }
        }
        throw error("'raw' is never closed. Add {% endraw %}.")
    }

    mutating func doc(_ markup: ByteSlice, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Bool {
        guard markup.isBlank else { throw error("'doc' takes no arguments: {% doc %}.", at: markup) }
        var isEmpty = true
        while let piece = tokenizer.next() {
            if closing(piece, "doc") != nil { throw error("'doc' cannot be nested.", offset: piece.start) }
            if let end = closing(piece, "enddoc") {
                if !tokenizer.isLineMode { trimsNext = endsWithDash(piece) }
                return isEmpty && end <= piece.start
            }
            isEmpty = false
        }
        throw error("'doc' is never closed. Add {% enddoc %}.")
    }

    /// The start of the last `{%` in a piece if it is the tag `name`, whether or not the text before it is complete.
    private func closing(_ piece: Piece, _ name: StaticString) -> Int? {
        let text = source.text
        if piece.kind == .line { return lineName(piece).equals(name) ? piece.start : nil }
        guard piece.end - piece.start >= 4, text[piece.end - 1] == 0x7D, text[piece.end - 2] == 0x25 else { return nil }
        var at = piece.end - 4
        while at >= piece.start {
            if text[at] == 0x7B, text[at + 1] == 0x25 {
                let tag = Piece(kind: .tag, start: at, end: piece.end)
                if let (found, _) = splitTag(tag) { return found.equals(name) ? at : nil }
            }
            at -= 1
        }
        return nil
    }

    // MARK: render, include

    mutating func call(_ markup: ByteSlice, isRender: Bool) throws(LiquidError) {
        var plan = CallPlan(
            kind: isRender ? .render : .include, chunk: -1, name: .null, nameText: .null, subject: .null,
            hasSubject: false, isLoop: false, subjectSymbol: -1, sameNamePath: .null, firstArgument: 0,
            argumentCount: 0, loopSymbol: 0)
        var named: [(ByteSlice, Operand)] = []
        var alias: ByteSlice?
        if options.mode == .strict2 {
            var lexer = Lexer(markup)
            if isRender, lexer.token.kind != .string { throw unexpected(lexer, "a snippet's name in quotes") }
            plan.name = try operand(&lexer)
            plan.isLoop = lexer.slice.equals("for") && lexer.token.kind == .identifier
            if lexer.take("for") || lexer.take("with") {
                plan.subject = try operand(&lexer)
                plan.hasSubject = true
            }
            if lexer.take("as") {
                alias = lexer.slice
                guard lexer.take(.identifier) else { throw unexpected(lexer, "a name after 'as'") }
            }
            _ = lexer.take(.comma)
            while lexer.token.kind == .identifier {
                let key = lexer.slice
                lexer.advance()
                guard lexer.take(.colon) else { throw unexpected(lexer, "':'") }
                named.append((key, try operand(&lexer)))
                _ = lexer.take(.comma)
            }
            try expectEnd(lexer)
        } else {
            try laxCall(markup, isRender: isRender, &plan, &named, &alias)
        }
        finish(&plan, named, alias)
    }

    private mutating func finish(_ plan: inout CallPlan, _ named: [(ByteSlice, Operand)], _ alias: ByteSlice?) {
        note(plan.subject)
        if plan.name.isConstant, tables.constants[plan.name.index].tag == .string {
            let text = tables.constants[plan.name.index].text
            let name = text.string
            plan.nameText = tables.constants[plan.name.index]
            plan.chunk = Int32(snippet(named: name))
            tables.uses.snippets.insert(name)
            if plan.chunk >= 0 { plan.subjectSymbol = Int32(tables.chunks[Int(plan.chunk)].symbol) }
            if plan.chunk < 0 {
                let hint = Spelling.closest(to: name, among: catalogue.names).map { "Did you mean '\($0)'?" }
                tables.problems.append(
                    error("There is no snippet '\(name)'.", at: text, kind: .missingSnippet, hint: hint))
            }
            if plan.kind == .include, !plan.hasSubject {
                // The variable with the snippet's own name is its subject.
                var path = Path(
                    symbol: Int32(tables.symbols.intern(text)), head: .null, firstSegment: 0, segmentCount: 0,
                    source: UInt16(sourceNumber), start: UInt32(offset(of: text)), length: UInt32(text.count))
                plan.sameNamePath = finish(&path, from: openSegments.count, end: offset(of: text) + text.count)
            }
        } else {
            note(plan.name)
            wantsWholeCatalogue = true
        }
        if let alias { plan.subjectSymbol = Int32(tables.symbols.intern(alias)) }
        if plan.subjectSymbol >= 0, plan.hasSubject { tables.uses.locals.insert(Int(plan.subjectSymbol)) }
        plan.firstArgument = UInt32(tables.arguments.count)
        plan.argumentCount = UInt32(named.count)
        for (key, value) in named {
            note(value)
            let symbol = tables.symbols.intern(key)
            tables.uses.locals.insert(symbol)
            tables.arguments.append(Operand(raw: UInt32(symbol)))
            tables.arguments.append(value)
        }
        plan.loopSymbol = UInt32(tables.symbols.intern(Source.forloopName.text))
        tables.calls.append(plan)
        write(Operation(.call, a: UInt32(tables.calls.count - 1)))
        if plan.kind == .include, !enclosing.isEmpty {
            for isBreak in [true, false] {
                write(Operation(.branchUnlessInterrupt, flag: isBreak ? 1 : 2))
                let skip = here - 1
                interrupt(isBreak: isBreak)
                patch(skip, to: here)
            }
        } else if plan.kind == .include {
            write(Operation(.branchUnlessInterrupt, flag: 3))
            let skip = here - 1
            write(Operation(.interrupt, flag: 3))
            patch(skip, to: here)
        }
    }
}
