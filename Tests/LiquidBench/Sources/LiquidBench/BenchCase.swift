import CountedMalloc
import Foundation
import Liquid

/// One template with its data.
struct BenchCase {
    var name: String
    var source: [UInt8]
    /// One JSON object, like a profile or an order.
    var data: [UInt8]
    var snippets: [String: String]
    var expected: String?
    var dialect = Dialect.standard

    /// The templates in the file, without the `bench_storefront_` of their names.
    static func read(_ path: String) throws -> [BenchCase] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let root = try JSONSerialization.jsonObject(with: bytes) as? [String: [String: Any]] ?? [:]
        return try root.sorted { $0.key < $1.key }.map { name, entry in
            let environment = try JSONSerialization.data(withJSONObject: entry["env"] ?? [:])
            return BenchCase(
                name: short(name), source: Array((entry["template"] as? String ?? "").utf8),
                data: Array(environment), snippets: entry["fs"] as? [String: String] ?? [:],
                expected: entry["expected"] as? String)
        }
    }

    static func short(_ name: String) -> String {
        name.replacingOccurrences(of: "bench_storefront_", with: "").replacingOccurrences(of: "minijinja_", with: "")
    }

    /// The product's own email for an abandoned cart: its layout with the template as a snippet, as rendered by the
    /// server.
    static func cart(_ folder: String) throws -> BenchCase {
        func text(_ path: String) throws -> String { try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8) }
        let sample = try JSONSerialization.jsonObject(with: Data(text("cart-abandoned/samples/maria.json").utf8))
        guard let sample = sample as? [String: [String: Any]], var values = sample["data"] else {
            throw CocoaError(.fileReadCorruptFile)
        }
        values["first_name"] = "Maria"
        values["locale"] = "fr"
        values["email_subject"] = "Your basket"
        values["email_preheader"] = "It is as you left it."
        values["unsubscribe_url"] = "https://mail.example/u/1"
        values["preferences_url"] = "https://mail.example/p/1"
        values["view_in_browser_url"] = "https://mail.example/v/1"
        return BenchCase(
            name: "cart_email", source: Array(try text("_layouts/base.liquid").utf8),
            data: Array(try JSONSerialization.data(withJSONObject: values)),
            snippets: [
                "content": try text("cart-abandoned/email.html.liquid"),
                "button": try text("_snippets/button.html.liquid"), "footer": try text("_snippets/footer.html.liquid"),
            ], expected: nil, dialect: .message)
    }

    /// Writes the case in the form of `bench_templates.json` to standard output.
    func write() throws {
        let entry: [String: Any] = [
            "template": String(decoding: source, as: UTF8.self), "fs": snippets,
            "env": try JSONSerialization.jsonObject(with: Data(data)),
        ]
        FileHandle.standardOutput.write(try JSONSerialization.data(withJSONObject: [name: entry]))
    }

    private var options: ParseOptions { ParseOptions(mode: .strict2, dialect: dialect) }

    /// 2026-10-14, in the year that occurs in the reference texts.
    private var render: RenderOptions {
        var options = RenderOptions(nowMilliseconds: 1_792_000_000_000, undefined: .ignore)
        if dialect == .message { options.escaping = .html }
        return options
    }

    private func parsed() throws -> Liquid.Template {
        try Liquid.Template.parse(source: source, name: name, options: options, catalogue: MemoryCatalogue(snippets))
    }

    /// The measurements of this engine.
    struct Measured {
        var figure: Figure
        /// Microseconds for parsing the data.
        var load: Double
        /// Allocations per render, once the buffers have grown.
        var allocations: Double
    }

    func measure() throws -> Measured {
        let template = try parsed()
        let values = TemplateData()
        try values.add(json: data)
        let renderer = Renderer()
        let render = render
        for _ in 0..<100 { _ = try renderer.render(template, data: values, options: render) }
        let before = allocation_count()
        for _ in 0..<1000 { _ = try renderer.render(template, data: values, options: render) }
        let allocations = Double(allocation_count() - before) / 1000
        let text = String(decoding: renderer.text, as: UTF8.self)
        let rendering = best(500) { _ = try? renderer.render(template, data: values, options: render) }
        let parsing = best(100) { _ = try? parsed() }
        let loading = best(500) {
            values.reset()
            try? values.add(json: data)
        }
        return Measured(
            figure: Figure(
                engine: "liquid", template: name, render: rendering, parse: parsing, bytes: renderer.text.count,
                text: text), load: loading, allocations: allocations)
    }
}

/// Microseconds per call, the best of 40 rounds.
func best(_ count: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var least = Double.infinity
    for _ in 0..<40 {
        let taken = clock.measure { for _ in 0..<count { body() } }
        least = min(least, Double(taken.components.attoseconds) / 1e12 + Double(taken.components.seconds) * 1e6)
    }
    return least / Double(count)
}
