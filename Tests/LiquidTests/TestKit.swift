import Liquid

/// Renders `source` with JSON data and returns the text.
func rendered(
    _ source: String, _ json: String = "{}", snippets: [String: String] = [:],
    parse: ParseOptions = ParseOptions(), options: RenderOptions = .fixed
) throws -> String {
    let template = try Template.parse(
        source: source, name: "test", options: parse, catalogue: MemoryCatalogue(snippets))
    let data = TemplateData()
    try data.add(json: Array(json.utf8))
    let renderer = Renderer()
    _ = try renderer.render(template, data: data, options: options)
    return String(decoding: renderer.text, as: UTF8.self)
}

/// The error that parsing or rendering throws, if any.
func failure(
    _ source: String, _ json: String = "{}", snippets: [String: String] = [:],
    parse: ParseOptions = ParseOptions(), options: RenderOptions = .fixed
) -> LiquidError? {
    do {
        _ = try rendered(source, json, snippets: snippets, parse: parse, options: options)
        return nil
    } catch {
        return error as? LiquidError
    }
}

extension RenderOptions {
    /// 2026-11-21T18:00:00Z
    static var fixed: RenderOptions { RenderOptions(nowMilliseconds: 1_795_284_000_000) }

    static func limited(_ change: (inout RenderLimits) -> Void) -> RenderOptions {
        var options = RenderOptions.fixed
        change(&options.limits)
        return options
    }
}
