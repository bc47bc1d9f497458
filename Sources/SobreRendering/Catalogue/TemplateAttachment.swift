internal import SobreModel
internal import YAMLDocument

/// A file that a template attaches to its emails, as `attachments:` of `template.yaml` declares it.
public struct TemplateAttachment: Hashable, Sendable {
    /// The path in the template's folder. A locale's folder may have a file of the same path in its place.
    public var file: String
    /// The name that recipients see.
    public var name: String
    public var contentType: String
    /// The id under which the HTML shows the file; nil for a file that is attached.
    public var contentID: String?

    static let keys = ["file", "name", "type", "content_id"]

    /// Reads `terms.pdf`, or `{file: logo.png, content_id: logo}`.
    init(_ value: YAMLValue) throws(YAMLError) {
        guard case .mapping = value.content else {
            try self.init(file: try value.string(), at: value)
            return
        }
        let mapping = try value.mapping()
        try mapping.checkKeys(known: Self.keys)
        try self.init(file: try mapping.string("file"), at: try mapping.require("file"))
        name = try mapping.string("name", default: name)
        contentType = try mapping.string("type", default: AttachmentRule.contentType(ofFilename: name))
        contentID = try mapping.string(ifPresent: "content_id")
    }

    private init(file: String, at value: YAMLValue) throws(YAMLError) {
        let steps = file.split(separator: "/", omittingEmptySubsequences: false)
        guard !steps.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }), let last = steps.last else {
            throw value.error(
                "\"\(file)\" is not a file in the template's folder",
                help: "write its path from there, such as terms.pdf or files/terms.pdf")
        }
        self.file = file
        name = String(last)
        contentType = AttachmentRule.contentType(ofFilename: name)
    }
}
