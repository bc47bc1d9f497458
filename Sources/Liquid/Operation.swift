/// What one step of a program does. Operand fields are described at each case: `a`, `b`, `target`, `count`.
enum OperationCode: UInt8 {
    case nothing
    /// Appends `count` bytes at `address`.
    case text
    /// Appends operand `a`. `flag` 1: nil is not reported.
    case emit
    /// Appends operand `a` with HTML escaped, whatever the mode.
    case emitEscaped
    /// Loads operand `a` into the accumulator. `flag` 1: nil is expected (a `default` follows).
    case load
    /// Applies filter `b` to the accumulator. Its arguments start at `a`: `flag` positional and `count` named ones.
    case filter
    case emitAccumulator
    case emitAccumulatorEscaped
    /// Stores the accumulator in symbol `a`.
    case store
    case jump
    /// Jumps to `target` unless operand `a` compares (`flag`) with operand `b`.
    case branchUnless
    case branchIf
    /// Resets counter `a` of the frame. For `case`, it counts the matching conditions of a `when`.
    case counterReset
    case counterIncrement
    /// Jumps to `target` if counter `a` is zero; otherwise decrements it, and pays `b` for the body.
    case counterTake
    /// Jumps to `target` if counter `a` is not zero.
    case branchIfCounter
    /// Starts loop `a`. Jumps to `target` if there is nothing to iterate over.
    case loopBegin
    /// Continues with the next item of loop `a` at `target`, or falls through.
    case loopNext
    /// Leaves loop `a` (by `break`).
    case loopLeave
    case rowBegin
    case rowNext
    case rowLeave
    case captureBegin
    /// Stores the text since `captureBegin` in symbol `a`.
    case captureEnd
    case changedEnd
    case increment
    case decrement
    /// Outputs the next value of cycle `a`.
    case cycle
    /// Makes call `a`: a `render` or an `include`.
    case call
    case finish
    /// Leaves the snippet with a pending `break` (`flag` 1) or `continue` (`flag` 2).
    case interrupt
    /// Jumps to `target` unless the snippet just called left a pending interrupt (`flag`), which is consumed.
    case branchUnlessInterrupt
    /// Ends the render; the reason is operand `a`.
    case abort
    /// Fails with message `a`.
    case fail
}

/// One step of sixteen bytes.
struct Operation {
    var code: OperationCode
    var flag: UInt8 = 0
    var count: UInt16 = 0
    var a: UInt32 = 0
    var b: UInt32 = 0
    var target: UInt32 = 0

    init(_ code: OperationCode, flag: UInt8 = 0, count: UInt16 = 0, a: UInt32 = 0, b: UInt32 = 0, target: UInt32 = 0) {
        self.code = code
        self.flag = flag
        self.count = count
        self.a = a
        self.b = b
        self.target = target
    }

    /// A text step has its length in `a` and its address in `b` and `target`.
    static func text(_ slice: ByteSlice) -> Operation {
        let address = UInt64(UInt(bitPattern: slice.base))
        return Operation(
            .text, a: UInt32(slice.count), b: UInt32(truncatingIfNeeded: address),
            target: UInt32(truncatingIfNeeded: address >> 32))
    }

    @inline(__always)
    var slice: ByteSlice {
        let address = UInt(b) | UInt(target) << 32
        return ByteSlice(base: UnsafePointer(bitPattern: address).unsafelyUnwrapped, count: Int(a))
    }
}

/// The comparison operators.
enum Comparison: UInt8 {
    case truth
    case equal
    case notEqual
    case less
    case greater
    case lessOrEqual
    case greaterOrEqual
    case contains
    /// An operator that only the lax parser accepts. Fails when it is evaluated.
    case unknown
}

/// The source of a value: a constant, a path or a range of the program.
struct Operand {
    var raw: UInt32

    enum Kind: UInt32 {
        case constant = 0
        case path = 1
        case range = 2
    }

    init(_ kind: Kind, _ index: Int) { raw = kind.rawValue << 30 | UInt32(index) }
    init(raw: UInt32) { self.raw = raw }

