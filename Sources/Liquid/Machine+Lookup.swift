/// Resolves variables, members and elements.
extension Machine {
    @inline(__always)
    mutating func evaluate(_ operand: Operand, _ data: TemplateData) throws(Failure) -> Value {
        if operand.isPath { return try resolve(operand.index, data) }
        if operand.isConstant { return constants[operand.index] }
        return try makeRange(ranges[operand.index], data)
    }

    @inline(__always)
    mutating func resolve(_ index: Int, _ data: TemplateData) throws(Failure) -> Value {
        let path = paths + index
        var value: Value
        if path.pointee.symbol >= 0 {
            value = variable(Int(path.pointee.symbol), data)
        } else {
            value = try computedVariable(path.pointee.head, data)
        }
        let first = Int(path.pointee.firstSegment)
        let end = first &+ Int(path.pointee.segmentCount)
        var at = first
        while at < end {
            let segment = segments + at
            if value.tag == .object, segment.pointee.kind.rawValue <= Segment.Kind.key.rawValue {
                let found = member(of: value, segment.pointee.key, hint: at)
                if found >= 0 {
                    value = value.members[found].value
                    at &+= 1
                    continue
                }
            }
            value = try step(into: value, segment, data)
            at &+= 1
        }
        return value
    }

    /// Resolves a name: the innermost loop or argument, then assignments, counters and the data.
    @inline(__always)
    mutating func variable(_ symbol: Int, _ data: TemplateData) -> Value {
        let bound = bank[frameBase &+ symbol]
        if bound.tag != .missing { return bound }
        let assigned = bank[frameBase &+ symbolCount &+ symbol]
        if assigned.tag != .missing { return assigned }
        let global = globals[symbol]
        if global.tag != .missing, global.aux != Machine.absent {
            let counter = bank[frameBase &+ symbolCount &* 2 &+ symbol]
            return counter.tag == .missing ? global : counter
        }
        return otherVariable(symbol, data)
    }

    /// Marks a name that is not in the data.
    static let absent: UInt16 = 0xFFFF

    @inline(never)
    private mutating func otherVariable(_ symbol: Int, _ data: TemplateData) -> Value {
        let counter = bank[frameBase + symbolCount * 2 + symbol]
        if counter.tag != .missing { return counter }
        if globals[symbol].tag == .missing {
            let found = lookUp(name: symbolNames[symbol], data)
            if found.tag != .missing {
                globals[symbol] = found
                return found
            }
            globals[symbol] = Value(tag: .null, aux: Machine.absent)
        }
        if symbol == selfSymbol { return Value(tag: .scope, bits: UInt64(frameBase)) }
        return .missing
    }

    func lookUp(name: Value, _ data: TemplateData) -> Value {
        for root in data.roots {
            switch root {
            case .value(let key, let value): if key.text.equals(name.text) { return value }
            case .members(let object):
                let index = Machine.find(name, in: object)
                if index >= 0 { return object.members[index].value }
            }
        }
        return .missing
    }

    /// A variable whose name is computed.
    mutating func computedVariable(_ head: Operand, _ data: TemplateData) throws(Failure) -> Value {
        let name = try evaluate(head, data)
        guard name.tag == .string else { return .missing }
        return try variable(named: name.text, data)
    }

    mutating func variable(named name: ByteSlice, _ data: TemplateData) throws(Failure) -> Value {
        try charge(symbolCount * 2 + name.count * 4)
        for symbol in 0..<symbolCount where symbolNames[symbol].text.equals(name) { return variable(symbol, data) }
        return lookUp(name: .key(name), data)
    }

    /// The index of the member with that key, or -1. `hint` is the number of the segment that looks it up.
    @inline(__always)
    mutating func member(of object: Value, _ key: Value, hint: Int) -> Int {
        let members = object.members
        let guess = Int(hints[hint])
        if guess < members.count, Machine.same(members[guess].key, key) { return guess }
        let found = Machine.find(key, in: object)
        if found >= 0, found < Int(UInt16.max) { hints[hint] = UInt16(found) }
        return found
    }

