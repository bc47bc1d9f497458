public import YAMLDocument

/// The limits of calls to a provider.
public struct ProviderLimits: Hashable, Sendable {
    /// Calls per second; nil for no limit.
    public var rate: Double?
    /// Calls that may start at once; nil for the manifest's value, or 1.
    public var burst: Int?
    /// Calls in flight; nil for the router's default.
    public var concurrency: Int?
    /// The maximum duration of a call; nil for the dispatcher's.
    public var timeout: Duration?

    public init(rate: Double? = nil, burst: Int? = nil, concurrency: Int? = nil, timeout: Duration? = nil) {
        self.rate = rate
        self.burst = burst
        self.concurrency = concurrency
        self.timeout = timeout
    }

    /// The keys of limits in files.
    public static let keys = ["rate", "burst", "concurrency", "timeout"]

    /// Reads `{rate: 100/s, burst: 20, concurrency: 64, timeout: 20s}`. Every key is optional. A rate is a number of
    /// calls per `s`, `m` or `h`.
    ///
    /// - Throws: `YAMLError` with the position of the invalid value.
    public init(_ value: YAMLValue) throws(YAMLError) {
        let mapping = try value.mapping()
        try mapping.checkKeys(known: Self.keys)
        rate = try mapping.read("rate") { value throws(YAMLError) in try Self.rate(value) }
        burst = try mapping.int(ifPresent: "burst", in: 1...1_000_000)
        concurrency = try mapping.int(ifPresent: "concurrency", in: 1...100_000)
        timeout = try mapping.duration(ifPresent: "timeout", in: .milliseconds(100)...(.seconds(120)))
    }

    private static func rate(_ value: YAMLValue) throws(YAMLError) -> Double {
        let text = try value.string()
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        let seconds: [Substring: Double] = ["s": 1, "m": 60, "h": 3600]
        guard parts.count == 2, let count = Double(parts[0]), let unit = seconds[parts[1]], count > 0, count <= 1e6
        else {
            throw value.error(
                "\"\(text)\" is not a rate", help: "write calls a second, minute or hour: 100/s, 600/m, 1000/h")
        }
        return count / unit
    }

    /// These limits, with missing values from `base`.
    public func over(_ base: ProviderLimits) -> ProviderLimits {
        ProviderLimits(
            rate: rate ?? base.rate, burst: burst ?? base.burst, concurrency: concurrency ?? base.concurrency,
            timeout: timeout ?? base.timeout)
    }
}
