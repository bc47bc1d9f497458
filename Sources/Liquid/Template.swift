/// A parsed template with every snippet it can reach: immutable, cheap to copy, safe to share between threads.
public struct Template: Sendable {
    let program: Program

    /// Parses a template.
    ///
    /// - Parameters:
    ///   - source: The text in UTF-8.
    ///   - name: The name for errors.
    ///   - options: Grammar, dialect and limits.
    ///   - catalogue: Provides the snippets for `render` and `include`. Used only during parsing.
    /// - Returns: The immutable template.
    /// - Throws: `LiquidError` of kind `.syntax` or `.depthLimit` for the first error in the template itself. An
    ///   error in a snippet, or a missing snippet, fails the render that reaches it; `problems` lists both.
    public static func parse(
        source: [UInt8], name: String = "template", options: ParseOptions = ParseOptions(),
        catalogue: any Catalogue = MemoryCatalogue()
    ) throws(LiquidError) -> Template {
        var compiler = Compiler(options: options, catalogue: catalogue)
        return Template(program: try compiler.compile(source, name: name))
    }

    /// Reads a template given as a string. See `parse(source:name:options:catalogue:)`.
    public static func parse(
        source: String, name: String = "template", options: ParseOptions = ParseOptions(),
        catalogue: any Catalogue = MemoryCatalogue()
    ) throws(LiquidError) -> Template {
        try parse(source: Array(source.utf8), name: name, options: options, catalogue: catalogue)
    }

    /// The name given when it was parsed.
    public var name: String { program.name }

    /// The errors that a render may reach: missing snippets and snippets that do not parse.
    public var problems: [LiquidError] { program.problems }

    /// Every read of a variable, in source order, the template's before those of its snippets.
    public var variableUses: [VariableUse] {
        var places = PlaceIndexes(program)
        return program.uses.variables.map { use in
            let path = program.paths[use.path]
            let source = program.sources[Int(path.source)]
            let place = places.locate(Int(path.start), in: Int(path.source))
            let text = source.text.slice(Int(path.start), Int(path.start + path.length)).trimmed().string
            return VariableUse(
                path: text, templateName: source.name, line: place.line, column: place.column,
                hasDefault: use.hasDefault, isOutput: use.isOutput,
                isLocal: path.symbol >= 0 && program.uses.locals.contains(Int(path.symbol)))
        }
    }

    /// The distinct paths that are read from the data and not set by the template itself, sorted.
    public var variablePaths: [String] {
        Set(variableUses.filter { !$0.isLocal }.map(\.path)).sorted()
    }

    /// The names of the filters used, sorted.
    public var filtersUsed: [String] {
        Filter.allCases.filter { program.uses.filters >> UInt128($0.rawValue) & 1 == 1 }.map(\.name).sorted()
    }

    /// The names of the tags used, sorted.
    public var tagsUsed: [String] { Set(program.uses.tags.map(\.string)).sorted() }

    /// The names of the snippets used by `render` and `include`, sorted.
    public var snippetsUsed: [String] { program.uses.snippets.sorted() }
}
