internal import JSON

/// A path into a JSON document: `error.details[@type~FcmError].errorCode`, `messages[0].status`, `errors[*].code`.
/// `$` is the whole document.
struct JSONPath: Hashable, Sendable {
    enum Step: Hashable, Sendable {
        case key(String)
        case index(Int)
        /// Every element.
        case each
        /// The elements whose member of this name is a string that contains the text.
        case containing(member: String, text: String)
    }

    let steps: [Step]

    init(_ text: String) throws(ExpressionError) {
        if text == "$" {
            steps = []
            return
        }
        var steps: [Step] = []
        var rest = text[...]
        while !rest.isEmpty {
            if rest.first == "[" {
                guard let close = rest.firstIndex(of: "]") else {
                    throw ExpressionError("the path \"\(text)\" has a \"[\" that is not closed")
                }
                steps.append(try Self.selector(rest[rest.index(after: rest.startIndex)..<close], in: text))
                rest = rest[rest.index(after: close)...]
                if rest.first == "." { rest = rest.dropFirst() }
            } else {
                let end = rest.firstIndex { $0 == "." || $0 == "[" } ?? rest.endIndex
                guard end > rest.startIndex else { throw ExpressionError("the path \"\(text)\" has an empty step") }
                steps.append(.key(String(rest[..<end])))
                rest = rest[end...]
                if rest.first == "." {
                    rest = rest.dropFirst()
                    if rest.isEmpty { throw ExpressionError("the path \"\(text)\" ends with a dot") }
                }
            }
        }
        guard !steps.isEmpty else { throw ExpressionError("a path is empty", help: "write json:name or json:a.b[0].c") }
        self.steps = steps
    }

    private static func selector(_ text: Substring, in path: String) throws(ExpressionError) -> Step {
        if text == "*" { return .each }
        if let index = Int(text), index >= 0 { return .index(index) }
        if let tilde = text.firstIndex(of: "~"), tilde > text.startIndex {
            return .containing(member: String(text[..<tilde]), text: String(text[text.index(after: tilde)...]))
        }
        throw ExpressionError(
            "\"[\(text)]\" in the path \"\(path)\" is not known", help: "write [0], [*] or [member~text]")
    }

    /// Calls `body` with every value at the path until it returns true. Returns whether it did.
    func any(in root: JSONRef, where body: (JSONRef) -> Bool) -> Bool { visit(root, step: 0, body) }

    /// The first value at the path.
    func first(in root: JSONRef) -> JSONRef? {
        var found: JSONRef?
        _ = visit(root, step: 0) { value in
            found = value
            return true
        }
        return found
    }

    private func visit(_ value: JSONRef, step: Int, _ body: (JSONRef) -> Bool) -> Bool {
        guard step < steps.count else { return body(value) }
        switch steps[step] {
        case .key(let key):
            guard value.kind == .object, let member = value[key] else { return false }
            return visit(member, step: step + 1, body)
        case .index(let index):
            guard value.kind == .array, let element = value[index] else { return false }
            return visit(element, step: step + 1, body)
        case .each:
            guard value.kind == .array else { return false }
            for element in value.elements where visit(element, step: step + 1, body) { return true }
            return false
        case .containing(let member, let text):
            guard value.kind == .array else { return false }
            for element in value.elements where element.kind == .object {
                guard let name = element[member]?.string, Self.contains(name, text) else { continue }
                if visit(element, step: step + 1, body) { return true }
            }
            return false
        }
    }

    private static func contains(_ text: String, _ wanted: String) -> Bool {
        let haystack = Array(text.utf8)
        let needle = Array(wanted.utf8)
        guard needle.count <= haystack.count else { return false }
        return (0...(haystack.count - needle.count)).contains { haystack[$0...].starts(with: needle) }
    }
}
