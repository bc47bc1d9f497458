import SobreModel
import Text

/// The names that consents, suppressions and wishes may contain: the categories, topics and caps of the policy and the
/// templates in force.
///
/// A misspelt name would be stored and have no effect, so it is refused. The case of a name does not matter: it is
/// stored in the spelling of the policy.
struct KnownNames: Sendable {
    private let categories: [String]
    private let topics: [String]
    private let consents: [String]
    private let caps: [String]?

    /// Reads the names once, for all entries of a request.
    init(_ catalogue: any IntakeCatalogue) {
        categories = catalogue.categories
        topics = categories.isEmpty ? [] : catalogue.topics
        consents = catalogue.consentNames
        caps = catalogue.capNames
    }

    /// The category or topic that a name means.
    ///
    /// - Parameters:
    ///   - name: the name as it was written.
    ///   - field: where it stands, for the error.
    /// - Returns: the name in its known spelling.
    /// - Throws: ``IntakeProblem`` for a name that is neither a category nor a topic.
    func categoryOrTopic(_ name: String, field: String) throws(IntakeProblem) -> String {
        if categories.isEmpty { return name }
        if let known = (categories + topics).first(where: { NameRule.areSame($0, name) }) { return known }
        throw IntakeProblem(
            .unknownCategory, field: field, message: "There is no category or topic \(quoted(name)).",
            expected: Self.expected(
                name, among: categories + topics,
                other: "; \"topics\" in the policy lists topics that no template has"))
    }

    /// The category or topic that a consent is about, or the policy's name for consent to tracking.
    ///
    /// - Parameters:
    ///   - name: the name as it was written.
    ///   - field: where it stands, for the error.
    /// - Returns: the name in its known spelling.
    /// - Throws: ``IntakeProblem`` for any other name.
    func consent(_ name: String, field: String) throws(IntakeProblem) -> String {
        if let known = consents.first(where: { NameRule.areSame($0, name) }) { return known }
        return try categoryOrTopic(name, field: field)
    }

    /// The category that a name means.
    ///
    /// - Parameters:
    ///   - name: the name as it was written.
    ///   - field: where it stands, for the error.
    /// - Returns: the name in its known spelling.
    /// - Throws: ``IntakeProblem`` for a name that the policy does not contain.
    func category(_ name: String, field: String) throws(IntakeProblem) -> String {
        if categories.isEmpty { return name }
        if let known = categories.first(where: { NameRule.areSame($0, name) }) { return known }
        throw IntakeProblem(
            .unknownCategory, field: field, message: "The policy has no category \(quoted(name)).",
            expected: Self.expected(name, among: categories))
    }

    /// The policy's cap that a name means.
    ///
    /// - Parameters:
    ///   - name: the name as it was written.
    ///   - field: where it stands, for the error.
    /// - Returns: the name in its known spelling.
    /// - Throws: ``IntakeProblem`` for a name that the policy does not contain.
    func cap(_ name: String, field: String) throws(IntakeProblem) -> String {
        guard let caps else { return name }
        if let known = caps.first(where: { NameRule.areSame($0, name) }) { return known }
        throw IntakeProblem(
            .invalidValue, field: field, message: "The policy has no cap \(quoted(name)).",
            expected: caps.isEmpty
                ? "no personal limits, because the policy has no caps" : Self.expected(name, among: caps))
    }

    /// A profile with its names in their known spelling. What the stored profile says already is not checked again,
    /// because the policy may have lost a name since.
    ///
    /// - Parameters:
    ///   - profile: the profile as it was read.
    ///   - stored: the profile before a change; nil for one that is put.
    /// - Returns: the profile to store.
    /// - Throws: ``IntakeProblem`` with the name of the field.
    func checked(_ profile: Profile, besides stored: Profile? = nil) throws(IntakeProblem) -> Profile {
        if profile.consents.isEmpty, profile.caps.isNone { return profile }
        var profile = profile
        for (place, consent) in profile.consents.enumerated() where stored?.consents.contains(consent) != true {
            profile.consents[place].category = try self.consent(
                consent.category, field: "consents[\(place)].category")
        }
        for (place, pause) in profile.caps.pauses.enumerated() where stored?.caps.pauses.contains(pause) != true {
            guard let name = pause.category else { continue }
            profile.caps.pauses[place].category = try category(name, field: "caps.pauses[\(place)].category")
        }
        for (place, limit) in profile.caps.limits.enumerated() where stored?.caps.limits.contains(limit) != true {
            profile.caps.limits[place].rule = try cap(limit.rule, field: "caps.limits[\(place)].rule")
        }
        return profile
    }
    private static func expected(_ name: String, among known: [String], other: String = "") -> String {
        Suggestion.closest(to: name, among: known).map { "\"\($0)\"" }
            ?? "one of \(known.joined(separator: ", "))\(other)"
    }
}
