import Glibc

/// Filters over arrays.
extension Machine {
    mutating func list(_ filter: Filter, _ input: Value, _ given: Arguments, _ data: TemplateData) throws(Failure)
        -> Value
    {
        switch filter {
        case .size: return size(input)
        case .first: return try end(input, isFirst: true)
        case .last: return try end(input, isFirst: false)
        default: break
        }
        let bottom = scratch.count
        defer { scratch.pop(to: bottom) }
        try pushItems(input)
        let count = scratch.count - bottom
        try charge(count * Work.element)
        let property = given.count > 0 && !given.first.isNil ? given.first : Value.missing
        switch filter {
        case .join: return try join(bottom, given.count > 0 ? try makeString(given.first).text : nil)
        case .reverse:
            let items = scratch.base + bottom
            for index in 0..<count / 2 {
                let mirrored = count - 1 - index
                (items[index], items[mirrored]) = (items[mirrored], items[index])
            }
            return try array(from: bottom)
        case .concat:
            guard given.first.tag == .array else { throw fail("'concat' needs an array to add.") }
            try charge(Int(given.first.count) * Work.element)
            for element in given.first.elements { scratch.append(element) }
            return try array(from: bottom)
        case .sort, .sortNatural: return try sort(bottom, property, natural: filter == .sortNatural, data)
        case .map: return try map(bottom, given.first, data)
        case .compact: return try compact(bottom, property, data)
        case .uniq: return try unique(bottom, property, data)
        case .sum: return try sum(bottom, property, data)
        default: return try select(filter, bottom, given, data)
        }
    }

    private func size(_ input: Value) -> Value {
        switch input.tag {
        case .string: return .int(input.text.characterCount)
        case .array, .object: return .int(Int(input.count))
        case .range: return .int(input.bounds.count)
        case .int: return .int(8)
        case .big: return .int(input.bytesOfInteger)
        default: return .int(0)
        }
    }

    private mutating func end(_ input: Value, isFirst: Bool) throws(Failure) -> Value {
        switch input.tag {
        case .array: return (isFirst ? input.elements.first : input.elements.last) ?? .null
        case .object:
            guard isFirst, let member = input.members.first else { return .null }
            return try pair(member)
        case .range:
            return .int(isFirst ? input.bounds.lower : input.bounds.upper)
        case .string: return isFirst ? firstCharacter(input) : lastCharacter(input)
        default: return .null
        }
    }

    // MARK: Items

    /// Pushes the items that a filter iterates over: arrays flattened, ranges expanded, anything else as one item.
    mutating func pushItems(_ input: Value) throws(Failure) {
        switch input.tag {
        case .missing, .null: break
        case .array: try pushFlattened(input)
        case .range:
            let bounds = input.bounds
            guard bounds.count <= stepsLeft else { throw Failure(kind: .stepLimit) }
            try step(bounds.count)
            if bounds.count > 0 { for value in bounds.lower...bounds.upper { scratch.append(.int(value)) } }
        default: scratch.append(input)
        }
    }

    private mutating func pushFlattened(_ array: Value) throws(Failure) {
        guard scratch.count < options.limits.memoryBytes / MemoryLayout<Value>.stride else {
            throw Failure(kind: .memoryLimit)
        }
        try charge(Int(array.count) * Work.element)
        for element in array.elements {
            if element.tag == .array { try pushFlattened(element) } else { scratch.append(element) }
        }
    }

