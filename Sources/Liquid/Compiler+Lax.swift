/// The lax grammar, for the oldest templates: takes whatever matches and skips the rest.
extension Compiler {
    /// A value written as `text`.
    mutating func laxOperand(_ markup: ByteSlice, inCondition: Bool = false) -> Operand {
        let text = markup.trimmed()
        guard text.count > 0 else { return .null }
        let first = text[0]
        let last = text[text.count - 1]
        if first == last, first == 0x22 || first == 0x27 {
            let inner = text.count > 1 ? text.slice(1, text.count - 1) : text.slice(0, 0)
            return constant(.string(inner, flags: Value.safe))
        }
        if let literal = literal(text, inCondition: inCondition) { return literal }
        if first == 0x28, last == 0x29, let range = laxRange(text) { return range }
        if isLaxNumber(text) { return constant(numberLiteral(text)) }
        return laxPath(text)
    }

    private func isLaxNumber(_ text: ByteSlice) -> Bool {
        guard text[0] == 0x2D || isDigit(text[0]) else { return false }
        guard text.count > 1 || isDigit(text[0]) else { return false }
        for at in 1..<max(1, text.count) where text[at] != 0x2E && !isDigit(text[at]) { return false }
        return text[0] != 0x2D || isDigit(text[1])
    }

    /// `(a..b)` without white space inside the bounds.
    private mutating func laxRange(_ text: ByteSlice) -> Operand? {
        let inner = text.slice(1, text.count - 1).trimmed()
        var at = inner.count - 2
        while at > 0 {
            if inner[at] == 0x2E, inner[at + 1] == 0x2E {
                let lower = inner.slice(0, at).trimmed()
                let upper = inner.slice(at + 2, inner.count).trimmed()
                guard lower.count > 0, upper.count > 0, !lower.holdsSpace, !upper.holdsSpace else { return nil }
                return range(laxOperand(lower), laxOperand(upper))
            }
            at -= 1
        }
        return nil
    }

    /// Names and brackets in order of appearance. Anything between them is skipped.
    private mutating func laxPath(_ text: ByteSlice) -> Operand {
        var path = Path(
            symbol: -1, head: .null, firstSegment: 0, segmentCount: 0, source: UInt16(sourceNumber),
            start: UInt32(offset(of: text)), length: UInt32(text.count))
        let bottom = openSegments.count
        var hasHead = false
        var at = 0
        while at < text.count {
            let byte = text[at]
            if byte == 0x5B, let close = closingBracket(text, at) {
                let inner = laxOperand(text.slice(at + 1, close))
                if hasHead {
                    openSegments.append(bracketed(inner))
                } else {
                    path.head = inner
                }
                hasHead = true
                at = close + 1
            } else if isWord(byte) || byte == 0x2D {
                let from = at
                while at < text.count, isWord(text[at]) || text[at] == 0x2D { at += 1 }
                if at < text.count, text[at] == 0x3F { at += 1 }
                let name = text.slice(from, at)
                if hasHead {
                    openSegments.append(named(name))
                } else {
                    path.symbol = Int32(tables.symbols.intern(name))
                }
                hasHead = true
            } else {
                at += 1
            }
        }
        if !hasHead { return .null }
        return finish(&path, from: bottom, end: offset(of: text) + text.count)
    }

    /// The bracket that closes the one at `open`; nil if there is none or the brackets are empty.
    private func closingBracket(_ text: ByteSlice, _ open: Int) -> Int? {
        var nesting = 0
        for at in open..<text.count {
            if text[at] == 0x5B { nesting += 1 }
            if text[at] == 0x5D {
                nesting -= 1
                if nesting == 0 { return at > open + 1 ? at : nil }
            }
        }
        return nil
    }

    // MARK: Outputs

    mutating func laxExpression(_ markup: ByteSlice, into destination: Destination) throws(LiquidError) {
        let firstUse = tables.uses.variables.count
        guard let head = Lax.fragment(in: markup, from: 0) else {
            filterCalls.removeAll(keepingCapacity: true)
            if case .symbol = destination { finish(.null, firstUse: firstUse, destination) }
            return
        }
        let value = laxOperand(head)
        filterCalls.removeAll(keepingCapacity: true)
        let rest = markup.slice(offset(of: head) - offset(of: markup) + head.count, markup.count)
        if let pipe = rest.index(of: 0x7C, from: 0, to: rest.count) {
            var at = pipe + 1
            while at < rest.count {
                let end = filterEnd(rest, at)
                if end > at, let call = try laxFilter(rest.slice(at, end)) { filterCalls.append(call) }
                at = max(end, at + 1)
            }
        }
        finish(value, firstUse: firstUse, destination)
    }

    /// The end of a run of whitespace, fragments and commas.
    private func filterEnd(_ text: ByteSlice, _ from: Int) -> Int {
        var at = from
        while at < text.count {
            if isSpace(text[at]) || text[at] == 0x2C {
                at += 1
            } else if let end = Lax.fragmentEnd(text, at) {
                at = end
            } else {
                break
            }
        }
        return at
    }

