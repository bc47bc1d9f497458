extension Template {
    /// Branches that no data can enter: their condition compares literals, or they follow a branch that is always
    /// taken, a `break`, a `continue` or an `abort`.
    public var unreachableBranches: [BranchCoverage.Branch] {
        BranchCoverage(self).branches(leadingNowhere: program.reachableSteps)
    }
}

extension Program {
    /// The steps that some data can reach. Every snippet counts as called.
    var reachableSteps: [Bool] {
        var isReachable = [Bool](repeating: false, count: operations.count + 1)
        var open = [0] + chunks.map { Int($0.start) }
        while let index = open.popLast() {
            guard index >= 0, index < operations.count, !isReachable[index] else { continue }
            isReachable[index] = true
            let operation = operations[index]
            switch operation.code {
            case .jump: open.append(Int(operation.target))
            case .finish, .interrupt, .abort, .fail: break
            case .branchUnless, .branchIf:
                // The result of the comparison is known for literals only.
                let holds = holds(operation)
                let jumps = holds.map { $0 == (operation.code == .branchIf) }
                if jumps != false { open.append(Int(operation.target)) }
                if jumps != true { open.append(index + 1) }
            case .counterTake, .branchIfCounter, .branchUnlessInterrupt, .loopBegin, .rowBegin, .loopNext, .rowNext:
                open.append(Int(operation.target))
                open.append(index + 1)
            default: open.append(index + 1)
            }
        }
        return isReachable
    }

    /// Whether the condition of a step is true, if both sides are literals.
    private func holds(_ operation: Operation) -> Bool? {
        let left = Operand(raw: operation.a)
        guard left.isConstant else { return nil }
        let value = constants[left.index]
        guard let comparison = Comparison(rawValue: operation.flag) else { return nil }
        if comparison == .truth { return value.isTruthy }
        let right = Operand(raw: operation.b)
        guard right.isConstant else { return nil }
        let other = constants[right.index]
        if value.tag == .int, other.tag == .int {
            switch comparison {
            case .equal: return value.asInt == other.asInt
            case .notEqual: return value.asInt != other.asInt
            case .less: return value.asInt < other.asInt
            case .greater: return value.asInt > other.asInt
            case .lessOrEqual: return value.asInt <= other.asInt
            case .greaterOrEqual: return value.asInt >= other.asInt
            default: return nil
            }
        }
        guard value.tag == .string, other.tag == .string else { return nil }
        switch comparison {
        case .equal: return value.text.equals(other.text)
        case .notEqual: return !value.text.equals(other.text)
        case .contains: return value.text.find(other.text) >= 0
        default: return nil
        }
    }
}