    /// `item[property]`, as defined by Ruby's `[]` for each type.
    private mutating func property(_ item: Value, _ given: Value, _ data: TemplateData) throws(Failure) -> Value {
        var name = given
        // A name is hashed, and searched for in a string.
        try charge(Work.element + (item.tag == .string ? Int(item.count) : 0) + Int(name.count) * 4)
        // A fraction is truncated to an index, except for objects, which have no such key.
        if name.tag == .double, item.tag != .object, let whole = Int(exactly: name.asDouble.rounded(.towardZero)) {
            name = .int(whole)
        }
        switch item.tag {
        case .object:
            guard name.tag == .string else { return .missing }
            let found = Machine.find(.key(name.text), in: item)
            return found >= 0 ? item.members[found].value : .missing
        case .array:
            guard name.tag == .int else { throw wrongProperty(name) }
            return element(of: item, name.asInt)
        case .string:
            // A string's `[]` searches for a substring.
            if name.tag == .string {
                try chargeSearch(in: item.text, for: name.text)
                return item.text.find(name.text) >= 0 ? name : .missing
            }
            if name.tag == .int {
                let text = item.text
                let at = name.asInt < 0 ? text.characterCount + name.asInt : name.asInt
                guard at >= 0, at < text.characterCount else { return .missing }
                let from = text.offset(ofCharacter: at)
                return .string(text.slice(from, text.slice(from, text.count).offset(ofCharacter: 1) + from))
            }
            throw wrongProperty(name)
        case .int, .big:
            guard name.tag == .int else { throw wrongProperty(name) }
            let bit = name.asInt
            return .int(bit < 0 || item.tag == .big ? 0 : bit > 63 ? (item.asInt < 0 ? 1 : 0) : item.asInt >> bit & 1)
        case .forloop, .tablerow, .scope:
            guard name.tag == .string else { return .missing }
            return try named(item, .key(name.text), .none, data)
        default: throw wrongProperty(name)
        }
    }

    /// Whether an item has properties at all.
    private func hasProperties(_ item: Value) -> Bool {
        switch item.tag {
        case .missing, .null, .yes, .no, .double, .range: return false
        default: return true
        }
    }

    private mutating func wrongProperty(_ name: Value) -> Failure {
        let text = name.tag == .string ? name.text.string : "that"
        return fail("The property '\(text)' cannot be read from these values. Check that they are objects.")
    }

    // MARK: Filters

    private mutating func join(_ bottom: Int, _ glue: ByteSlice?) throws(Failure) -> Value {
        let start = output.count
        for index in bottom..<scratch.count {
            if index > bottom { if let glue { output.append(glue) } else { output.append(0x20) } }
            let item = scratch[index]
            if output.isOverfull { throw Failure(kind: .outputLimit) }
            if item.tag == .string {
                output.append(item.text)
            } else if item.tag == .object || item.tag == .array {
                try inspect(item)
            } else {
                try printScalar(item)
            }
        }
        return try takeOutput(from: start)
    }

    private mutating func map(_ bottom: Int, _ name: Value, _ data: TemplateData) throws(Failure) -> Value {
        for index in bottom..<scratch.count {
            let item = scratch[index]
            let found = hasProperties(item) ? shown(try property(item, name, data)) : .null
            scratch[index] = found
        }
        return try array(from: bottom)
    }

    private mutating func compact(_ bottom: Int, _ name: Value, _ data: TemplateData) throws(Failure) -> Value {
        var kept = bottom
        for index in bottom..<scratch.count {
            let item = scratch[index]
            var probe = item
            if name.tag != .missing {
                guard hasProperties(item) else { return .null }
                probe = try property(item, name, data)
            }
            if probe.isNil { continue }
            scratch[kept] = item
            kept += 1
        }
        scratch.pop(to: kept)
        return try array(from: bottom)
    }

    private mutating func unique(_ bottom: Int, _ name: Value, _ data: TemplateData) throws(Failure) -> Value {
        let end = scratch.count
        if end - bottom <= 1 { return try array(from: bottom) }
        var kept = bottom
        try charge((end - bottom) * Work.element)
        var known = ValueIndex(room: end - bottom)
        // The values that are tested are pushed above the items.
        for index in bottom..<end {
            let item = scratch[index]
            var probe = item
            if name.tag != .missing {
                guard hasProperties(item) else { return .null }
                probe = try property(item, name, data)
            }
            var slot = known.first(try hash(of: probe))
            var isKnown = false
            while !isKnown, let position = known[slot] {
                try charge(Work.comparison)
                isKnown = Machine.identical(scratch[end + position], probe) && equal(scratch[end + position], probe)
                if !isKnown { slot = known.next(slot) }
            }
            if isKnown { continue }
            known.set(scratch.count - end, in: slot)
            scratch.append(probe)
            scratch[kept] = item
            kept += 1
        }
        scratch.pop(to: kept)
        return try array(from: bottom)
    }

