extension YAMLMapping {
    /// Reads the value of a key if it is present; nil if it is absent or null.
    public func read<Result>(
        _ key: String, _ read: (YAMLValue) throws(YAMLError) -> Result
    ) throws(YAMLError) -> Result? {
        guard let value = self[key] else { return nil }
        return try read(value)
    }

    /// The text of a required key.
    public func string(_ key: String) throws(YAMLError) -> String { try require(key).string() }

    /// The text of a key, or a default.
    public func string(_ key: String, default fallback: String) throws(YAMLError) -> String {
        try string(ifPresent: key) ?? fallback
    }

    /// The text of a key, or nil.
    public func string(ifPresent key: String) throws(YAMLError) -> String? {
        try read(key) { value throws(YAMLError) in try value.string() }
    }

    /// The integer of a key, or a default.
    public func int(
        _ key: String, default fallback: Int, in range: ClosedRange<Int> = Int.min...Int.max
    ) throws(YAMLError) -> Int {
        try int(ifPresent: key, in: range) ?? fallback
    }

    /// The integer of a key, or nil.
    public func int(
        ifPresent key: String, in range: ClosedRange<Int> = Int.min...Int.max
    ) throws(YAMLError) -> Int? {
        try read(key) { value throws(YAMLError) in try value.int(in: range) }
    }

    /// The number of a key, or a default.
    public func double(_ key: String, default fallback: Double) throws(YAMLError) -> Double {
        try double(ifPresent: key) ?? fallback
    }

    /// The number of a key, or nil.
    public func double(ifPresent key: String) throws(YAMLError) -> Double? {
        try read(key) { value throws(YAMLError) in try value.double() }
    }

    /// The flag of a key, or a default.
    public func bool(_ key: String, default fallback: Bool) throws(YAMLError) -> Bool {
        try bool(ifPresent: key) ?? fallback
    }

    /// The flag of a key, or nil.
    public func bool(ifPresent key: String) throws(YAMLError) -> Bool? {
        try read(key) { value throws(YAMLError) in try value.bool() }
    }

    /// The duration of a key, or a default.
    public func duration(
        _ key: String, default fallback: Duration,
        in range: ClosedRange<Duration> = .zero...Duration.seconds(Int64.max / 2)
    ) throws(YAMLError) -> Duration {
        try duration(ifPresent: key, in: range) ?? fallback
    }

    /// The duration of a key, or nil.
    public func duration(
        ifPresent key: String, in range: ClosedRange<Duration> = .zero...Duration.seconds(Int64.max / 2)
    ) throws(YAMLError) -> Duration? {
        try read(key) { value throws(YAMLError) in try value.duration(in: range) }
    }

    /// The size of a key in bytes, or a default.
    public func bytes(
        _ key: String, default fallback: Int, in range: ClosedRange<Int> = 0...Int.max
    ) throws(YAMLError) -> Int {
        try read(key) { value throws(YAMLError) in try value.bytes(in: range) } ?? fallback
    }

    /// The texts of a key: a list, a single text, or none.
    public func strings(_ key: String, default fallback: [String] = []) throws(YAMLError) -> [String] {
        try read(key) { value throws(YAMLError) in try value.strings() } ?? fallback
    }

    /// The list of a key, or an empty one.
    public func list(_ key: String) throws(YAMLError) -> [YAMLValue] {
        try read(key) { value throws(YAMLError) in try value.list() } ?? []
    }

    /// The mapping of a key, or nil.
    public func mapping(ifPresent key: String) throws(YAMLError) -> YAMLMapping? {
        try read(key) { value throws(YAMLError) in try value.mapping() }
    }

    /// One of several names, or nil.
    public func choice<Choice>(
        ifPresent key: String, of type: Choice.Type = Choice.self
    ) throws(YAMLError) -> Choice? where Choice: RawRepresentable<String>, Choice: CaseIterable {
        try read(key) { value throws(YAMLError) in try value.choice(of: type) }
    }

    /// One of several names, or a default.
    public func choice<Choice>(
        _ key: String, default fallback: Choice
    ) throws(YAMLError) -> Choice where Choice: RawRepresentable<String>, Choice: CaseIterable {
        try choice(ifPresent: key) ?? fallback
    }
}
