public import Liquid

/// One template of Braze and what became of it.
public struct BrazeImport: Sendable {
    public var file: String
    /// The result.
    public var template: String
    /// Whether it differs from the original.
    public var isChanged: Bool
    public var notes: [BrazeReader.Note]
    /// Content blocks that have to be brought as snippets.
    public var snippets: [String]
    /// What the production parser says to the result: every unknown filter, or the first other mistake.
    public var mistakes: [LiquidError] = []

    public init(file: String, text: String) {
        self.file = file == "-" ? "stdin" : file
        let reader = BrazeReader(text)
        template = reader.template
        isChanged = template != text
        notes = reader.notes
        snippets = reader.snippets
        do throws(LiquidError) {
            // Snippets are looked for when the template is used; here an empty one stands for each.
            let stand = MemoryCatalogue(Dictionary(uniqueKeysWithValues: snippets.map { ($0, "") }))
            var options = ParseOptions()
            options.listsUnknownFilters = true
            let parsed = try Template.parse(
                source: template, name: "\(self.file) (converted)", options: options, catalogue: stand)
            mistakes = parsed.problems.filter { $0.kind != .missingSnippet }
        } catch {
            mistakes = [error]
        }
    }

    /// Whether nothing is left to do by hand.
    public var isComplete: Bool { mistakes.isEmpty && notes.allSatisfy { $0.problem == nil } }

    public var changes: Int { notes.count { $0.after != nil } }
    public var problems: Int { notes.count { $0.problem != nil } + mistakes.count }
}
