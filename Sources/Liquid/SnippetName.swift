/// The names of snippets are compared without case and without `.liquid`, when no snippet has just the name that is
/// written.
enum SnippetName {
    static func normal(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".liquid") ? String(lower.dropLast(".liquid".count)) : lower
    }
}

extension Program {
    /// The chunk of the snippet that a computed name means.
    func snippet(named name: ByteSlice) -> Int? {
        if let number = snippetNames.find(name) { return snippetChunks[number] }
        let wanted = SnippetName.normal(name.string)
        return snippetChunks.first { SnippetName.normal(chunks[$0].name) == wanted }
    }
}
