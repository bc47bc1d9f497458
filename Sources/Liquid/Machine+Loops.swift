/// `for` and `tablerow`.
extension Machine {
    /// Starts a loop. Returns false if there is nothing to iterate over.
    mutating func beginLoop(_ plan: LoopPlan, _ data: TemplateData) throws(Failure) -> Bool {
        var from = 0
        if plan.continues {
            from = offsets[registers.offsets + Int(plan.nameIndex)]
        } else if plan.hasOffset {
            let value = try evaluate(plan.offset, data)
            if !value.isNil { from = try integer(value) }
        }
        let collection = try evaluate(plan.collection, data)
        var to: Int?
        if plan.hasLimit {
            let value = try evaluate(plan.limit, data)
            if !value.isNil { to = try integer(value).addingClamped(from) }
        }
        var state = LoopState(plan)
        try select(collection, from, to, &state)
        if plan.isReversed { state.reverse() }
        offsets[registers.offsets + Int(plan.nameIndex)] = from.addingClamped(state.length)
        guard state.length > 0 else { return false }
        try enter(&state, plan, .forloop)
        return true
    }

    /// Selects the items of `collection` that a loop visits.
    private mutating func select(
        _ collection: Value, _ from: Int, _ to: Int?, _ state: inout LoopState
    ) throws(Failure) {
        var count = 0
        switch collection.tag {
        case .array: count = Int(collection.count)
        case .object: count = Int(collection.count)
        case .range: count = collection.bounds.count
        case .string:
            // A string is one item, regardless of offset and limit.
            if collection.count > 0 {
                let place = try allocate(MemoryLayout<Value>.size).bindMemory(to: Value.self, capacity: 1)
                place.initialize(to: collection)
                state.items = UnsafePointer(place)
                state.length = 1
            }
            return
        default: return
        }
        let low = max(0, from)
        let high = min(count, to ?? count)
        guard low < high else { return }
        state.length = high - low
        if collection.tag == .range {
            state.first = collection.bounds.lower + low
        } else if collection.tag == .object {
            let place = try allocate(state.length * MemoryLayout<Value>.stride)
            let pairs = place.bindMemory(to: Value.self, capacity: state.length)
            try charge(state.length * Work.element)
            for index in 0..<state.length { (pairs + index).initialize(to: try pair(collection.members[low + index])) }
            state.items = UnsafePointer(pairs)
        } else {
            state.items = collection.elements.baseAddress.map { $0 + low }
        }
    }

    /// Makes the loop the innermost one and binds its first item.
    private mutating func enter(_ state: inout LoopState, _ plan: LoopPlan, _ tag: Tag) throws(Failure) {
        try step()
        state.symbol = Int(plan.symbol)
        let itemSlot = frameBase + state.symbol
        let loopSlot = frameBase + Int(plan.loopSymbol)
        state.hiddenItem = bank[itemSlot]
        state.hiddenLoop = bank[loopSlot]
        // `forloop` can outlive the loop, so its state is in the arena.
        let place = try allocate(MemoryLayout<LoopState>.stride).bindMemory(to: LoopState.self, capacity: 1)
        place.initialize(to: state)
        place.pointee.parent = tag == .forloop ? nearestLoop : 0
        place.pointee.outer = UInt(bitPattern: loopState)
        place.pointee.isRow = tag == .tablerow
        bank[loopSlot] = Value(tag: tag, bits: UInt64(UInt(bitPattern: place)))
        bank[itemSlot] = shown(place.pointee.item)
        loopState = place
    }

    /// The innermost enclosing `for`, for `parentloop`.
    private var nearestLoop: UInt {
        var state = loopState
        while let current = state, current.pointee.isRow {
            state = UnsafeMutablePointer(bitPattern: current.pointee.outer)
        }
        return UInt(bitPattern: state)
    }

    /// A bound nil still hides outer variables, so it must differ from a free slot.
    @inline(__always)
    func shown(_ value: Value) -> Value { value.tag == .missing ? .null : value }

    /// Binds the next item of the innermost loop. Returns false, and leaves the loop, when it is over.
    @inline(__always)
    mutating func nextTurn(_ plan: LoopPlan) throws(Failure) -> Bool {
        guard let state = loopState else { return false }
        stepsLeft &-= 1
        workLeft &-= Int(plan.work)
        // Negative when one of them is.
        if stepsLeft | workLeft < 0 { throw Failure(kind: stepsLeft < 0 ? .stepLimit : .workLimit) }
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        let next = state.pointee.index &+ 1
        state.pointee.index = next
        if next < state.pointee.length {
            bank[frameBase &+ state.pointee.symbol] = shown(state.pointee.item)
            return true
        }
        leaveLoop(plan)
        return false
    }

    /// Restores the variables that the innermost loop hid.
    mutating func leaveLoop(_ plan: LoopPlan) {
        guard let state = loopState else { return }
        bank[frameBase + state.pointee.symbol] = state.pointee.hiddenItem
        bank[frameBase + Int(plan.loopSymbol)] = state.pointee.hiddenLoop
        loopState = UnsafeMutablePointer(bitPattern: state.pointee.outer)
    }

    // MARK: tablerow

    mutating func beginRow(_ plan: LoopPlan, _ data: TemplateData) throws(Failure) -> Bool {
        let collection = try evaluate(plan.collection, data)
        guard collection.isTruthy else { return false }
        var from = 0
        var to: Int?
        if plan.hasOffset { from = try looseInteger(try evaluate(plan.offset, data)) }
        if plan.hasLimit { to = from.addingClamped(try looseInteger(try evaluate(plan.limit, data))) }
        var state = LoopState(plan)
        try select(collection, from, to, &state)
        state.columns = state.length
        if plan.hasColumns { state.columns = try looseInteger(try evaluate(plan.columns, data)) }
        output.append("<tr class=\"row1\">\n")
        guard state.length > 0 else {
            output.append("</tr>\n")
            return false
        }
        try enter(&state, plan, .tablerow)
        openCell(1)
        return true
    }

