import Yams

/// One YAML document of a configuration file, with typed access, positions for errors, and bounds.
///
/// Keys must be scalars and unique. Merge keys (`<<`) are rejected. Anchors and aliases work within the limits.
public struct YAMLDocument: Sendable {
    /// The document's value.
    public let root: YAMLValue

    /// Reads a file that contains one document. An empty file is an empty mapping.
    ///
    /// - Parameters:
    ///   - text: the file's text.
    ///   - file: its name, for errors.
    ///   - limits: the bounds.
    /// - Returns: the document.
    /// - Throws: ``YAMLError`` with the position, the line and, if there is one, a hint.
    public static func parse(
        text: String, file: String, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> YAMLDocument {
        let documents = try parseAll(text: text, file: file, limits: limits)
        if documents.count > 1 {
            throw documents[1].root.error(
                "a second document begins here", help: "this file holds one document: remove the line \"---\"")
        }
        if let document = documents.first { return document }
        let source = YAMLSource(file: file, text: text)
        return YAMLDocument(
            root: YAMLValue(content: .mapping([]), line: 1, column: 1, path: "", source: source))
    }

    /// Reads a file of several documents separated by `---`.
    public static func parseAll(
        text: String, file: String, limits: YAMLLimits = YAMLLimits()
    ) throws(YAMLError) -> [YAMLDocument] {
        let source = YAMLSource(file: file, text: text)
        guard text.utf8.count <= limits.maxBytes else {
            throw YAMLError(
                file: file, line: 0, column: 0,
                message: "the file has \(text.utf8.count) bytes; at most \(limits.maxBytes) are allowed",
                help: "split the file")
        }
        try YAMLGuard.checkAliases(in: source, atMost: limits.maxAliases)
        var builder = YAMLBuilder(source: source, limits: limits)
        var documents: [YAMLDocument] = []
        do {
            // Yams' own resolver loads ICU's regular expressions for every scalar, so types are resolved here
            // instead.
            let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
            while let node = try parser.nextRoot() {
                documents.append(YAMLDocument(root: try builder.value(of: node, path: "", depth: 0)))
            }
        } catch let error as YAMLError {
            throw error
        } catch {
            throw YAMLGuard.translate(error, in: source)
        }
        return documents
    }
}