    @inline(__always)
    private static func same(_ a: Value, _ b: Value) -> Bool {
        a.aux == b.aux && a.count == b.count && a.text.equals(b.text)
    }

    static func find(_ key: Value, in object: Value) -> Int {
        if object.flags & ObjectIndex.indexed != 0 { return ObjectIndex.find(object, key.text) }
        let members = object.members
        var index = 0
        while index < members.count {
            if same(members[index].key, key) { return index }
            index &+= 1
        }
        return -1
    }

    /// One step of a path into a value that is not an object with that key.
    @inline(never)
    mutating func step(
        into value: Value, _ segment: UnsafePointer<Segment>, _ data: TemplateData
    ) throws(Failure) -> Value {
        switch segment.pointee.kind {
        case .name: return try named(value, segment.pointee.key, segment.pointee.command, data)
        case .key: return try named(value, segment.pointee.key, .none, data)
        case .index: return element(of: value, segment.pointee.index)
        case .computed:
            let key = try evaluate(segment.pointee.operand, data)
            return try subscripted(value, key, data)
        }
    }

    /// `value[key]`
    mutating func subscripted(_ value: Value, _ key: Value, _ data: TemplateData) throws(Failure) -> Value {
        switch key.tag {
        case .int: return element(of: value, key.asInt)
        case .string:
            try charge(Int(key.count) * 4)
            if value.tag == .object {
                let found = Machine.find(.key(key.text), in: value)
                return found >= 0 ? value.members[found].value : .missing
            }
            return try named(value, .key(key.text), .none, data)
        default: return .missing
        }
    }

    func element(of value: Value, _ index: Int) -> Value {
        switch value.tag {
        case .array:
            let elements = value.elements
            let at = index < 0 ? elements.count + index : index
            return at >= 0 && at < elements.count ? elements[at] : .missing
        case .range:
            return .missing
        default: return .missing
        }
    }

    /// `value.name`
    mutating func named(
        _ value: Value, _ key: Value, _ command: Command, _ data: TemplateData
    ) throws(Failure) -> Value {
        switch value.tag {
        case .object:
            let found = Machine.find(key, in: value)
            if found >= 0 { return value.members[found].value }
            if command == .size { return .int(Int(value.count)) }
            if command == .first, let first = value.members.first { return try pair(first) }
            return .missing
        case .array:
            let elements = value.elements
            if command == .size { return .int(elements.count) }
            if command == .first { return elements.first ?? .missing }
            if command == .last { return elements.last ?? .missing }
            return .missing
        case .string:
            if command == .size {
                try charge(Int(value.count))
                return .int(value.text.characterCount)
            }
            if command == .first { return firstCharacter(value) }
            if command == .last { return lastCharacter(value) }
            return .missing
        case .range:
            let bounds = value.bounds
            if command == .size { return .int(bounds.count) }
            if command == .first { return .int(bounds.lower) }
            if command == .last { return .int(bounds.upper) }
            return .missing
        case .int where command == .size: return .int(8)
        case .big where command == .size: return .int(value.bytesOfInteger)
        case .forloop, .tablerow:
            let known = command == .none ? Command(key.text) : command
            return try loopProperty(value, known)
        case .scope:
            let outer = frameBase
            frameBase = Int(value.bits)
            defer { frameBase = outer }
            return try variable(named: key.text, data)
        default: return .missing
        }
    }

