public import YAMLDocument

/// The providers of one channel: in order of preference, or with the parts of the traffic that they get.
///
/// ```yaml
/// routes:
///   email: [relay, ses]                # ses takes over where relay cannot send
///   sms: {twilio: 80, vonage: 20}      # four of five messages go to twilio first
/// ```
public struct ProviderRoute: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
    public static let weights = 0...1_000_000

    /// The providers' names. With weights, their order has no meaning.
    public private(set) var names: [String]
    /// One weight for each name. Nil: the order says which provider comes first.
    public private(set) var weights: [Int]?

    public init(_ names: [String]) { self.names = names }

    public init(arrayLiteral elements: String...) { self.init(elements) }

    /// - Parameter weights: relative to each other. A provider with the weight 0 gets what no other one can take.
    public init(weights: KeyValuePairs<String, Int>) {
        names = weights.map(\.key)
        self.weights = weights.map(\.value)
    }

    /// In words: `relay, then ses`, or `twilio (80 %), vonage (20 %)`.
    public var description: String {
        if weights == nil { return names.joined(separator: ", then ") }
        return names.map { "\($0) (\(place(of: $0)!))" }.joined(separator: ", ")
    }

    /// A provider's place: `1 of 2`, or its part by weight, `80 %`. Nil if the route does not name it.
    public func place(of name: String) -> String? {
        guard let index = names.firstIndex(of: name) else { return nil }
        guard let weights else { return "\(index + 1) of \(names.count)" }
        return "\(weights[index] * 100 / max(weights.reduce(0, +), 1)) %"
    }

    /// Adds a provider at the end of the order.
    public mutating func append(_ name: String) {
        precondition(weights == nil, "a weighted route has no order")
        names.append(name)
    }

    /// The route without the providers that do not fulfil a condition.
    public func only(where isIncluded: (String) -> Bool) -> ProviderRoute {
        var route = self
        let kept = names.indices.filter { isIncluded(names[$0]) }
        route.names = kept.map { names[$0] }
        route.weights = weights.map { weights in kept.map { weights[$0] } }
        return route
    }

    /// Reads one provider's name, a list of names, or a mapping of names to weights.
    ///
    /// - Parameters:
    ///   - value: the channel's value in `routes`.
    ///   - known: the names of the configured providers.
    /// - Throws: `YAMLError` with the position of an unknown or repeated name, or of an invalid weight.
    init(_ value: YAMLValue, known: [String]) throws(YAMLError) {
        names = []
        if case .mapping = value.content {
            try read(weights: value.mapping(), known: known)
            return
        }
        for value in value.isNull ? [] : value.listOrOne {
            let name = try value.string()
            guard known.contains(name) else { throw value.unknownName(name, known: known) }
            guard !names.contains(name) else {
                throw value.error("\(name) stands here twice", help: "name each provider of a channel once")
            }
            names.append(name)
        }
    }

    private mutating func read(weights: YAMLMapping, known: [String]) throws(YAMLError) {
        try weights.checkKeys(known: known)
        names = weights.entries.map(\.key)
        var values: [Int] = []
        for entry in weights.entries { values.append(try entry.value.int(in: Self.weights)) }
        guard names.isEmpty || values.contains(where: { $0 > 0 }) else {
            throw weights.entries[0].value.error("all weights are 0", help: "give one provider a weight above 0")
        }
        self.weights = values
    }
}
