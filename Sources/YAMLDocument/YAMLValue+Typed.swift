import Text

extension YAMLValue {
    /// The text of a scalar, quoted or not: `version: 1.10` is the text "1.10".
    public func string() throws(YAMLError) -> String {
        guard case .scalar(let text, _) = content, !isNull else { throw mismatch("a string") }
        return text
    }

    /// An integer within a range.
    public func int(in range: ClosedRange<Int> = Int.min...Int.max) throws(YAMLError) -> Int {
        guard case .int(let number)? = scalar else { throw mismatch("a whole number", help: quotesHelp) }
        guard range.contains(number) else { throw outOfRange(Self.text(of: range)) }
        return number
    }

    /// A number within a range.
    public func double(
        in range: ClosedRange<Double> = -Double.greatestFiniteMagnitude...Double.greatestFiniteMagnitude
    ) throws(YAMLError) -> Double {
        let number: Double
        switch scalar {
        case .int(let value)?: number = Double(value)
        case .double(let value)?: number = value
        default: throw mismatch("a number", help: quotesHelp)
        }
        guard range.contains(number) else { throw outOfRange("from \(range.lowerBound) to \(range.upperBound)") }
        return number
    }

    /// `true` or `false`.
    public func bool() throws(YAMLError) -> Bool {
        guard case .bool(let flag)? = scalar else {
            throw mismatch(
                "true or false", help: "write true or false, without quotes; yes, no, on and off are not accepted")
        }
        return flag
    }

    /// A duration such as `90s`, `7d`, `1h30m` or `500ms`, within a range.
    public func duration(
        in range: ClosedRange<Duration> = .zero...Duration.seconds(Int64.max / 2)
    ) throws(YAMLError) -> Duration {
        guard case .scalar(let text, _) = content else { throw mismatch("a duration", help: DurationText.hint) }
        do {
            return try DurationText.read(text, in: range)
        } catch {
            guard error.range != nil else { throw mismatch("a duration", help: DurationText.hint) }
            throw outOfRange("from \(DurationText.exact(range.lowerBound)) to \(DurationText.exact(range.upperBound))")
        }
    }

    /// A size in bytes such as `4096`, `64KiB` or `1MiB`, within a range.
    public func bytes(in range: ClosedRange<Int> = 0...Int.max) throws(YAMLError) -> Int {
        guard case .scalar(let text, _) = content, !text.isEmpty, let bytes = YAMLScalarText.bytes(text) else {
            throw mismatch("a size in bytes", help: "write a number, with a unit if you like: 4096, 64KiB, 1MiB")
        }
        guard range.contains(bytes) else { throw outOfRange("\(Self.text(of: range)) bytes") }
        return bytes
    }

    /// The elements of a list.
    public func list() throws(YAMLError) -> [YAMLValue] {
        guard case .sequence(let elements) = content else {
            throw mismatch("a list", help: "write [a, b] or one \"- item\" a line")
        }
        return elements
    }

    /// The elements of a list, or a single value as a list of one.
    public var listOrOne: [YAMLValue] {
        if case .sequence(let elements) = content { elements } else { [self] }
    }

    /// A list of texts; a single text counts as a list of one.
    public func strings() throws(YAMLError) -> [String] {
        var texts: [String] = []
        for element in listOrOne { texts.append(try element.string()) }
        return texts
    }

    /// A mapping.
    public func mapping() throws(YAMLError) -> YAMLMapping {
        guard case .mapping(let entries) = content else { throw mismatch("a mapping (key: value)") }
        return YAMLMapping(value: self, entries: entries)
    }

    /// One of several names; the error suggests the closest.
    public func choice<Choice>(
        of type: Choice.Type = Choice.self
    ) throws(YAMLError) -> Choice where Choice: RawRepresentable<String>, Choice: CaseIterable {
        let name = try string()
        if let choice = Choice(rawValue: name) { return choice }
        throw unknownName(name, known: Choice.allCases.map(\.rawValue))
    }

    /// The error for an unknown name. It lists the known names and suggests the closest.
    public func unknownName(_ name: String, known: [String]) -> YAMLError {
        let place = path.isEmpty ? "" : " for \"\(path)\""
        return error("unknown value \"\(name)\"\(place)", help: YAMLMapping.help(for: name, known: known))
    }

    private func outOfRange(_ range: String) -> YAMLError {
        let place = path.isEmpty ? "the value" : "\"\(path)\""
        return error("\(place) is out of range; it must be \(range)")
    }

    private var quotesHelp: String? {
        if case .scalar(let text, false) = content, YAMLScalarText.double(text) != nil {
            "remove the quotes"
        } else {
            nil
        }
    }

    private static func text(of range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (let low, .max): "at least \(low)"
        case (.min, let high): "at most \(high)"
        case (let low, let high): "from \(low) to \(high)"
        }
    }
}
