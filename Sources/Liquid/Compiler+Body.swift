/// Compiles bodies: text, outputs, and the dispatch of tags.
extension Compiler {
    static let tagNames = [
        "assign", "break", "capture", "case", "comment", "continue", "cycle", "decrement", "doc", "echo", "for",
        "if", "ifchanged", "include", "increment", "liquid", "raw", "render", "tablerow", "unless", "abort", "catalog",
    ]

    /// Compiles until the end of the source or a tag that begins no block, such as an end tag.
    mutating func body(_ tokenizer: inout Tokenizer) throws(LiquidError) -> Ending {
        // The template itself does not count as a block.
        guard depth <= options.maxDepth else {
            throw error(
                "Blocks are nested more than \(options.maxDepth) deep. Move the inner ones to a snippet.",
                kind: .depthLimit)
        }
        depth += 1
        defer { depth -= 1 }
        lastText = -1
        isBlank = true
        while let piece = tokenizer.next() {
            place = piece.start
            switch piece.kind {
            case .text: text(piece)
            case .output: try output(piece)
            case .tag:
                if let ending = try tag(piece, &tokenizer) { return ending }
            case .line:
                if let ending = try line(piece, &tokenizer) { return ending }
            }
        }
        return Ending(name: .empty, markup: .empty, isEnd: true, start: place)
    }

    private mutating func text(_ piece: Piece) {
        var from = piece.start
        if trimsNext {
            while from < piece.end, isSpace(source.text[from]) { from += 1 }
        }
        trimsNext = false
        let slice = source.text.slice(from, piece.end)
        write(.text(slice))
        lastText = here - 1
        if isBlank, !slice.isBlank { isBlank = false }
    }

    /// Applies the whitespace control of `-` on either side of a tag or output.
    private mutating func trim(_ piece: Piece) {
        let text = source.text
        if piece.start + 2 < piece.end, text[piece.start + 2] == 0x2D, lastText >= 0 {
            var slice = tables.operations[lastText].slice
            while slice.count > 0, isSpace(slice[slice.count - 1]) { slice.count -= 1 }
            tables.operations[lastText].a = UInt32(slice.count)
        }
        lastText = -1
        trimsNext = piece.end - 3 >= piece.start && text[piece.end - 3] == 0x2D
    }

    private mutating func output(_ piece: Piece) throws(LiquidError) {
        trim(piece)
        let text = source.text
        guard piece.end - piece.start >= 4, text[piece.end - 1] == 0x7D, text[piece.end - 2] == 0x7D else {
            throw error("This output is not closed. Add '}}'.")
        }
        var from = piece.start + 2
        if text[from] == 0x2D { from += 1 }
        var to = piece.end - 2
        if to > from, text[to - 1] == 0x2D { to -= 1 }
        isBlank = false
        try expression(text.slice(from, max(from, to)), into: .output)
        isBlank = false
    }