    private mutating func laxFilter(_ text: ByteSlice) throws(LiquidError) -> FilterCall? {
        var at = 0
        while at < text.count, !isWord(text[at]) { at += 1 }
        let from = at
        while at < text.count, isWord(text[at]) { at += 1 }
        guard at > from else { return nil }
        let name = text.slice(from, at)
        var call = FilterCall(name: name, filter: try lookUp(name), first: tables.arguments.count)
        namedArguments.removeAll(keepingCapacity: true)
        at = 0
        while at < text.count {
            guard text[at] == 0x3A || text[at] == 0x2C else {
                // A colon or comma inside a string starts an argument only if the scan lands there. As in the
                // reference, every position is tried.
                at += 1
                continue
            }
            let start = Lax.skipSpace(text, at + 1)
            var valueStart = start
            var key: ByteSlice?
            var word = start
            while word < text.count, isWord(text[word]) { word += 1 }
            if word > start {
                let colon = Lax.skipSpace(text, word)
                if colon < text.count, text[colon] == 0x3A {
                    let value = Lax.skipSpace(text, colon + 1)
                    if Lax.fragmentEnd(text, value) != nil {
                        key = text.slice(start, word)
                        valueStart = value
                    }
                }
            }
            guard let end = Lax.fragmentEnd(text, valueStart) else {
                at += 1
                continue
            }
            add(text.slice(valueStart, end), key, &call)
            at = end
        }
        try seal(&call)
        return call
    }

    private mutating func add(_ text: ByteSlice, _ key: ByteSlice?, _ call: inout FilterCall) {
        if let key {
            let value = laxOperand(text)
            note(value)
            namedArguments.append((key, value))
            return
        }
        // `key:value` without whitespace is one fragment, but still a named argument.
        if let attribute = Lax.attributes(text, from: 0).first, offset(of: attribute.key) == offset(of: text),
            offset(of: attribute.value) + attribute.value.count == offset(of: text) + text.count
        {
            let value = laxOperand(attribute.value)
            note(value)
            namedArguments.append((attribute.key, value))
            return
        }
        let value = laxOperand(text)
        note(value)
        tables.arguments.append(value)
        call.positional += 1
    }

    // MARK: Conditions

    mutating func laxCondition(_ markup: ByteSlice, negated: Bool) throws(LiquidError) -> Branches {
        var branches = Branches()
        var at = 0
        var from = 0
        while true {
            at = Lax.skipSpace(markup, at)
            if at >= markup.count { break }
            let start = at
            if let end = Lax.fragmentEnd(markup, at) { at = end } else { at += 1 }
            let word = markup.slice(start, at)
            let isAnd = word.equals("and")
            guard isAnd || word.equals("or"), start > from || from > 0 else { continue }
            let part = try laxComparand(markup.slice(from, start))
            write(part, isAnd: isAnd, negated: negated, &branches)
            from = at
        }
        writeLast(try laxComparand(markup.slice(from, markup.count)), negated: negated, &branches)
        return branches
    }

    private mutating func laxComparand(_ text: ByteSlice) throws(LiquidError) -> Comparand {
        guard let left = Lax.fragment(in: text, from: 0) else {
            throw error("A condition needs something to compare: {% if value == other %}.", at: text)
        }
        let leftValue = laxOperand(left, inCondition: true)
        note(leftValue)
        var at = Lax.skipSpace(text, offset(of: left) - offset(of: text) + left.count)
        let from = at
        while at < text.count, isOperator(text[at]) { at += 1 }
        guard at > from else { return Comparand(comparison: .truth, left: leftValue, right: .null) }
        let comparison = comparison(text.slice(from, at))
        at = Lax.skipSpace(text, at)
        var right = Operand.null
        if let end = Lax.fragmentEnd(text, at) { right = laxOperand(text.slice(at, end), inCondition: true) }
        note(right)
        return Comparand(comparison: comparison, left: leftValue, right: right)
    }

    private func isOperator(_ byte: UInt8) -> Bool {
        byte == 0x3D || byte == 0x21 || byte == 0x3C || byte == 0x3E || byte == 0x5F || byte &- 0x61 < 26
    }

    mutating func laxWhenValues(_ markup: ByteSlice) throws(LiquidError) -> [Operand] {
        var values: [Operand] = []
        var rest = markup
        while true {
            guard let fragment = Lax.fragment(in: rest, from: 0) else {
                throw error("'when' needs a value: {% when value %}.", at: rest)
            }
            values.append(laxOperand(fragment, inCondition: true))
            let after = offset(of: fragment) - offset(of: rest) + fragment.count
            var at = Lax.skipSpace(rest, after)
            if at < rest.count, rest[at] == 0x2C {
                at = Lax.skipSpace(rest, at + 1)
            } else if at > after, rest.slice(at, rest.count).hasPrefix("or"), at + 2 < rest.count, isSpace(rest[at + 2])
            {
                at = Lax.skipSpace(rest, at + 2)
            } else {
                return values
            }
            guard Lax.fragmentEnd(rest, at) != nil else { return values }
            rest = rest.slice(at, rest.count)
        }
    }

