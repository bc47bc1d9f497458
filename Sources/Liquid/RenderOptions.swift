/// What happens to a value on its way into the text.
public enum Escaping: Sendable {
    /// Nothing: plain text, SMS, conformance.
    case none
    /// `&`, `<`, `>`, `"` and `'` become entities, except in what the template's author wrote and after `raw` or `escape`.
    case html
    /// A value that holds CR, LF or NUL is refused (`headerInjection`); the template's own text is not looked at.
    case header
    /// The value is escaped as the inside of a JSON string.
    case json
}

/// What an output without a value does.
public enum UndefinedPolicy: Sendable {
    /// It renders nothing and its path is listed in the outcome.
    case report
    /// The render fails at the first one.
    case error
    /// It renders nothing.
    case ignore
}

/// The budget of one render. Each limit ends it with an error of its own kind.
public struct RenderLimits: Sendable, Equatable {
    /// Loop turns, calls, and 1 for every kilobyte or so of filter work. Default 100,000.
    public var steps: Int
    /// Bytes of output. Default 1 MiB.
    public var outputBytes: Int
    /// Snippets within snippets. Default 50.
    public var depth: Int
    /// Bytes of one captured or computed string. Default 1 MiB.
    public var captureBytes: Int
    /// Bytes of working memory. Default 16 MiB.
    public var memoryBytes: Int

    public init(
        steps: Int = 100_000, outputBytes: Int = 1 << 20, depth: Int = 50, captureBytes: Int = 1 << 20,
        memoryBytes: Int = 16 << 20
    ) {
        self.steps = steps
        self.outputBytes = outputBytes
        self.depth = depth
        self.captureBytes = captureBytes
        self.memoryBytes = memoryBytes
    }
}

/// Knows the civil time of a zone. The engine has no zone data of its own.
public protocol ZoneProvider: Sendable {
    /// Seconds east of UTC at that instant and the zone's abbreviation; nil for a zone it does not know.
    func offset(of zone: String, atEpochSeconds seconds: Int64) -> (seconds: Int, abbreviation: String)?
}

/// Choices for one render.
public struct RenderOptions: Sendable {
    public var escaping: Escaping
    public var undefined: UndefinedPolicy
    public var limits: RenderLimits
    /// The instant of `now`, in milliseconds since the Unix epoch.
    public var nowMilliseconds: Int64
    /// The zone of dates that name none: an IANA name for `zones`, or "UTC".
    public var timeZone: String
    public var zones: (any ZoneProvider)?
    /// A BCP 47 tag, for the filters that speak a language. Default "en".
    public var locale: String
    /// Whether to record which steps made which part of the text. Costs nothing when off, and 8 bytes a step when on.
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