    private mutating func openCell(_ column: Int) {
        output.append("<td class=\"col")
        if let room = output.reserve(20) { output.commit(Number.write(column, to: room)) }
        output.append("\">")
    }

    mutating func nextCell(_ plan: LoopPlan) throws(Failure) -> Bool {
        guard let state = loopState else { return false }
        try step()
        try charge(Int(plan.work))
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        output.append("</td>")
        let isLastColumn = state.pointee.column == state.pointee.columns
        if isLastColumn, state.pointee.index < state.pointee.length - 1 {
            output.append("</tr>\n<tr class=\"row")
            if let room = output.reserve(20) { output.commit(Number.write(state.pointee.row + 1, to: room)) }
            output.append("\">")
        }
        state.pointee.index += 1
        if isLastColumn {
            state.pointee.column = 1
            state.pointee.row += 1
        } else {
            state.pointee.column += 1
        }
        if state.pointee.index < state.pointee.length {
            bank[frameBase + state.pointee.symbol] = shown(state.pointee.item)
            openCell(state.pointee.column)
            return true
        }
        leaveLoop(plan)
        output.append("</tr>\n")
        return false
    }

    mutating func leaveRow(_ plan: LoopPlan) {
        output.append("</td></tr>\n")
        leaveLoop(plan)
    }

    // MARK: Integers

    /// An integer, or a string that is one. Anything else fails.
    mutating func integer(_ value: Value) throws(Failure) -> Int {
        switch value.tag {
        case .int: return value.asInt
        case .big: return value.bigInteger < 0 ? Int.min : Int.max
        case .string:
            try charge(Int(value.count) * Work.digit)
            if let integer = Machine.strictInteger(value.text) { return integer }
        case .double where value.asDouble == value.asDouble.rounded():
            break
        default: break
        }
        throw fail("A whole number is needed here.")
    }

    /// Parses what Ruby's `Integer()` accepts: surrounding whitespace, a sign, `0x`, `0b`, `0o` or a leading 0
    /// (octal), and digits with single underscores between them.
    static func strictInteger(_ text: ByteSlice) -> Int? {
        var trimmed = text.trimmed()
        while trimmed.count > 0, trimmed[trimmed.count - 1] == 0 || isSpace(trimmed[trimmed.count - 1]) {
            trimmed.count -= 1
        }
        var at = 0
        if at < trimmed.count, trimmed[at] == 0x2B || trimmed[at] == 0x2D { at += 1 }
        let (base, start) = radix(trimmed, at)
        var value = 0
        var previousIsDigit = base != 10 && start == at + 1
        for index in start..<trimmed.count {
            let byte = trimmed[index]
            if byte == 0x5F {
                guard previousIsDigit, index + 1 < trimmed.count else { return nil }
                previousIsDigit = false
                continue
            }
            let letter = byte | 0x20
            let digit = isDigit(byte) ? Int(byte) - 0x30 : letter &- 0x61 < 6 ? Int(letter) - 0x57 : 16
            guard digit < base else { return nil }
            let (product, over) = value.multipliedReportingOverflow(by: base)
            let (sum, overSum) = product.addingReportingOverflow(digit)
            value = over || overSum ? Int.max : sum
            previousIsDigit = true
        }
        guard previousIsDigit else { return nil }
        return trimmed[0] == 0x2D ? -value : value
    }

    /// The base of a prefix, and the start of the digits.
    private static func radix(_ text: ByteSlice, _ at: Int) -> (base: Int, start: Int) {
        guard at + 1 < text.count, text[at] == 0x30 else { return (10, at) }
        switch text[at + 1] | 0x20 {
        case 0x78: return (16, at + 2)
        case 0x62: return (2, at + 2)
        case 0x6F: return (8, at + 2)
        case 0x64: return (10, at + 2)
        default: return (8, at + 1)
        }
    }

    /// Converts nil, numbers and strings to an integer, as Ruby's `to_i` does.
    mutating func looseInteger(_ value: Value) throws(Failure) -> Int {
        switch value.tag {
        case .missing, .null: return 0
        case .int: return value.asInt
        case .double: return Int(exactly: value.asDouble.rounded(.towardZero)) ?? 0
        case .string:
            try charge(Int(value.count) * Work.digit)
            return Machine.leadingInteger(value.text)
        case .big: return value.bigInteger < 0 ? Int.min : Int.max
        default: throw fail("A whole number is needed here.")
        }
    }
}

extension LoopState {
    init(_ plan: LoopPlan) {
        items = nil
        first = 0
        step = 1
        index = 0
        length = 0
        columns = 0
        column = 1
        row = 1
        name = plan.variableName
        detail = plan.collectionName
        parent = 0
        outer = 0
        isRow = false
        symbol = 0
        hiddenItem = .missing
        hiddenLoop = .missing
    }

    /// The current item.
    @inline(__always)
    var item: Value {
        let at = step > 0 ? index : length &- 1 &- index
        if let items { return items[at] }
        return .int(first &+ at)
    }

    mutating func reverse() { step = -1 }
}

extension Int {
    /// The sum, clamped to the range of `Int`.
    func addingClamped(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? (other > 0 ? Int.max : Int.min) : sum
    }
}
