public import JSON

/// What is wrong with a message's data for a template.
public struct VariableProblem: Hashable, Sendable, CustomStringConvertible {
    /// The template's name.
    public var template: String
    /// The variable that the data lacks, or has with another type.
    public var variable: TemplateVariable
    /// The type that the data has instead; nil if the variable is missing.
    public var found: String?

    /// Whether the variable is missing.
    public var isMissing: Bool { found == nil }

    public var description: String {
        guard let found else {
            return "The message's data has no \(variable.name), which \(template) needs: send \(variable.kind.phrase)."
        }
        return "The message's data has \(found) as \(variable.name), but \(template) needs \(variable.kind.phrase)."
    }
}

extension TemplateManifest {
    /// Checks a message's data against the declared variables.
    ///
    /// - Parameter data: the data as a JSON object; nil for none.
    /// - Returns: the first problem, in the order of the manifest; nil if there is none.
    public func problem(inData data: JSONRef?) -> VariableProblem? {
        for variable in variables {
            guard let value = data?[variable.name], !value.isNull else {
                if variable.isRequired { return VariableProblem(template: name, variable: variable) }
                continue
            }
            guard variable.kind.accepts(value) else {
                return VariableProblem(template: name, variable: variable, found: value.kind.description)
            }
        }
        return nil
    }
}

extension TemplateVariable.Kind {
    /// The type with its article, for sentences.
    public var phrase: String {
        switch self {
        case .string: "a string"
        case .integer: "a whole number"
        case .number: "a number"
        case .boolean: "true or false"
        case .list: "an array"
        case .object: "an object"
        }
    }

    func accepts(_ value: JSONRef) -> Bool {
        switch self {
        case .string: value.kind == .string
        case .integer: value.int != nil
        case .number: value.kind == .number
        case .boolean: value.kind == .bool
        case .list: value.kind == .array
        case .object: value.kind == .object
        }
    }
}
