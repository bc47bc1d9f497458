/// Finds the lines and columns of many offsets of one source, in time that does not depend on the number of lines.
struct PlaceIndex {
    /// The line and column (from 1) at every `stride`th byte.
    private struct Mark {
        var line: Int
        var column: Int
    }

    private static let stride = 512

    private let text: ByteSlice
    private var marks: [Mark] = []

    init(_ source: Source) {
        text = source.text
        marks.reserveCapacity(text.count / Self.stride + 1)
        var mark = Mark(line: 1, column: 1)
        for index in 0..<text.count {
            if index % Self.stride == 0 { marks.append(mark) }
            Self.pass(text[index], &mark)
        }
        if marks.isEmpty { marks.append(mark) }
    }

    private static func pass(_ byte: UInt8, _ mark: inout Mark) {
        if byte == 0x0A {
            mark.line += 1
            mark.column = 1
        } else if byte & 0xC0 != 0x80 {
            mark.column += 1
        }
    }

    /// The line and column, from 1.
    func locate(_ offset: Int) -> (line: Int, column: Int) {
        let at = min(max(0, offset), text.count)
        let nearest = min(at / Self.stride, marks.count - 1)
        var mark = marks[nearest]
        for index in (nearest * Self.stride)..<at { Self.pass(text[index], &mark) }
        return (mark.line, mark.column)
    }
}

/// The place indexes of a program's sources, made when one is asked for.
struct PlaceIndexes {
    private let program: Program
    private var indexes: [Int: PlaceIndex] = [:]

    init(_ program: Program) { self.program = program }

    /// The line and column of an offset in a source of the program.
    mutating func locate(_ offset: Int, in source: Int) -> (line: Int, column: Int) {
        let index = indexes[source] ?? PlaceIndex(program.sources[source])
        indexes[source] = index
        return index.locate(offset)
    }
}
