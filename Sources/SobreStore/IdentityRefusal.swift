/// Why two names cannot be one person's.
public enum IdentityRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nobody has this id.
    case unknownProfile(String)
    /// The one is the other already, the other way round: a merge would go in a circle.
    case samePerson(String, as: String)
    /// A whole profile was put under an alias; nil: of a person who was erased.
    case isAlias(String, of: String?)
    /// The alias is another person's; nil: of a person who was erased.
    case aliasTaken(String, by: String?)
    /// The person would have too many of something.
    case tooMany(String, limit: Int)

    /// What is wrong, for programs; stable.
    public var code: String {
        switch self {
        case .unknownProfile: "unknown_profile"
        case .samePerson: "same_person"
        case .isAlias: "is_alias"
        case .aliasTaken: "alias_taken"
        case .tooMany: "too_many"
        }
    }

    public var description: String {
        switch self {
        case .unknownProfile(let id):
            "There is no profile \"\(id)\"; put it first, or name it as an alias of the other."
        case .samePerson(let id, let other) where id == other: "A profile cannot be merged into itself (\"\(id)\")."
        case .samePerson(let id, let other):
            "\"\(other)\" is an alias of \"\(id)\" already: they are one person, under the id \"\(id)\"."
        case .isAlias(let id, let owner?):
            "\"\(id)\" is an alias of \"\(owner)\"; put the profile under \"\(owner)\", or change single fields by PATCH."
        case .isAlias(let id, nil): "\"\(id)\" was an alias of a person who was erased; use another id."
        case .aliasTaken(let id, let owner?):
            "\"\(id)\" is an alias of \"\(owner)\" already; if all are one person, merge \"\(owner)\" into this profile."
        case .aliasTaken(let id, nil): "\"\(id)\" was an alias of a person who was erased; use another alias."
        case .tooMany(let what, let limit): "The person would have more than \(limit) \(what); remove some first."
        }
    }
}
