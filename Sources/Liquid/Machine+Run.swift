/// The loop over a program's steps.
extension Machine {
    /// Runs from the first step to the end of the template. `program` must be the one passed to `begin`.
    ///
    /// Longer than other functions on purpose: the compiler turns one switch over every step into one jump. The
    /// binary has two copies of this loop, one that traces and one without any check for tracing.
    mutating func run<T: Tracing>(
        _ program: Program, _ data: TemplateData, _ tracing: T.Type
    ) throws(Failure) {
        var at = program.chunks[0].start
        while true {
            if T.isOn { trace.append(TraceEntry(operation: UInt32(at), output: UInt32(output.count))) }
            let operation = operations[at]
            switch operation.code {
            case .text:
                let slice = operation.slice
                output.append(slice.base, slice.count)
            case .emit:
                position = at
                let operand = Operand(raw: operation.a)
                let value = try evaluate(operand, data)
                if value.isNil { try report(operand) } else { try emit(value) }
            case .emitEscaped:
                position = at
                let operand = Operand(raw: operation.a)
                let value = try evaluate(operand, data)
                if value.isNil { try report(operand) } else { try emitEscaped(value) }
            case .load:
                position = at
                let operand = Operand(raw: operation.a)
                accumulator = try evaluate(operand, data)
                suspect = accumulator.isNil && operation.flag == 0 && operand.isPath ? operand.index : -1
            case .filter:
                position = at
                try apply(operation, data)
            case .emitAccumulator:
                position = at
                if suspect >= 0 { try reportPath(suspect) }
                if accumulator.isNil { try refuseMissingTranslation() } else { try emit(accumulator) }
            case .emitAccumulatorEscaped:
                position = at
                if suspect >= 0 { try reportPath(suspect) }
                if accumulator.isNil { try refuseMissingTranslation() } else { try emitEscaped(accumulator) }
            case .store:
                bank[frameBase + symbolCount + Int(operation.a)] = accumulator.tag == .missing ? .null : accumulator
            case .jump:
                at = Int(operation.target)
                continue
            case .branchUnless:
                position = at
                if !(try test(operation, data)) {
                    at = Int(operation.target)
                    continue
                }
            case .branchIf:
                position = at
                if try test(operation, data) {
                    at = Int(operation.target)
                    continue
                }
            case .loopNext:
                if try nextTurn(program.loops[Int(operation.a)]) {
                    at = Int(operation.target)
                    continue
                }
            case .loopBegin:
                position = at
                if !(try beginLoop(program.loops[Int(operation.a)], data)) {
                    at = Int(operation.target)
                    continue
                }
            case .finish, .interrupt, .call:
                position = at
                guard try transfer(operation, &at, program, data) else { return }
                continue
            case .abort:
                position = at
                let reason = try evaluate(Operand(raw: operation.a), data)
                abortReason = try makeString(reason)
                return
            default:
                position = at
                if try rare(operation, program, data) {
                    at = Int(operation.target)
                    continue
                }
            }
            at &+= 1
        }
    }

    /// The rare steps. Returns true if the step jumps to its target.
    @inline(never)
    private mutating func rare(
        _ operation: Operation, _ program: Program, _ data: TemplateData
    ) throws(Failure) -> Bool {
        let a = Int(operation.a)
        switch operation.code {
        case .counterReset: counters[counterBase + a] = 0
        case .counterIncrement: counters[counterBase + a] += 1
        case .counterTake:
            if counters[counterBase + a] == 0 { return true }
            // The body of a `when` runs once for each equal value.
            try charge(Int(operation.b))
            counters[counterBase + a] -= 1
        case .branchIfCounter: return counters[counterBase + a] != 0
        case .branchUnlessInterrupt:
            if pendingInterrupt == 0 || (operation.flag != 3 && pendingInterrupt != operation.flag) { return true }
            if operation.flag != 3 { pendingInterrupt = 0 }
        case .loopLeave: leaveLoop(program.loops[a])
        case .rowBegin: return !(try beginRow(program.loops[a], data))
        case .rowNext: return try nextCell(program.loops[a])
        case .rowLeave: leaveRow(program.loops[a])
        case .captureBegin: captures.append(output.count)
        case .captureEnd:
            if operation.a == UInt32.max { try endChanged() } else { try endCapture(a) }
        case .changedEnd: try endChanged()
        case .increment, .decrement: try count(a, up: operation.code == .increment)
        case .cycle: try cycle(program.cycles[a], data)
        case .fail: throw fail(program.messages[a].kind, "")
        default: break
        }
        return false
    }

    // MARK: Captures and counters

    private mutating func endCapture(_ symbol: Int) throws(Failure) {
        guard let start = captures.popLast() else { return }
        if output.isOverfull { throw Failure(kind: .outputLimit) }
        let length = output.count - start
        guard length <= options.limits.captureBytes else { throw Failure(kind: .captureLimit) }
        try charge(length)
        var value = try copy(ByteSlice(base: UnsafePointer(output.base + start), count: length))
        if options.escaping == .html { value.flags = Value.safe }
        output.truncate(to: start)
        bank[frameBase + symbolCount + symbol] = value
    }

    private mutating func endChanged() throws(Failure) {
        guard let start = captures.popLast() else { return }
        let slice = ByteSlice(base: UnsafePointer(output.base + start), count: output.count - start)
        try charge(slice.count)
        if registers.lastChanged.tag == .string, registers.lastChanged.text.equals(slice) {
            output.truncate(to: start)
        } else {
            registers.lastChanged = try copy(slice)
        }
    }

    private mutating func count(_ symbol: Int, up: Bool) throws(Failure) {
        let slot = frameBase + symbolCount * 2 + symbol
        let current = bank[slot].tag == .int ? bank[slot].asInt : 0
        if up {
            bank[slot] = .int(current &+ 1)
            try emit(.int(current))
        } else {
            bank[slot] = .int(current &- 1)
            try emit(.int(current &- 1))
        }
    }

    private mutating func cycle(_ plan: CyclePlan, _ data: TemplateData) throws(Failure) {
        let count = Int(plan.count)
        guard plan.isNamed else {
            let group = registers.turns + Int(plan.group)
            let turn = turns[group]
            turns[group] = turn + 1 >= count ? 0 : turn + 1
            return try emitCycle(plan, turn, data)
        }
        let name = try evaluate(plan.name, data)
        var index = registers.namedTurns
        while index < namedTurns.count, !equal(namedTurns[index].name, name) {
            try charge(Work.comparison)
            index += 1
        }
        if index == namedTurns.count {
            try step()
            namedTurns.append((name, 0))
        }
        let turn = namedTurns[index].turn
        namedTurns[index].turn = turn + 1 >= count ? 0 : turn + 1
        try emitCycle(plan, turn, data)
    }

    private mutating func emitCycle(_ plan: CyclePlan, _ turn: Int, _ data: TemplateData) throws(Failure) {
        guard turn < Int(plan.count) else { return }
        let value = try evaluate(arguments[Int(plan.first) + turn], data)
        if !value.isNil { try emit(value) }
    }
}
