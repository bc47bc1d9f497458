/// Why two names cannot belong to the same recipient.
public enum IdentityRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// No profile has this ID.
    case unknownProfile(String)
    /// The second name is already an alias of the first, so the merge would be circular.
    case samePerson(String, as: String)
    /// A whole profile was stored under an alias. The owner is nil when it was erased.
    case isAlias(String, of: String?)
    /// The alias belongs to another profile. The owner is nil when it was erased.
    case aliasTaken(String, by: String?)
    /// The profile would exceed a limit.
    case tooMany(String, limit: Int)

    /// A stable code for programs.
    public var code: String {
        switch self {
        case .unknownProfile: "unknown_profile"
        case .samePerson: "same_person"
        case .isAlias: "is_alias"
        case .aliasTaken: "alias_taken"
        case .tooMany: "too_many"
        }
    }

    /// The sentence for a caller that may not learn whose alias a name is.
    public var withoutOthers: String {
        switch self {
        case .isAlias(let id, of: _?): "\"\(id)\" is an alias of another profile; put the profile under that one's id."
        case .aliasTaken(let id, by: _?): "\"\(id)\" is an alias of another profile already; use another alias."
        default: description
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
