public import SobreSettings

/// Why a provider cannot be set up. Its messages wait until an operator has fixed the configuration.
public enum ProviderError: Error, Sendable, CustomStringConvertible {
    /// A credential's variable is not set, or its file cannot be read or is empty.
    case missingSecret(instance: String, name: String, reference: SecretReference)
    /// A required setting or secret is not configured.
    case missingSetting(instance: String, name: String, isSecret: Bool)
    /// An unknown setting or secret.
    case unknownSetting(instance: String, name: String, known: [String], suggestion: String?)
    /// An invalid value of a setting.
    case badSetting(instance: String, name: String, problem: String)
    /// There is no manifest with this name.
    case unknownType(instance: String, type: String, known: [String], suggestion: String?)
    /// The provider cannot serve the configured channel.
    case channel(instance: String, problem: String)

    /// The provider instance.
    public var instance: String {
        switch self {
        case .missingSecret(let instance, _, _), .missingSetting(let instance, _, _),
            .unknownSetting(let instance, _, _, _), .badSetting(let instance, _, _),
            .unknownType(let instance, _, _, _), .channel(let instance, _):
            instance
        }
    }

    /// A full sentence that says what to do. It never contains a credential.
    public var description: String {
        switch self {
        case .missingSecret(let instance, let name, .environment(let variable)):
            "Provider \(instance) has no secret \(name): the environment variable \(variable) is not set or empty. "
                + "Set \(variable) and start again."
        case .missingSecret(let instance, let name, .file(let path)):
            "Provider \(instance) has no secret \(name): the file \(path) cannot be read, is empty, is over "
                + "\(SecretSource.maxFileBytes) bytes or is not UTF-8. Put the secret there and start again."
        case .missingSetting(let instance, let name, let isSecret):
            "Provider \(instance) lacks the \(isSecret ? "secret" : "setting") \(name). Add \(name): under "
                + "\(isSecret ? "secrets as env:NAME or file:PATH" : "settings") of this provider."
        case .unknownSetting(let instance, let name, let known, let suggestion):
            "Provider \(instance) has no setting or secret named \(name). "
                + (suggestion.map { "Did you mean \($0)?" } ?? "Use one of \(known.joined(separator: ", ")).")
        case .badSetting(let instance, let name, let problem):
            "Provider \(instance) cannot use its \(name): \(problem)."
        case .unknownType(let instance, let type, let known, let suggestion):
            "Provider \(instance) has the unknown type \(type). "
                + (suggestion.map { "Did you mean \($0)?" } ?? "Use one of \(known.joined(separator: ", ")).")
        case .channel(let instance, let problem):
            "Provider \(instance) cannot serve its channel: \(problem)."
        }
    }
}