    /// Whether two values are identical for `uniq`, where 1 and 1.0 are equal but differ.
    private static func identical(_ a: Value, _ b: Value) -> Bool {
        !(a.isNumber && b.isNumber) || (a.tag == .double) == (b.tag == .double)
    }

    private mutating func sum(_ bottom: Int, _ name: Value, _ data: TemplateData) throws(Failure) -> Value {
        var total = Quantity()
        for index in bottom..<scratch.count {
            var item = scratch[index]
            try chargeNumber(item)
            if name.tag != .missing { item = hasProperties(item) ? try property(item, name, data) : .int(0) }
            if item.tag == .array {
                let inner = scratch.count
                try pushFlattened(item)
                for at in inner..<scratch.count {
                    try chargeNumber(scratch[at])
                    total = number(try combine(.plus, total, number(scratch[at])))
                }
                scratch.pop(to: inner)
            } else {
                try chargeNumber(item)
                let quantity = number(item)
                let sum = try combine(.plus, total, quantity)
                total = number(sum)
            }
        }
        return try result(total)
    }

    private mutating func select(
        _ filter: Filter, _ bottom: Int, _ given: Arguments, _ data: TemplateData
    ) throws(Failure) -> Value {
        if scratch.count == bottom {
            switch filter {
            case .has: return .bool(false)
            case .find, .findIndex: return .null
            default: return .array(nil, 0)
            }
        }
        let wantsValue = given.count > 1 && !given.second.isNil
        var kept = bottom
        for index in bottom..<scratch.count {
            let item = scratch[index]
            guard hasProperties(item) else { return .null }
            if filter == .reject, given.first.isNil, item.tag != .object { return .array(nil, 0) }
            let found = try property(item, given.first, data)
            let matches = wantsValue ? equal(found, given.second) : found.isTruthy
            switch filter {
            case .find: if matches { return item }
            case .findIndex: if matches { return .int(index - bottom) }
            case .has: if matches { return .bool(true) }
            default:
                if matches == (filter == .where) {
                    scratch[kept] = item
                    kept += 1
                }
            }
        }
        switch filter {
        case .find, .findIndex: return .null
        case .has: return .bool(false)
        default: break
        }
        scratch.pop(to: kept)
        return try array(from: bottom)
    }

    // MARK: Sorting

    private mutating func sort(
        _ bottom: Int, _ name: Value, natural: Bool, _ data: TemplateData
    ) throws(Failure) -> Value {
        let count = scratch.count - bottom
        if count == 0 { return .array(nil, 0) }
        // A single item needs no sorting, and its property is not read.
        if count == 1 {
            return name.tag == .missing || hasProperties(scratch[bottom]) ? try array(from: bottom) : .null
        }
        try charge(count * Work.element)
        if name.tag != .missing {
            for index in bottom..<(bottom + count) where !hasProperties(scratch[index]) { return .null }
        }
        // The sort keys are pushed above the items.
        for index in bottom..<(bottom + count) {
            let item = scratch[index]
            var key = item
            if name.tag != .missing { key = try property(item, name, data) }
            if natural, !key.isNil { key = try makeString(key) }
            scratch.append(key)
        }
        let place = try allocate(count * 2 * MemoryLayout<Int32>.stride)
        let order = place.bindMemory(to: Int32.self, capacity: count * 2)
        for index in 0..<count { (order + index).initialize(to: Int32(truncatingIfNeeded: index)) }
        (order + count).initialize(repeating: 0, count: count)
        try mergeSort(order, order + count, 0, count, bottom + count, natural)
        let sorted = scratch.count
        for index in 0..<count { scratch.append(scratch[bottom + Int(order[index])]) }
        return try array(from: sorted)
    }

