/// `render` and `include`.
extension Machine {
    /// Calls, returns from and leaves snippets. Returns false at the end of the template.
    @inline(never)
    mutating func transfer(
        _ operation: Operation, _ at: inout Int, _ program: Program, _ data: TemplateData
    ) throws(Failure) -> Bool {
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        switch operation.code {
        case .call:
            try call(program.calls[Int(operation.a)], Int(operation.a), &at, program, data)
            return true
        case .interrupt:
            if operation.flag != 3 { pendingInterrupt = operation.flag }
            guard !frames.isEmpty else { return false }
            try finish(&at, program, data)
            return true
        default:
            guard !frames.isEmpty else { return false }
            try finish(&at, program, data)
            return true
        }
    }

    private mutating func call(
        _ plan: CallPlan, _ number: Int, _ at: inout Int, _ program: Program, _ data: TemplateData
    ) throws(Failure) {
        try step()
        guard frames.count < options.limits.depth else { throw Failure(kind: .depthLimit) }
        if plan.kind == .include, isRendering > 0 {
            throw fail("'include' cannot be used inside a snippet that 'render' called. Use 'render' there too.")
        }
        var chunk = Int(plan.chunk)
        var symbol = Int(plan.subjectSymbol)
        if plan.nameText.tag != .string {
            (chunk, symbol) = try computedChunk(plan, program, data)
        }
        guard chunk >= 0 else {
            let name = plan.nameText.tag == .string ? plan.nameText.text.string : ""
            throw fail(.missingSnippet, "There is no snippet '\(name)'.")
        }
        var frame = Frame(
            returnTo: at + 1, call: number, hiddenMark: hidden.count, frameBase: frameBase, counterBase: counterBase,
            loopState: loopState, items: nil, itemCount: 0, itemIndex: 0, chunk: chunk, symbol: symbol, loop: nil,
            registers: registers)
        try charge(program.chunks[chunk].work)
        counterBase = counters.count
        for _ in 0..<program.chunks[chunk].counters { counters.append(0) }
        if plan.kind == .render {
            try beginRender(plan, &frame, data)
        } else {
            try beginInclude(plan, &frame, data)
        }
        // A loop over an empty collection makes no call.
        if frame.itemIndex < 0 {
            counters.removeSubrange(counterBase...)
            counterBase = frame.counterBase
            restore(frame)
            at += 1
            return
        }
        frames.append(frame)
        at = program.chunks[chunk].start
    }

    private mutating func computedChunk(
        _ plan: CallPlan, _ program: Program, _ data: TemplateData
    ) throws(Failure) -> (Int, Int) {
        let name = try evaluate(plan.name, data)
        guard name.tag == .string else {
            throw fail("The name of a snippet to include is not a string. Give it a value.")
        }
        try charge(Int(name.count) * 4)
        guard let chunk = program.snippet(named: name.text) else {
            throw fail(.missingSnippet, "There is no snippet '\(name.text.string)'.")
        }
        return (chunk, plan.subjectSymbol >= 0 ? Int(plan.subjectSymbol) : program.chunks[chunk].symbol)
    }

    private mutating func beginInclude(_ plan: CallPlan, _ frame: inout Frame, _ data: TemplateData) throws(Failure) {
        var subject = Value.missing
        if plan.hasSubject {
            subject = try evaluate(plan.subject, data)
        } else if plan.nameText.tag == .string {
            subject = try evaluate(plan.sameNamePath, data)
        } else {
            let name = try evaluate(plan.name, data)
            subject = try variable(named: name.text, data)
        }
        for index in 0..<Int(plan.argumentCount) {
            let symbol = Int(arguments[Int(plan.firstArgument) + index * 2].raw)
            let value = try evaluate(arguments[Int(plan.firstArgument) + index * 2 + 1], data)
            bind(symbol, value)
        }
        if subject.tag == .array {
            guard subject.count > 0 else {
                frame.itemIndex = -1
                return
            }
            frame.items = subject.elements.baseAddress
            frame.itemCount = Int(subject.count)
            bind(frame.symbol, subject.elements[0])
        } else {
            bind(frame.symbol, subject)
        }
    }

    /// Binds a value to a name until the call returns.
    private mutating func bind(_ symbol: Int, _ value: Value) {
        hidden.push(frameBase + symbol, bank[frameBase + symbol])
        bank[frameBase + symbol] = shown(value)
    }