    @inline(__always) var isPath: Bool { raw >> 30 == 1 }
    @inline(__always) var isConstant: Bool { raw >> 30 == 0 }
    @inline(__always) var index: Int { Int(raw & 0x3FFF_FFFF) }

    /// Constant 0 of every program is nil.
    static var null: Operand { Operand(.constant, 0) }
    /// Constants 1 and 2: `blank` and `empty`.
    static var blank: Operand { Operand(.constant, 1) }
    static var empty: Operand { Operand(.constant, 2) }
}

/// A variable and the steps into it.
struct Path {
    /// The symbol to look up first, or -1 if its name is computed (`head`).
    var symbol: Int32
    var head: Operand
    var firstSegment: UInt32
    var segmentCount: UInt16
    /// The position of its text, for reports and errors.
    var source: UInt16
    var start: UInt32
    var length: UInt32
}

/// One step of a path.
struct Segment {
    enum Kind: UInt8 {
        /// `.name`: a key; `command` says what else the name may mean.
        case name
        /// `['name']`: a key only.
        case key
        /// `[3]`
        case index
        /// `[expression]`
        case computed
    }

    var kind: Kind
    var command: Command
    var operand: Operand
    var index: Int
    var key: Value
}

/// Names with a meaning on values other than objects.
enum Command: UInt8 {
    case none, size, first, last
    case index, index0, rindex, rindex0, length, name, parentloop
    case row, column, column0, columnFirst, columnLast

    init(_ text: ByteSlice) {
        self = .none
        guard text.count >= 3, text.count <= 10 else { return }
        for (name, command) in Command.names where text.equals(name) {
            self = command
            return
        }
    }

    private static let names: [(StaticString, Command)] = [
        ("size", .size), ("first", .first), ("last", .last), ("index", .index), ("index0", .index0),
        ("rindex", .rindex), ("rindex0", .rindex0), ("length", .length), ("name", .name),
        ("parentloop", .parentloop), ("row", .row), ("col", .column), ("col0", .column0),
        ("col_first", .columnFirst), ("col_last", .columnLast),
    ]
}

/// A `for` or `tablerow` of a program.
struct LoopPlan {
    var symbol: UInt32
    var loopSymbol: UInt32
    var collection: Operand
    var offset: Operand
    var limit: Operand
    var columns: Operand
    var isReversed: Bool
    /// `offset: continue`
    var continues: Bool
    var hasOffset: Bool
    var hasLimit: Bool
    var hasColumns: Bool
    /// `forloop.name` is `item-collection`.
    var variableName: Value
    var collectionName: Value
    /// The index of the loop's name, under which its next offset is kept.
    var nameIndex: UInt32
    /// What one turn costs at most, apart from what filters and comparisons read and write.
    var work: UInt32 = 0
}

/// A `cycle` of a program.
struct CyclePlan {
    var name: Operand
    /// Whether it is named by an expression, or else by its own list.
    var isNamed: Bool
    var group: UInt32
    var first: UInt32
    var count: UInt32
}

/// A `render` or `include` of a program.
struct CallPlan {
    enum Kind: UInt8 { case render, include }
    var kind: Kind
    /// The chunk of a snippet with a literal name, or -1.
    var chunk: Int32
    var name: Operand
    /// The snippet's name as written in the template.
    var nameText: Value
    /// The value of `with` or `for`.
    var subject: Operand
    var hasSubject: Bool
    var isLoop: Bool
    /// The symbol that the subject is bound to; -1 if it depends on a computed name.
    var subjectSymbol: Int32
    /// For `include` without a subject: the path of the variable with the snippet's own name.
    var sameNamePath: Operand
    var firstArgument: UInt32
    var argumentCount: UInt32
    var loopSymbol: UInt32
}

/// One template or snippet of a program.
struct Chunk {
    var name: String
    var start: Int
    var source: Int
    var counters: Int
    var symbol: Int
    /// What running it once costs at most, apart from what filters and comparisons read and write.
    var work = 0
}