    /// Compiles a tag. Returns it as the body's ending if it does not begin anything.
    private mutating func tag(_ piece: Piece, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Ending? {
        let before = lastText
        trim(piece)
        guard let (name, markup) = splitTag(piece) else {
            throw error("This tag is not closed or has no name. A tag looks like {% name ... %}.")
        }
        if name.equals("liquid") {
            lastText = before
            var lines = Tokenizer(
                source.text, from: offset(of: markup), to: offset(of: markup) + markup.count, isLineMode: true)
            if let ending = try liquid(&lines) { throw strayInLiquid(ending) }
            return nil
        }
        if try begin(name, markup, &tokenizer) { return nil }
        return Ending(name: name, markup: markup, isEnd: false, start: piece.start)
    }

    func strayInLiquid(_ ending: Ending) -> LiquidError {
        error(
            "'\(ending.name.string)' cannot be used here: a block that starts outside {% liquid %} must end outside it.",
            offset: ending.start)
    }

    /// Compiles the lines of a `liquid` tag as part of the surrounding body.
    mutating func liquid(_ lines: inout Tokenizer) throws(LiquidError) -> Ending? {
        guard depth < options.maxDepth else {
            throw error("Liquid tags are nested more than \(options.maxDepth) deep.", kind: .depthLimit)
        }
        depth += 1
        defer { depth -= 1 }
        while let piece = lines.next() {
            place = piece.start
            if let ending = try line(piece, &lines) { return ending }
        }
        return nil
    }

    /// One line of a `liquid` tag.
    private mutating func line(_ piece: Piece, _ tokenizer: inout Tokenizer) throws(LiquidError) -> Ending? {
        let text = source.text.slice(piece.start, piece.end)
        var at = 0
        while at < text.count, isSpace(text[at]) { at += 1 }
        if at == text.count { return nil }
        let from = at
        if text[at] == 0x23 {
            at += 1
        } else {
            while at < text.count, isWord(text[at]) { at += 1 }
        }
        let name = text.slice(from, at)
        while at < text.count, isSpace(text[at]) { at += 1 }
        let markup = text.slice(at, text.count)
        place = offset(of: name)
        if name.count == 0 {
            throw error("'\(text.trimmed().string)' is not a tag.")
        }
        if name.equals("liquid") {
            var lines = Tokenizer(
                source.text, from: offset(of: markup), to: offset(of: markup) + markup.count, isLineMode: true)
            if let ending = try liquid(&lines) { throw strayInLiquid(ending) }
            return nil
        }
        if try begin(name, markup, &tokenizer) { return nil }
        return Ending(name: name, markup: markup, isEnd: false, start: place)
    }

    /// The name and markup of `{% name markup %}`; nil if it does not have that form.
    func splitTag(_ piece: Piece) -> (name: ByteSlice, markup: ByteSlice)? {
        let text = source.text
        var end = piece.end - 2
        guard end >= piece.start + 2, text[end] == 0x25, text[end + 1] == 0x7D else { return nil }
        var at = piece.start + 2
        if at < end, text[at] == 0x2D { at += 1 }
        while at < end, isSpace(text[at]) { at += 1 }
        let from = at
        if at < end, text[at] == 0x23 {
            at += 1
        } else {
            while at < end, isWord(text[at]) { at += 1 }
        }
        guard at > from else { return nil }
        let name = text.slice(from, at)
        while at < end, isSpace(text[at]) { at += 1 }
        if end > at, text[end - 1] == 0x2D { end -= 1 }
        return (name, text.slice(at, max(at, end)))
    }

    private mutating func noteTag(_ name: ByteSlice) {
        for known in tables.uses.tags where known.equals(name) { return }
        tables.uses.tags.append(name)
    }

    /// Compiles the tag `name` up to its end. Returns false if there is no tag with that name.
    private mutating func begin(
        _ name: ByteSlice, _ markup: ByteSlice, _ tokenizer: inout Tokenizer
    ) throws(LiquidError) -> Bool {
        let outerBlank = isBlank
        var blank = false
        switch name.count {
        case 1 where name[0] == 0x23:
            try inlineComment(markup)
            blank = true
        case 2 where name.equals("if"): blank = try conditional(markup, &tokenizer, isUnless: false)
        case 3 where name.equals("for"): blank = try forLoop(markup, &tokenizer)
        case 3 where name.equals("raw"): blank = try raw(markup, &tokenizer)
        case 3 where name.equals("doc"): blank = try doc(markup, &tokenizer)
        case 4 where name.equals("case"): blank = try caseOf(markup, &tokenizer)
        case 4 where name.equals("echo"): try expression(markup, into: .output)
        case 5 where name.equals("cycle"): try cycle(markup)
        case 5 where name.equals("break"): interrupt(isBreak: true)
        case 5 where name.equals("abort") && options.dialect == .message: try abort(markup)
        case 6 where name.equals("assign"):
            try assign(markup)
            blank = true
        case 6 where name.equals("unless"): blank = try conditional(markup, &tokenizer, isUnless: true)
        case 6 where name.equals("render"): try call(markup, isRender: true)
        case 7 where name.equals("capture"):
            try capture(markup, &tokenizer)
            blank = true
        case 7 where name.equals("comment"):
            try comment(&tokenizer)
            blank = true
        case 7 where name.equals("catalog") && options.dialect == .message:
            try catalog(markup)
            blank = true
        case 7 where name.equals("include"): try call(markup, isRender: false)
        case 8 where name.equals("continue"): interrupt(isBreak: false)
        case 8 where name.equals("tablerow"): blank = try tableRow(markup, &tokenizer)
        case 9 where name.equals("increment"): try step(markup, .increment)
        case 9 where name.equals("decrement"): try step(markup, .decrement)
        case 9 where name.equals("ifchanged"): blank = try ifChanged(&tokenizer)
        default: return false
        }
        noteTag(name)
        isBlank = outerBlank && blank
        lastText = -1
        return true
    }
}

extension ByteSlice {
    /// Whether it is empty or contains only whitespace.
    var isBlank: Bool {
        for at in 0..<count where !isSpace(base[at]) { return false }
        return true
    }
}
