/// Compares the names of snippets without case and without `.liquid`, if no snippet has exactly the written name.
enum SnippetName {
    static func normal(_ name: String) -> String {
        let lower = name.lowercased()
        return lower.hasSuffix(".liquid") ? String(lower.dropLast(".liquid".count)) : lower
    }
}

extension Program {
    /// The chunk of the snippet for a computed name.
    func snippet(named name: ByteSlice) -> Int? {
        if let number = snippetNames.find(name) { return snippetChunks[number] }
        let wanted = SnippetName.normal(name.string)
        return snippetChunks.first { SnippetName.normal(chunks[$0].name) == wanted }
    }
}
