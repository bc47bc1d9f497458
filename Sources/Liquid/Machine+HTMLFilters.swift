/// Filters for markup and line breaks.
extension Machine {
    mutating func escape(_ text: ByteSlice) throws(Failure) -> Value {
        let start = output.count
        try charge(text.count)
        output.appendHTML(text)
        return try takeOutput(from: start, flags: Value.safe)
    }

    /// Removes the text appended to the output since `start` and returns it as a string.
    mutating func takeOutput(from start: Int, flags: UInt8 = 0) throws(Failure) -> Value {
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        let length = output.count - start
        let out = try room(length)
        out.update(from: output.base + start, count: length)
        output.truncate(to: start)
        return close(out, length, length, flags: flags)
    }

    mutating func escapeOnce(_ text: ByteSlice) throws(Failure) -> Value {
        let start = output.count
        try charge(text.count * 4)
        var from = 0
        for at in 0..<text.count {
            let byte = text[at]
            guard byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x22 || byte == 0x27 else { continue }
            if byte == 0x26, Machine.isEntity(text, at) { continue }
            output.append(text.slice(from, at))
            output.appendHTML(text.slice(at, at + 1))
            from = at + 1
        }
        output.append(text.slice(from, text.count))
        return try takeOutput(from: start, flags: Value.safe)
    }

    /// `&name;` or `&#12;`
    private static func isEntity(_ text: ByteSlice, _ ampersand: Int) -> Bool {
        var at = ampersand + 1
        let isNumber = at < text.count && text[at] == 0x23
        if isNumber { at += 1 }
        let from = at
        while at < text.count, isNumber ? isDigit(text[at]) : (text[at] | 0x20) &- 0x61 < 26 { at += 1 }
        return at > from && at < text.count && text[at] == 0x3B
    }

    /// Removes scripts, comments and styles with their content, then every tag.
    mutating func stripHTML(_ text: ByteSlice) throws(Failure) -> Value {
        let start = output.count
        try charge(text.count * 6)
        var at = 0
        var exhausted: UInt8 = 0
        while at < text.count {
            guard let open = text.index(of: 0x3C, from: at, to: text.count) else { break }
            output.append(text.slice(at, open))
            at = open
            if let end = blockEnd(text, open, &exhausted) {
                at = end
            } else {
                output.append(0x3C)
                at = open + 1
            }
        }
        output.append(text.slice(at, text.count))
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        // Removes the tags of the rest. It is rewritten in place, because it only shrinks.
        let length = output.count - start
        let base = output.base + start
        let rest = ByteSlice(base: UnsafePointer(base), count: length)
        var kept = 0
        at = 0
        while at < length {
            if rest[at] == 0x3C, let close = rest.index(of: 0x3E, from: at, to: length) {
                at = close + 1
                continue
            }
            if rest[at] == 0x3C {
                // There are no complete tags after this point.
                while at < length {
                    base[kept] = rest[at]
                    kept += 1
                    at += 1
                }
                break
            }
            base[kept] = rest[at]
            kept += 1
            at += 1
        }
        output.truncate(to: start + kept)
        return try takeOutput(from: start)
    }

    /// The end of a script, comment or style that starts at `open`. A bit of `exhausted` means that a kind has no
    /// more ends, so a text full of starts is not searched again and again.
    private func blockEnd(_ text: ByteSlice, _ open: Int, _ exhausted: inout UInt8) -> Int? {
        let rest = text.slice(open, text.count)
        let end: StaticString
        let kind: UInt8
        let length: Int
        if rest.hasPrefix("<script") {
            (end, kind, length) = ("</script>", 1, 7)
        } else if rest.hasPrefix("<!--") {
            (end, kind, length) = ("-->", 2, 4)
        } else if rest.hasPrefix("<style") {
            (end, kind, length) = ("</style>", 4, 6)
        } else {
            return nil
        }
        guard exhausted & kind == 0 else { return nil }
        let needle = ByteSlice(base: end.utf8Start, count: end.utf8CodeUnitCount)
        let found = text.find(needle, from: open + length)
        if found >= 0 { return found + needle.count }
        exhausted |= kind
        return nil
    }

    mutating func replaceNewlines(_ text: ByteSlice, with replacement: StaticString) throws(Failure) -> Value {
        let start = output.count
        // A text may be nothing but line breaks.
        try charge(text.count * 7)
        var from = 0
        for at in 0..<text.count where text[at] == 0x0A {
            let end = at > from && text[at - 1] == 0x0D ? at - 1 : at
            output.append(text.slice(from, end))
            output.append(replacement)
            from = at + 1
        }
        output.append(text.slice(from, text.count))
        return try takeOutput(from: start)
    }

    /// In HTML mode, the value is escaped before it gets its tags.
    mutating func breakLines(_ value: Value) throws(Failure) -> Value {
        guard options.escaping == .html else { return try replaceNewlines(value.text, with: "<br />\n") }
        let safe = value.flags & Value.safe != 0 ? value : try escape(value.text)
        var broken = try replaceNewlines(safe.text, with: "<br />\n")
        broken.flags |= Value.safe
        return broken
    }
}
