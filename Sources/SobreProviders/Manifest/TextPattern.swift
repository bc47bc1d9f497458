import Text

/// A small regular expression with linear running time, implemented as a simulated Thompson automaton.
///
/// Supports literals, `.`, `^`, `$`, `[abc0-9]`, `[^…]`, `\d`, `\w`, `\s`, a backslash before any other character,
/// groups with `|`, and `*`, `+`, `?`. Letters match without regard to case. It searches the first ``maxText`` bytes
/// for a match; there are no captures and no look-around.
struct TextPattern: Hashable, Sendable {
    static let maxText = 8192
    static let maxProgram = 512
    static let maxDepth = 16

    enum Instruction: Hashable, Sendable {
        case byte(ByteSet)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case match
    }

    let source: String
    let program: [Instruction]

    /// - Throws: ``ExpressionError`` that says what is wrong with the pattern.
    init(_ source: String) throws(ExpressionError) {
        self.source = source
        var compiler = TextPatternCompiler(source)
        program = try compiler.compile()
    }

    /// Whether the pattern occurs in the text.
    func matches(_ text: some Sequence<UInt8>) -> Bool {
        var threads = ThreadList(count: program.count)
        var next = ThreadList(count: program.count)
        var position = 0
        for byte in text.prefix(Self.maxText) {
            if add(0, to: &threads, atStart: position == 0, atEnd: false) { return true }
            for thread in threads.list {
                guard case .byte(let set) = program[thread], set.contains(byte) else { continue }
                if add(thread + 1, to: &next, atStart: false, atEnd: false) { return true }
            }
            swap(&threads, &next)
            next.clear()
            position += 1
        }
        // At the end, the waiting threads are followed once more, because `$` now matches.
        var last = ThreadList(count: program.count)
        for thread in threads.pendingEnds where add(thread + 1, to: &last, atStart: position == 0, atEnd: true) {
            return true
        }
        return add(0, to: &last, atStart: position == 0, atEnd: true)
    }

    /// Follows the empty transitions from an instruction. Returns true if they reach the match.
    private func add(_ start: Int, to threads: inout ThreadList, atStart: Bool, atEnd: Bool) -> Bool {
        var work = [start]
        while let index = work.popLast() {
            guard threads.insert(index) else { continue }
            switch program[index] {
            case .match: return true
            case .jump(let target): work.append(target)
            case .split(let first, let second):
                work.append(second)
                work.append(first)
            case .start: if atStart { work.append(index + 1) }
            case .end: if atEnd { work.append(index + 1) } else { threads.pendingEnds.append(index) }
            case .byte: threads.list.append(index)
            }
        }
        return false
    }

    private struct ThreadList {
        var list: [Int] = []
        var pendingEnds: [Int] = []
        private var seen: [Bool]

        init(count: Int) { seen = [Bool](repeating: false, count: count) }

        mutating func insert(_ index: Int) -> Bool {
            if seen[index] { return false }
            seen[index] = true
            return true
        }

        mutating func clear() {
            list.removeAll(keepingCapacity: true)
            pendingEnds.removeAll(keepingCapacity: true)
            for index in seen.indices { seen[index] = false }
        }
    }
}

/// A set of bytes in four words.
struct ByteSet: Hashable, Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    func contains(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: words.0 & bit != 0
        case 1: words.1 & bit != 0
        case 2: words.2 & bit != 0
        default: words.3 & bit != 0
        }
    }

    /// Adds a byte. A letter is added in both cases.
    mutating func insert(_ byte: UInt8) {
        for one in byte.isASCIILetter ? [byte | 0x20, byte & ~0x20] : [byte] {
            let bit: UInt64 = 1 << UInt64(one & 63)
            switch one >> 6 {
            case 0: words.0 |= bit
            case 1: words.1 |= bit
            case 2: words.2 |= bit
            default: words.3 |= bit
            }
        }
    }

    mutating func insert(_ range: ClosedRange<UInt8>) { for byte in range { insert(byte) } }

    var inverted: ByteSet {
        var copy = self
        copy.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return copy
    }

    static func == (a: ByteSet, b: ByteSet) -> Bool { a.words == b.words }
    func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}
