public import JSON
public import SobreModel
public import SobreSettings
public import SobreStore
public import ZoneInfo

/// Validates and stores messages, profiles, consents and suppressions. HTTP, the command line and files all use it.
///
/// It completes messages with their template's defaults and stores in transactions of ``IntakeLimits/chunk`` entries.
/// Invalid entries of a batch do not affect valid ones. It has no mutable state.
public struct Intake: Sendable {
    /// The limits of messages, profiles and batches.
    public let limits: IntakeLimits
    let messages: any MessageStore
    let profiles: any ProfileStore
    let catalogue: any IntakeCatalogue
    let messageReader: MessageReader
    /// Who submits. The explanation names it for a message that is exempt from caps.
    private(set) var principal = "the command line"
    /// Whether problems may contain ids that the request does not contain.
    private(set) var namesOthers = true
    /// The trace of messages that name none.
    private(set) var trace: TraceParent?
    let profileReader: ProfileReader

    /// Makes an intake. Messages are stored through `messages` if it is given, which may count them on their way.
    public init(
        store: any MessageStore & ProfileStore, messages: (any MessageStore)? = nil, catalogue: any IntakeCatalogue,
        limits: IntakeLimits = IntakeLimits(), zones: ZoneCatalogue = .system
    ) {
        self.limits = limits
        self.messages = messages ?? store
        profiles = store
        self.catalogue = catalogue
        messageReader = MessageReader(limits: limits)
        profileReader = ProfileReader(limits: limits, zones: zones)
    }

    /// The same intake with another principal.
    ///
    /// - Parameters:
    ///   - principal: the caller, such as `key:shop`.
    ///   - namesOthers: whether problems may contain ids that the request does not contain.
    /// - Returns: an intake over the same store.
    public func acting(as principal: String, namingOthers namesOthers: Bool = true) -> Intake {
        var copy = self
        copy.principal = principal
        copy.namesOthers = namesOthers
        return copy
    }

    /// The same intake for messages that arrive within a trace.
    ///
    /// - Parameter trace: the place in a trace of each message that names none itself; nil for none.
    /// - Returns: an intake over the same store.
    public func within(_ trace: TraceParent?) -> Intake {
        var copy = self
        copy.trace = trace
        return copy
    }

    /// The limits for parsing one line or request body.
    public var jsonLimits: JSONLimits { JSONLimits(maxDepth: limits.maxDepth, maxBytes: limits.maxLineBytes) }

    /// Validates and completes one request without storing it, for dry runs.
    public func check(_ ref: JSONRef, besides other: String? = nil) throws(IntakeProblem) -> MessageDraft {
        let draft = try messageReader.read(ref, besides: other).draft(catalogue, principal: principal)
        try checkData(ref, of: draft.template)
        return draft
    }

    /// Stores one message. `idempotencyKey` is the key of the request's header; the body may repeat it, but not name
    /// another.
    public func enqueue(_ ref: JSONRef, idempotencyKey: String? = nil) async -> IntakeResult {
        await store([judge(ref, line: 1, outerKey: idempotencyKey, isBatch: false)])[0]
    }

    /// Stores the messages of NDJSON lines, in order.
    ///
    /// - Parameters:
    ///   - lines: the lines.
    ///   - idempotencyKey: a key for the whole batch, so that it can be sent again. Line 3 gets `KEY#3` unless it has
    ///     its own.
    /// - Returns: one result for each line that is not blank.
    public func enqueue(_ lines: NDJSONLines, idempotencyKey: String? = nil) async -> [IntakeResult] {
        await run(
            lines.lazy.map { line in
                switch parse(line, of: lines) {
                case .success(let document):
                    judge(
                        document.root, line: line.number, outerKey: idempotencyKey.map { "\($0)#\(line.number)" },
                        isBatch: true)
                case .failure(let problem): .rejected(line: line.number, key: nil, problem)
                }
            })
    }

    /// Stores the messages of a JSON array, in order. They are numbered from 1.
    public func enqueue(elementsOf array: JSONRef, idempotencyKey: String? = nil) async -> [IntakeResult] {
        await run(
            zip(array.elements, 1...).lazy.map { element, place in
                judge(element, line: place, outerKey: idempotencyKey.map { "\($0)#\(place)" }, isBatch: true)
            })
    }

    private func run(_ judged: some Sequence<Judged>) async -> [IntakeResult] {
        await inChunks(judged) { await store($0) }
    }
}
