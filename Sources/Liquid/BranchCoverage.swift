/// The branches of a template that were taken over any number of traced renders.
public struct BranchCoverage: Sendable {
    /// One condition in the template.
    public struct Branch: Sendable, Equatable {
        public var templateName: String
        /// 1-based.
        public var line: Int
        /// 1-based, in characters.
        public var column: Int
        /// The tag as it is written, for example `{% if plan == 'gold' %}`.
        public var tag: String
        /// Whether the body was entered at least once.
        public var wasEntered: Bool
        /// Whether the body was skipped at least once.
        public var wasSkipped: Bool
    }

    private let program: Program
    private var entered: Set<Int> = []
    private var skipped: Set<Int> = []
    /// The number of renders that were added.
    public private(set) var renderCount = 0

    /// For each step of a condition, the first step of the body: after all parts with `and` and `or`.
    private let bodyStarts: [Int]

    public init(_ template: Template) {
        program = template.program
        bodyStarts = Self.bodyStarts(of: template.program)
    }

    /// The conditions with no part that leads into a body that `isReachable`.
    func branches(leadingNowhere isReachable: [Bool]) -> [Branch] {
        var places: Set<UInt64> = []
        for index in 0..<program.operations.count where Self.isDecision(program.operations[index].code) {
            let body = bodyStarts[index]
            if body < isReachable.count, isReachable[body] { continue }
            places.insert(key(ofPlaceAt: index))
        }
        return branches { places.contains($0) }
    }

    /// The source and the offset of a step, as one number.
    private func key(ofPlaceAt index: Int) -> UInt64 {
        UInt64(program.places[index].source) << 32 | UInt64(program.places[index].offset)
    }

    /// Adds a traced render of the same template. Traces of other templates are ignored.
    public mutating func add(_ trace: RenderTrace) {
        guard trace.isOf(program) else { return }
        renderCount += 1
        for (from, to) in trace.steps where Self.isDecision(program.operations[from].code) {
            let body = bodyStarts[from]
            if to == body {
                entered.insert(from)
            } else if to != from + 1 {
                skipped.insert(from)
            }
        }
    }

    private static func bodyStarts(of program: Program) -> [Int] {
        var starts = [Int](repeating: 0, count: program.operations.count)
        // Backwards, so that each part of a condition takes the answer of the next one.
        for index in starts.indices.reversed() {
            starts[index] = index + 1
            guard index + 1 < starts.count, isDecision(program.operations[index + 1].code),
                program.places[index + 1].offset == program.places[index].offset,
                program.places[index + 1].source == program.places[index].source
            else { continue }
            starts[index] = starts[index + 1]
        }
        return starts
    }

    /// Every condition, in source order. A condition that was neither entered nor skipped was never reached.
    public var branches: [Branch] { branches { _ in true } }

    /// The conditions whose places `isWanted`.
    private func branches(_ isWanted: (UInt64) -> Bool) -> [Branch] {
        var sources = PlaceIndexes(program)
        var branches: [Branch] = []
        var byPlace: [UInt64: Int] = [:]
        for index in 0..<program.operations.count where Self.isDecision(program.operations[index].code) {
            let place = program.places[index]
            let key = key(ofPlaceAt: index)
            guard isWanted(key) else { continue }
            let isEntered = entered.contains(index)
            let isSkipped = skipped.contains(index)
            // `a and b` are two steps of one condition.
            if let known = byPlace[key] {
                branches[known].wasEntered = branches[known].wasEntered || isEntered
                branches[known].wasSkipped = branches[known].wasSkipped || isSkipped
                continue
            }
            let source = program.sources[Int(place.source)]
            let located = sources.locate(Int(place.offset), in: Int(place.source))
            byPlace[key] = branches.count
            branches.append(
                Branch(
                    templateName: source.name, line: located.line, column: located.column,
                    tag: Self.tag(source.text, Int(place.offset)), wasEntered: isEntered, wasSkipped: isSkipped))
        }
        return branches
    }

    /// The conditions whose body no render entered.
    public var unreached: [Branch] { branches.filter { !$0.wasEntered } }

    static func isDecision(_ code: OperationCode) -> Bool {
        code == .branchUnless || code == .branchIf || code == .loopBegin || code == .rowBegin
    }

    private static func tag(_ text: ByteSlice, _ offset: Int) -> String {
        var end = offset
        while end < text.count, text[end] != 0x0A {
            if text[end] == 0x25, end + 1 < text.count, text[end + 1] == 0x7D {
                end += 2
                break
            }
            end += 1
        }
        return text.slice(min(offset, text.count), end).trimmed().string
    }
}
