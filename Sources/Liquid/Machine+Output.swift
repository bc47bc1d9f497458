/// Writes values: formatted, and escaped for the channel.
extension Machine {
    @inline(__always)
    mutating func emit(_ value: Value) throws(Failure) {
        if value.tag == .string {
            if options.escaping == .none || (value.flags & Value.safe != 0 && options.escaping == .html) {
                let text = value.text
                output.append(text.base, text.count)
                return
            }
            return try emitEscapedByMode(value.text)
        }
        if value.tag == .int {
            guard let room = output.reserve(20) else { throw Failure(kind: .outputLimit) }
            output.commit(Number.write(value.asInt, to: room))
            return
        }
        try emitOther(value)
    }

    @inline(never)
    private mutating func emitOther(_ value: Value) throws(Failure) {
        switch value.tag {
        case .missing, .null, .blank, .empty: break
        case .yes: output.append("true")
        case .no: output.append("false")
        case .array:
            try charge(Int(value.count) * Work.element)
            for element in value.elements { try emit(element) }
        case .object:
            if options.escaping == .none { return try inspect(value) }
            try emitEscapedByMode(try makeString(value).text)
        default: try printScalar(value)
        }
    }

    private mutating func emitEscapedByMode(_ text: ByteSlice) throws(Failure) {
        if text.count > Machine.longText { try chargeEscaping(text) }
        switch options.escaping {
        case .none: output.append(text)
        case .html: output.appendHTML(text)
        case .json: output.appendJSON(text)
        case .header:
            let text = text.withoutOuterLineBreaks
            for at in 0..<text.count where text[at] == 0x0A || text[at] == 0x0D || text[at] == 0 {
                throw fail(
                    .headerInjection,
                    "A value for a header holds a line break or NUL. Clean the data or apply strip_newlines.")
            }
            output.append(text)
        }
    }

    /// Shorter texts are escaped within the price of a step.
    private static let longText = 1024

    /// Pays for escaping a long text, which is read whole even where there is no room for it.
    @inline(never)
    private mutating func chargeEscaping(_ text: ByteSlice) throws(Failure) {
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        try charge(text.count * 2)
    }

    /// Writes with HTML escaping in any mode, for the filter `escape` directly before the output.
    @inline(__always)
    mutating func emitEscaped(_ value: Value) throws(Failure) {
        if value.tag == .string {
            if value.text.count > Machine.longText { try chargeEscaping(value.text) }
            return output.appendHTML(value.text)
        }
        try emitEscapedOther(value)
    }

    @inline(never)
    private mutating func emitEscapedOther(_ value: Value) throws(Failure) {
        output.appendHTML(try makeString(value).text)
    }

    /// Writes a value that is not text: numbers, ranges, loops.
    mutating func printScalar(_ value: Value) throws(Failure) {
        switch value.tag {
        case .int:
            if let room = output.reserve(20) { output.commit(Number.write(value.asInt, to: room)) }
        case .big:
            if let room = output.reserve(48) { output.commit(Number.write(wide: value.bigInteger, to: room)) }
        case .double:
            try charge(Work.fraction)
            if let room = output.reserve(48) { output.commit(Number.write(value.asDouble, to: room)) }
        case .range:
            try printScalar(.int(value.bounds.lower))
            output.append("..")
            try printScalar(.int(value.bounds.upper))
        case .forloop: output.append("Liquid::ForloopDrop")
        case .tablerow: output.append("Liquid::TablerowloopDrop")
        case .scope: output.append("Liquid::SelfDrop")
        case .yes: output.append("true")
        case .no: output.append("false")
        default: break
        }
    }

    /// Writes arrays and objects as Ruby's `inspect` does.
    mutating func inspect(_ value: Value) throws(Failure) {
        switch value.tag {
        case .missing, .null: output.append("nil")
        case .string: inspect(value.text)
        case .array:
            try charge(Int(value.count) * Work.element)
            output.append(0x5B)
            var isFirst = true
            for element in value.elements {
                if !isFirst { output.append(", ") }
                isFirst = false
                try inspect(element)
            }
            output.append(0x5D)
        case .object:
            try charge(Int(value.count) * Work.element * 2)
            output.append(0x7B)
            var isFirst = true
            for member in value.members {
                if !isFirst { output.append(", ") }
                isFirst = false
                inspect(member.key.text)
                output.append("=>")
                try inspect(member.value)
            }
            output.append(0x7D)
        default: try printScalar(value)
        }
        if output.isOverfull { throw Failure(kind: .outputLimit) }
    }

    private mutating func inspect(_ text: ByteSlice) {
        output.append(0x22)
        for at in 0..<text.count {
            let byte = text[at]
            switch byte {
            case 0x22, 0x5C:
                output.append(0x5C)
                output.append(byte)
            case 0x0A: output.append("\\n")
            case 0x09: output.append("\\t")
            case 0x0D: output.append("\\r")
            case 0x0C: output.append("\\f")
            case 0x0B: output.append("\\v")
            case 0x08: output.append("\\b")
            case 0x07: output.append("\\a")
            case 0x1B: output.append("\\e")
            case 0x23:
                // `#{`, `#$` and `#@` would interpolate.
                if at + 1 < text.count, text[at + 1] == 0x7B || text[at + 1] == 0x24 || text[at + 1] == 0x40 {
                    output.append(0x5C)
                }
                output.append(byte)
            default:
                if byte < 0x20 || byte == 0x7F {
                    output.append("\\x")
                    output.append(hexadecimalDigits.utf8Start[Int(byte >> 4)])
                    output.append(hexadecimalDigits.utf8Start[Int(byte & 15)])
                } else {
                    output.append(byte)
                }
            }
        }
        output.append(0x22)
    }

    // MARK: Strings

    /// Converts the value to a string value, as Ruby's `to_s` does.
    @inline(__always)
    mutating func makeString(_ value: Value) throws(Failure) -> Value {
        if value.tag == .string { return value }
        return try makeOtherString(value)
    }

    @inline(never)
    private mutating func makeOtherString(_ value: Value) throws(Failure) -> Value {
        if value.isNil || value.tag == .blank || value.tag == .empty { return .string(.empty, flags: Value.safe) }
        let start = output.count
        if value.tag == .array || value.tag == .object { try inspect(value) } else { try printScalar(value) }
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        try charge((output.count - start) * 4)
        let string = try copy(ByteSlice(base: UnsafePointer(output.base + start), count: output.count - start))
        output.truncate(to: start)
        return string
    }

    /// A copy of the bytes in the arena.
    mutating func copy(_ text: ByteSlice) throws(Failure) -> Value {
        let place = try allocate(text.count + 1).assumingMemoryBound(to: UInt8.self)
        place.update(from: text.base, count: text.count)
        return .string(ByteSlice(base: UnsafePointer(place), count: text.count))
    }

    // MARK: Undefined values

    /// Handles an output without a value.
    @inline(never)
    mutating func report(_ operand: Operand) throws(Failure) {
        if operand.isPath { try reportPath(operand.index) }
    }

    @inline(never)
    mutating func reportPath(_ path: Int) throws(Failure) {
        switch options.undefined {
        case .ignore: return
        case .error:
            undefined.append((path, position))
            throw Failure(kind: .undefinedVariable)
        case .report:
            if isReported.isEmpty { isReported.append(contentsOf: repeatElement(false, count: pathCount)) }
            guard !isReported[path], undefined.count < 1000 else { return }
            isReported[path] = true
            undefined.append((path, position))
        }
    }
}