    // MARK: Loops

    mutating func laxFor(_ markup: ByteSlice) throws(LiquidError) -> LoopMarkup {
        var parts = LoopMarkup()
        var at = 0
        while at < markup.count, isWord(markup[at]) || markup[at] == 0x2D { at += 1 }
        parts.variable = markup.slice(0, at)
        let gap = Lax.skipSpace(markup, at)
        let usage = "Write a loop as {% for item in collection %}."
        guard at > 0, gap > at, markup.slice(gap, markup.count).hasPrefix("in") else { throw error(usage) }
        let from = Lax.skipSpace(markup, gap + 2)
        guard from > gap + 2, let end = Lax.fragmentsEnd(markup, from) else { throw error(usage) }
        parts.collectionText = markup.slice(from, end)
        parts.collection = laxOperand(parts.collectionText)
        at = Lax.skipSpace(markup, end)
        parts.isReversed = markup.slice(at, markup.count).hasPrefix("reversed")
        for (key, value) in Lax.attributes(markup, from: 0) {
            if key.equals("offset"), value.equals("continue") {
                parts.continues = true
            } else {
                if key.equals("offset") { parts.continues = false }
                set(key, laxOperand(value), &parts)
            }
        }
        return parts
    }

    mutating func laxRow(_ markup: ByteSlice) throws(LiquidError) -> LoopMarkup {
        var parts = LoopMarkup()
        var at = 0
        while at < markup.count, !isWord(markup[at]) { at += 1 }
        let start = at
        while at < markup.count, isWord(markup[at]) { at += 1 }
        parts.variable = markup.slice(start, at)
        let gap = Lax.skipSpace(markup, at)
        let usage = "Write a table as {% tablerow item in collection %}."
        guard parts.variable.count > 0, gap > at, markup.slice(gap, markup.count).hasPrefix("in") else {
            throw error(usage)
        }
        let from = Lax.skipSpace(markup, gap + 2)
        guard from > gap + 2, let end = Lax.fragmentsEnd(markup, from) else { throw error(usage) }
        parts.collectionText = markup.slice(from, end)
        parts.collection = laxOperand(parts.collectionText)
        for (key, value) in Lax.attributes(markup, from: 0) { set(key, laxOperand(value), &parts) }
        return parts
    }

    mutating func laxCycle(_ markup: ByteSlice) throws(LiquidError) -> (Operand?, [Operand]) {
        guard Lax.fragmentEnd(markup, 0) != nil else {
            throw error("'cycle' needs values: {% cycle 'a', 'b' %}.")
        }
        var name: Operand?
        var list = markup
        if let (text, rest) = Lax.nameBeforeColon(markup) {
            name = laxOperand(text)
            list = markup.slice(rest, markup.count)
        }
        var values: [Operand] = []
        var from = 0
        while from <= list.count {
            let comma = list.index(of: 0x2C, from: from, to: list.count) ?? list.count
            if let fragment = Lax.fragment(in: list.slice(from, comma), from: 0) { values.append(laxOperand(fragment)) }
            from = comma + 1
        }
        return (name, values)
    }

    // MARK: render, include

    mutating func laxCall(
        _ markup: ByteSlice, isRender: Bool, _ plan: inout CallPlan, _ named: inout [(ByteSlice, Operand)],
        _ alias: inout ByteSlice?
    ) throws(LiquidError) {
        guard let name = isRender ? Lax.quoted(in: markup) : Lax.fragments(in: markup) else {
            throw error("A snippet's name is missing: {% \(isRender ? "render" : "include") 'name' %}.")
        }
        plan.name = laxOperand(name)
        var at = Lax.skipSpace(markup, offset(of: name) - offset(of: markup) + name.count)
        let rest = markup.slice(at, markup.count)
        let isLoop = rest.hasPrefix("for")
        if isLoop || rest.hasPrefix("with") {
            let word = isLoop ? 3 : 4
            let from = Lax.skipSpace(rest, word)
            if from > word, let end = Lax.fragmentsEnd(rest, from) {
                plan.subject = laxOperand(rest.slice(from, end))
                plan.hasSubject = true
                plan.isLoop = isLoop
                at += end
                at = Lax.skipSpace(markup, at)
            }
        }
        let tail = markup.slice(at, markup.count)
        if tail.hasPrefix("as") {
            let from = Lax.skipSpace(tail, 2)
            var end = from
            while end < tail.count, isWord(tail[end]) || tail[end] == 0x2D { end += 1 }
            if from > 2, end > from { alias = tail.slice(from, end) }
        }
        for (key, value) in Lax.attributes(markup, from: 0) { named.append((key, laxOperand(value))) }
    }
}

extension ByteSlice {
    var holdsSpace: Bool {
        for at in 0..<count where isSpace(base[at]) { return true }
        return false
    }
}
