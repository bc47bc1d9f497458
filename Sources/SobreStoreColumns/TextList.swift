import JSON

/// A list of texts in one column, as a JSON array.
public enum TextList {
    /// - Parameter texts: the list.
    /// - Returns: the column's text.
    public static func text(_ texts: [String]) -> String {
        var writer = JSONWriter()
        writer.value(texts)
        return writer.string
    }

    /// - Parameter json: the column's text.
    /// - Returns: the list. Empty for a text that is not an array.
    public static func texts(_ json: [UInt8]) -> [String] {
        guard let document = try? JSONDocument.parse(json) else { return [] }
        return document.root.elements.compactMap(\.string)
    }
}