    /// A stable sort that is safe with comparisons that fail. `keys` is the index of the first key in `scratch`.
    private mutating func mergeSort(
        _ order: UnsafeMutablePointer<Int32>, _ spare: UnsafeMutablePointer<Int32>, _ low: Int, _ high: Int,
        _ keys: Int, _ natural: Bool
    ) throws(Failure) {
        if high - low < 2 { return }
        let middle = (low + high) / 2
        try mergeSort(order, spare, low, middle, keys, natural)
        try mergeSort(order, spare, middle, high, keys, natural)
        var left = low
        var right = middle
        for index in low..<high {
            let takesRight: Bool
            if left == middle {
                takesRight = true
            } else if right == high {
                takesRight = false
            } else {
                takesRight =
                    try before(scratch[keys + Int(order[right])], scratch[keys + Int(order[left])], natural) < 0
            }
            spare[index] = takesRight ? order[right] : order[left]
            if takesRight { right += 1 } else { left += 1 }
        }
        (order + low).update(from: spare + low, count: high - low)
    }

    /// Compares two values. nil is last.
    private mutating func before(_ a: Value, _ b: Value, _ natural: Bool) throws(Failure) -> Int {
        try charge(Work.element * 2)
        if a.isNil { return b.isNil ? 0 : 1 }
        if b.isNil { return -1 }
        if a.tag == .string, b.tag == .string {
            try charge(natural ? Int(min(a.count, b.count)) : Int(min(a.count, b.count)) >> 3)
        }
        if natural { return Machine.compareIgnoringCase(a.text, b.text) }
        if a.isNumber, b.isNumber { return Machine.compareNumbers(a, b) }
        if a.tag == .string, b.tag == .string { return Machine.compareBytes(a.text, b.text) }
        if a.tag == .array, b.tag == .array {
            for index in 0..<min(Int(a.count), Int(b.count)) {
                let order = try before(a.elements[index], b.elements[index], natural)
                if order != 0 { return order }
            }
            return Int(a.count) - Int(b.count)
        }
        if equal(a, b) { return 0 }
        throw fail("Values of different kinds cannot be sorted. Sort by a property that all of them have.")
    }

    /// Compares with ASCII letters in lower case.
    static func compareIgnoringCase(_ a: ByteSlice, _ b: ByteSlice) -> Int {
        for at in 0..<min(a.count, b.count) {
            let left = a[at] &- 0x41 < 26 ? a[at] | 0x20 : a[at]
            let right = b[at] &- 0x41 < 26 ? b[at] | 0x20 : b[at]
            if left != right { return left < right ? -1 : 1 }
        }
        return a.count < b.count ? -1 : a.count > b.count ? 1 : 0
    }

    // MARK: slice

    /// A part of a string or an array.
    mutating func slice(_ input: Value, _ given: Arguments) throws(Failure) -> Value {
        var offset = try integer(given.first)
        let length = given.count > 1 && given.second.isTruthy ? try integer(given.second) : 1
        let isList = input.tag == .array
        let string = isList ? input : try makeString(input)
        if !isList { try charge(Int(string.count) * 2) }
        let count = isList ? Int(input.count) : string.text.characterCount
        if offset < 0 { offset = offset.addingClamped(count) }
        guard offset >= 0, offset <= count, length >= 0 else { return isList ? .array(nil, 0) : .string(.empty) }
        let end = min(count, offset.addingClamped(length))
        if isList { return .array(input.elements.baseAddress.map { $0 + offset }, end - offset) }
        let text = string.text
        let from = text.offset(ofCharacter: offset)
        let rest = text.slice(from, text.count)
        return .string(text.slice(from, from + rest.offset(ofCharacter: end - offset)), flags: string.flags)
    }
}
