public import JSON
public import SobreModel
public import SobreSettings
public import SobreStore
public import ZoneInfo

/// The one way in: HTTP, the command line and files all hand their messages and profiles to this.
///
/// It checks, completes with the template's defaults, and stores in transactions of ``IntakeLimits/chunk``. Good
/// entries of a batch are kept whatever the others are. It holds no state of its own.
public struct Intake: Sendable {
    /// The bounds.
    public let limits: IntakeLimits
    let messages: any MessageStore
    let profiles: any ProfileStore
    let catalogue: any IntakeCatalogue
    let messageReader: MessageReader
    /// Who hands in: named where a message is exempted from caps.
    private(set) var principal = "the command line"
    let profileReader: ProfileReader

    /// Makes an intake over a store, the templates in force and limits. Messages go through `messages` where that is
    /// given, which may count them on their way.
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

    /// The same intake for somebody else, such as `key:shop`.
    public func acting(as principal: String) -> Intake {
        var copy = self
        copy.principal = principal
        return copy
    }

    /// The limits within which one line or request body is parsed.
    public var jsonLimits: JSONLimits { JSONLimits(maxDepth: limits.maxDepth, maxBytes: limits.maxLineBytes) }

    /// Checks one request and completes it, without storing anything: for dry runs.
    public func check(_ ref: JSONRef) throws(IntakeProblem) -> MessageDraft {
        try messageReader.read(ref).draft(catalogue, principal: principal)
    }

    /// Takes one message. `idempotencyKey` is the key from outside the body; one inside the body counts more.
    public func enqueue(_ ref: JSONRef, idempotencyKey: String? = nil) async -> IntakeResult {
        await store([judge(ref, line: 1, outerKey: idempotencyKey)])[0]
    }

    /// Takes the lines of an NDJSON text, in order.
    ///
    /// - Parameters:
    ///   - lines: the text.
    ///   - idempotencyKey: a key for the whole batch; line 3 gets the key with `#3` behind it unless it has its own, so
    ///     that the whole batch can be sent again.
    /// - Returns: one result for each line that is not blank.
    public func enqueue(_ lines: NDJSONLines, idempotencyKey: String? = nil) async -> [IntakeResult] {
        await run(
            lines.lazy.map { line in
                switch parse(line, of: lines) {
                case .success(let document):
                    judge(document.root, line: line.number, outerKey: idempotencyKey.map { "\($0)#\(line.number)" })
                case .failure(let problem): .rejected(line: line.number, key: nil, problem)
                }
            })
    }

    /// Takes the elements of a JSON array, in order; their places count from 1.
    public func enqueue(elementsOf array: JSONRef, idempotencyKey: String? = nil) async -> [IntakeResult] {
        await run(
            zip(array.elements, 1...).lazy.map { element, place in
                judge(element, line: place, outerKey: idempotencyKey.map { "\($0)#\(place)" })
            })
    }

    private func run(_ judged: some Sequence<Judged>) async -> [IntakeResult] {
        await inChunks(judged) { await store($0) }
    }
}
