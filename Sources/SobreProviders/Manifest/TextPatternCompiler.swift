import Text

/// Compiles a ``TextPattern`` by recursive descent over the bytes of the pattern.
struct TextPatternCompiler {
    private typealias Code = [TextPattern.Instruction]
    private let pattern: [UInt8]
    private var index = 0
    private var depth = 0

    init(_ pattern: String) { self.pattern = Array(pattern.utf8) }

    mutating func compile() throws(ExpressionError) -> [TextPattern.Instruction] {
        let code = try alternatives()
        guard index == pattern.count else { throw fail("a \")\" has no \"(\"") }
        guard code.count < TextPattern.maxProgram else { throw fail("it is too long") }
        return code + [.match]
    }

    private func fail(_ problem: String) -> ExpressionError {
        ExpressionError("the pattern \"\(String(decoding: pattern, as: UTF8.self))\" cannot be used: \(problem)")
    }

    private mutating func alternatives() throws(ExpressionError) -> [TextPattern.Instruction] {
        depth += 1
        defer { depth -= 1 }
        guard depth <= TextPattern.maxDepth else { throw fail("groups are nested too deeply") }
        var code = try sequence()
        while index < pattern.count, pattern[index] == UInt8(ascii: "|") {
            index += 1
            let second = try sequence()
            // split L1, L2; L1: first; jump end; L2: second
            code =
                Self.shifted([.split(1, code.count + 2)], by: 0) + Self.shifted(code, by: 1)
                + [.jump(code.count + 2 + second.count)] + Self.shifted(second, by: code.count + 2)
        }
        return code
    }

    private mutating func sequence() throws(ExpressionError) -> [TextPattern.Instruction] {
        var code: Code = []
        while index < pattern.count, pattern[index] != UInt8(ascii: "|"), pattern[index] != UInt8(ascii: ")") {
            let piece = try repeated()
            guard code.count + piece.count < TextPattern.maxProgram else { throw fail("it is too long") }
            code += Self.shifted(piece, by: code.count)
        }
        return code
    }

    private mutating func repeated() throws(ExpressionError) -> [TextPattern.Instruction] {
        let piece = try single()
        guard index < pattern.count else { return piece }
        switch pattern[index] {
        case UInt8(ascii: "*"):
            index += 1
            return [.split(1, piece.count + 2)] + Self.shifted(piece, by: 1) + [.jump(0)]
        case UInt8(ascii: "+"):
            index += 1
            return piece + [.split(0, piece.count + 1)]
        case UInt8(ascii: "?"):
            index += 1
            return [.split(1, piece.count + 1)] + Self.shifted(piece, by: 1)
        default: return piece
        }
    }

    private mutating func single() throws(ExpressionError) -> [TextPattern.Instruction] {
        let byte = pattern[index]
        index += 1
        var set = ByteSet()
        switch byte {
        case UInt8(ascii: "^"): return [.start]
        case UInt8(ascii: "$"): return [.end]
        case UInt8(ascii: "."): return [.byte(set.inverted)]
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"): throw fail("a repetition has nothing to repeat")
        case UInt8(ascii: "("):
            let code = try alternatives()
            guard index < pattern.count else { throw fail("a \"(\" is not closed") }
            index += 1
            return code
        case UInt8(ascii: "["): return [.byte(try bracket())]
        case UInt8(ascii: "\\"): try escape(into: &set)
        default: set.insert(byte)
        }
        return [.byte(set)]
    }

    private mutating func escape(into set: inout ByteSet) throws(ExpressionError) {
        guard index < pattern.count else { throw fail("it ends with a backslash") }
        let byte = pattern[index]
        index += 1
        switch byte {
        case UInt8(ascii: "d"): set.insert(0x30...0x39)
        case UInt8(ascii: "s"): for space: UInt8 in [0x20, 0x09, 0x0a, 0x0d] { set.insert(space) }
        case UInt8(ascii: "w"):
            set.insert(0x30...0x39)
            set.insert(0x61...0x7a)
            set.insert(UInt8(ascii: "_"))
        default:
            guard !byte.isASCIIAlphanumeric else {
                throw fail("\"\\\(String(UnicodeScalar(byte)))\" is not known; \\d, \\w and \\s are")
            }
            set.insert(byte)
        }
    }

    private mutating func bracket() throws(ExpressionError) -> ByteSet {
        var set = ByteSet()
        let isInverted = index < pattern.count && pattern[index] == UInt8(ascii: "^")
        if isInverted { index += 1 }
        while index < pattern.count, pattern[index] != UInt8(ascii: "]") {
            let byte = pattern[index]
            index += 1
            if byte == UInt8(ascii: "\\") {
                try escape(into: &set)
            } else if index + 1 < pattern.count, pattern[index] == UInt8(ascii: "-"),
                pattern[index + 1] != UInt8(ascii: "]")
            {
                guard byte <= pattern[index + 1] else { throw fail("a range in [] runs backwards") }
                set.insert(byte...pattern[index + 1])
                index += 2
            } else {
                set.insert(byte)
            }
        }
        guard index < pattern.count else { throw fail("a \"[\" is not closed") }
        index += 1
        return isInverted ? set.inverted : set
    }

    private static func shifted(_ code: [TextPattern.Instruction], by offset: Int) -> [TextPattern.Instruction] {
        code.map { instruction in
            switch instruction {
            case .split(let first, let second): .split(first + offset, second + offset)
            case .jump(let target): .jump(target + offset)
            default: instruction
            }
        }
    }
}