    private mutating func beginRender(_ plan: CallPlan, _ frame: inout Frame, _ data: TemplateData) throws(Failure) {
        var subject = Value.missing
        if plan.hasSubject { subject = try evaluate(plan.subject, data) }
        if plan.isLoop, subject.tag == .array || subject.tag == .range || subject.tag == .object {
            var state = LoopState(name: plan.nameText)
            switch subject.tag {
            case .array:
                state.items = subject.elements.baseAddress
                state.length = Int(subject.count)
            case .range:
                state.first = subject.bounds.lower
                state.length = subject.bounds.count
            default:
                let place = try allocate(Int(subject.count) * MemoryLayout<Value>.stride)
                let pairs = place.bindMemory(to: Value.self, capacity: Int(subject.count))
                try charge(Int(subject.count) * Work.element)
                for (index, member) in subject.members.enumerated() {
                    (pairs + index).initialize(to: try pair(member))
                }
                state.items = UnsafePointer(pairs)
                state.length = Int(subject.count)
            }
            guard state.length > 0 else {
                frame.itemIndex = -1
                return
            }
            let place = try allocate(MemoryLayout<LoopState>.stride).bindMemory(to: LoopState.self, capacity: 1)
            place.initialize(to: state)
            frame.loop = place
            frame.itemCount = state.length
        }
        isRendering += 1
        try charge((offsetCount + turnCount) * 2)
        openRegisters()
        try openFrame(plan, frame, subject: frame.loop.map { $0.pointee.item } ?? subject, data)
    }

    /// Opens a new frame that contains only the call's arguments.
    private mutating func openFrame(
        _ plan: CallPlan, _ frame: Frame, subject: Value, _ data: TemplateData
    ) throws(Failure) {
        let base = bank.count
        try charge(symbolCount * 4)
        guard bank.count * MemoryLayout<Value>.stride < options.limits.memoryBytes else {
            throw Failure(kind: .memoryLimit)
        }
        bank.push(symbolCount * 3)
        // The arguments are evaluated in the caller's frame.
        frameBase = frame.frameBase
        for index in 0..<Int(plan.argumentCount) {
            let symbol = Int(arguments[Int(plan.firstArgument) + index * 2].raw)
            let value = try evaluate(arguments[Int(plan.firstArgument) + index * 2 + 1], data)
            bank[base + symbolCount + symbol] = shown(value)
        }
        frameBase = base
        loopState = nil
        if let loop = frame.loop {
            bank[base + symbolCount + Int(plan.loopSymbol)] = Value(
                tag: .forloop, bits: UInt64(UInt(bitPattern: loop)))
        }
        if !subject.isNil, frame.symbol >= 0 { bank[base + symbolCount + frame.symbol] = subject }
    }

    /// The end of a snippet: continues with the next item, or returns to the caller.
    private mutating func finish(_ at: inout Int, _ program: Program, _ data: TemplateData) throws(Failure) {
        let last = frames.count - 1
        let plan = program.calls[frames[last].call]
        // An interrupt ends the body of a `render` and does not propagate.
        if plan.kind == .render { pendingInterrupt = 0 }
        frames[last].itemIndex += 1
        let next = frames[last].itemIndex
        if next < frames[last].itemCount, pendingInterrupt == 0 {
            try step()
            let frame = frames[last]
            try charge(program.chunks[frame.chunk].work)
            if let loop = frame.loop {
                loop.pointee.index = next
                bank.pop(to: frameBase)
                closeRegisters(frame.registers)
                openRegisters()
                try openFrame(plan, frame, subject: loop.pointee.item, data)
            } else if let items = frame.items {
                bank[frameBase + frame.symbol] = shown(items[next])
            }
            at = program.chunks[frame.chunk].start
            return
        }
        let frame = frames.removeLast()
        counters.removeSubrange(counterBase...)
        counterBase = frame.counterBase
        if plan.kind == .render {
            bank.pop(to: frameBase)
            isRendering -= 1
            closeRegisters(frame.registers)
            frameBase = frame.frameBase
        }
        loopState = frame.loopState
        restore(frame)
        at = frame.returnTo
    }

    private mutating func restore(_ frame: Frame) {
        while hidden.count > frame.hiddenMark, let entry = hidden.pop() { bank[entry.slot] = entry.value }
    }
}

extension LoopState {
    init(name: Value) {
        items = nil
        first = 0
        step = 1
        index = 0
        length = 0
        columns = 0
        column = 1
        row = 1
        self.name = name
        detail = .missing
        parent = 0
        outer = 0
        isRow = false
        symbol = 0
        hiddenItem = .missing
        hiddenLoop = .missing
    }
}
