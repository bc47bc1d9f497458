/// How a value is escaped in the output.
public enum Escaping: Sendable {
    /// No escaping: plain text, SMS, conformance.
    case none
    /// `&`, `<`, `>`, `"` and `'` become entities, except in the template author's own text and after `raw` or
    /// `escape`.
    case html
    /// Line breaks at the ends of a value are removed, for they come from forms and spreadsheets. A value that contains
    /// CR, LF or NUL elsewhere is rejected (`headerInjection`). The template's own text is not checked.
    case header
    /// The value is escaped as the content of a JSON string.
    case json
}

/// How an output without a value is handled.
public enum UndefinedPolicy: Sendable {
    /// It renders as nothing, and its path is listed in the outcome.
    case report
    /// The first one fails the render.
    case error
    /// It renders as nothing.
    case ignore
}

/// The budget of one render. Exceeding a limit ends it with a specific error.
public struct RenderLimits: Sendable, Equatable {
    /// Loop turns and calls of snippets. Default 100,000.
    public var steps: Int
    /// Units of work, each at most about one nanosecond: every step, filter and comparison, and every byte that one
    /// of them reads or writes. Default 20,000,000, so that no render takes 50 ms.
    public var work: Int
    /// Bytes of output. Default 1 MiB.
    public var outputBytes: Int
    /// Nesting of snippets. Default 50.
    public var depth: Int
    /// Bytes of one captured or computed string. Default 1 MiB.
    public var captureBytes: Int
    /// Bytes of working memory. Default 16 MiB.
    public var memoryBytes: Int

    public init(
        steps: Int = 100_000, work: Int = 20_000_000, outputBytes: Int = 1 << 20, depth: Int = 50,
        captureBytes: Int = 1 << 20, memoryBytes: Int = 16 << 20
    ) {
        self.steps = steps
        self.work = work
        self.outputBytes = outputBytes
        self.depth = depth
        self.captureBytes = captureBytes
        self.memoryBytes = memoryBytes
    }
}

/// Provides the civil time of a zone. The engine has no zone data of its own.
public protocol ZoneProvider: Sendable {
    /// Seconds east of UTC at that instant and the zone's abbreviation; nil for an unknown zone.
    func offset(of zone: String, atEpochSeconds seconds: Int64) -> (seconds: Int, abbreviation: String)?
}

/// Options for one render.
public struct RenderOptions: Sendable {
    public var escaping: Escaping
    public var undefined: UndefinedPolicy
    public var limits: RenderLimits
    /// The instant of `now`, in milliseconds since the Unix epoch.
    public var nowMilliseconds: Int64
    /// The default zone of dates: an IANA name for `zones`, or "UTC".
    public var timeZone: String
    public var zones: (any ZoneProvider)?
    /// A BCP 47 tag, for the filters that depend on the language. Default "en".
    public var locale: String
    /// Whether to record which steps wrote which part of the text. Costs nothing when off and 8 bytes per step when
    /// on.
    public var isTraced = false

    public init(
        nowMilliseconds: Int64, escaping: Escaping = .none, undefined: UndefinedPolicy = .report,
        limits: RenderLimits = RenderLimits(), timeZone: String = "UTC", zones: (any ZoneProvider)? = nil,
        locale: String = "en"
    ) {
        self.nowMilliseconds = nowMilliseconds
        self.escaping = escaping
        self.undefined = undefined
        self.limits = limits
        self.timeZone = timeZone
        self.zones = zones
        self.locale = locale
    }
}