    mutating func loopProperty(_ value: Value, _ command: Command) throws(Failure) -> Value {
        let loop = value.loop.pointee
        switch command {
        case .index: return .int(loop.index + 1)
        case .index0: return .int(loop.index)
        case .rindex: return .int(loop.length - loop.index)
        case .rindex0: return .int(loop.length - loop.index - 1)
        case .first: return .bool(loop.index == 0)
        case .last: return .bool(loop.index == loop.length - 1)
        case .length: return .int(loop.length)
        case .name:
            guard value.tag == .forloop else { return .missing }
            guard loop.detail.tag == .string else { return loop.name }
            let dash: StaticString = "-"
            let head = try joined(loop.name, .string(ByteSlice(base: dash.utf8Start, count: 1)))
            return try joined(head, loop.detail)
        case .parentloop:
            guard value.tag == .forloop, loop.parent != 0 else { return .missing }
            return Value(tag: .forloop, bits: UInt64(loop.parent))
        default: break
        }
        guard value.tag == .tablerow else { return .missing }
        switch command {
        case .row: return .int(loop.row)
        case .column: return .int(loop.column)
        case .column0: return .int(loop.column - 1)
        case .columnFirst: return .bool(loop.column == 1)
        case .columnLast: return .bool(loop.column == loop.columns)
        default: return .missing
        }
    }

    /// A member as `[key, value]`.
    mutating func pair(_ member: Member) throws(Failure) -> Value {
        let place = try allocate(2 * MemoryLayout<Value>.stride)
        let values = place.bindMemory(to: Value.self, capacity: 2)
        (values + 0).initialize(to: member.key)
        (values + 1).initialize(to: member.value)
        return .array(UnsafePointer(values), 2)
    }

    func firstCharacter(_ value: Value) -> Value {
        let text = value.text
        return .string(text.slice(0, min(text.count, text.offset(ofCharacter: 1))), flags: value.flags)
    }

    func lastCharacter(_ value: Value) -> Value {
        let text = value.text
        var at = max(0, text.count - 1)
        while at > 0, text[at] & 0xC0 == 0x80 { at -= 1 }
        return .string(text.slice(at, text.count), flags: value.flags)
    }

    mutating func makeRange(_ plan: RangePlan, _ data: TemplateData) throws(Failure) -> Value {
        let isLiteral = plan.lower.isConstant && plan.upper.isConstant
        let lower = try bound(try evaluate(plan.lower, data), isLiteral)
        let upper = try bound(try evaluate(plan.upper, data), isLiteral)
        let place = try allocate(MemoryLayout<RangeBounds>.size)
        place.initializeMemory(as: RangeBounds.self, to: RangeBounds(lower: lower, upper: upper))
        return Value(tag: .range, bits: UInt64(UInt(bitPattern: place)))
    }

    /// The bound of a range: an integer, the leading integer of a string, or 0 for nil. A decimal number is truncated
    /// only in a range of two literals. No other value can be a bound.
    private mutating func bound(_ value: Value, _ isLiteral: Bool) throws(Failure) -> Int {
        switch value.tag {
        case .int: return value.asInt
        case .big: return value.bigInteger < 0 ? Int.min : Int.max
        case .string:
            try charge(Int(value.count) * Work.digit)
            return Machine.leadingInteger(value.text)
        case .double where isLiteral: return Int(exactly: value.asDouble.rounded(.towardZero)) ?? 0
        default:
            guard isLiteral || value.isNil else { throw fail("A range's bounds are whole numbers.") }
            return 0
        }
    }

    /// The leading integer of a string, as in Ruby's `to_i`; 0 if there is none.
    static func leadingInteger(_ text: ByteSlice) -> Int {
        var at = 0
        while at < text.count, isSpace(text[at]) { at += 1 }
        let start = at
        if at < text.count, text[at] == 0x2D || text[at] == 0x2B { at += 1 }
        let digits = at
        while at < text.count, isDigit(text[at]) || (text[at] == 0x5F && at > digits) { at += 1 }
        let negative = start < text.count && text[start] == 0x2D
        var value = 0
        for index in digits..<at where text[index] != 0x5F {
            let (product, over) = value.multipliedReportingOverflow(by: 10)
            let (sum, overSum) = product.addingReportingOverflow(Int(text[index] - 0x30))
            if over || overSum { return negative ? Int.min : Int.max }
            value = sum
        }
        return negative ? -value : value
    }
}
