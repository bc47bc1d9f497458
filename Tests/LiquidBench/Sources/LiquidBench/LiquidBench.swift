import Foundation
import Liquid
import Mustache
import Stencil

/// Times parsing and rendering of `bench_templates.json`, of a cart email of the product, and of the comparison
/// template in the engines for Swift that can express it.
///
///     LiquidBench FILE            a table: microseconds, best of 40 rounds
///     LiquidBench FILE NAME N     renders one template N times (for callgrind); N < 0 parses it
@main
enum LiquidBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 2 || arguments.count == 4 else {
            print("usage: LiquidBench bench_templates.json [NAME COUNT]")
            exit(2)
        }
        let cases = try BenchCase.read(arguments[1])
        if arguments.count == 4 {
            guard let one = cases.first(where: { $0.name == arguments[2] }), let count = Int(arguments[3]) else {
                print("There is no template '\(arguments[2])'.")
                exit(2)
            }
            return try one.loop(count)
        }
        print("template                             bytes  same  render µs   parse µs    data µs")
        for one in cases { try one.report() }
        try Others.report()
    }
}

/// One template with its data.
struct BenchCase {
    var name: String
    var source: [UInt8]
    var data: [UInt8]
    var snippets: [String: String]
    var expected: String?

    private var options: ParseOptions { ParseOptions(mode: .strict2, dialect: .standard) }
    /// 2026-10-14, the year that the reference texts name.
    private var render: RenderOptions { RenderOptions(nowMilliseconds: 1_792_000_000_000, undefined: .ignore) }

    static func read(_ path: String) throws -> [BenchCase] {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        let root = try JSONSerialization.jsonObject(with: bytes) as? [String: [String: Any]] ?? [:]
        var cases: [BenchCase] = []
        for (name, entry) in root.sorted(by: { $0.key < $1.key }) {
            let environment = try JSONSerialization.data(withJSONObject: entry["env"] ?? [:])
            cases.append(
                BenchCase(
                    name: name, source: Array((entry["template"] as? String ?? "").utf8), data: Array(environment),
                    snippets: entry["fs"] as? [String: String] ?? [:], expected: entry["expected"] as? String))
        }
        return cases
    }

    private func parsed() throws -> Liquid.Template {
        try Liquid.Template.parse(
            source: source, name: name, options: options, catalogue: MemoryCatalogue(snippets))
    }

    func loop(_ count: Int) throws {
        let template = try parsed()
        let values = TemplateData()
        try values.add(json: data)
        let renderer = Renderer()
        for _ in 0..<abs(count) {
            if count < 0 { _ = try parsed() } else { _ = try renderer.render(template, data: values, options: render) }
        }
    }

    func report() throws {
        let template = try parsed()
        let values = TemplateData()
        try values.add(json: data)
        let renderer = Renderer()
        _ = try renderer.render(template, data: values, options: render)
        let text = String(decoding: renderer.text, as: UTF8.self)
        let isSame = expected.map { $0 == text ? "yes" : "NO" } ?? "-"
        let rendering = best(500) { _ = try? renderer.render(template, data: values, options: render) }
        let parsing = best(100) { _ = try? parsed() }
        let loading = best(500) {
            values.reset()
            try? values.add(json: data)
        }
        print(
            name.padding(toLength: 34, withPad: " ", startingAt: 0),
            String(
                format: "%7d  %4@ %10.2f %10.2f %10.2f", renderer.text.count, isSame as NSString, rendering, parsing,
                loading))
    }
}

/// Microseconds a call, the best of 40 rounds.
func best(_ count: Int, _ body: () -> Void) -> Double {
    let clock = ContinuousClock()
    var least = Double.infinity
    for _ in 0..<40 {
        let taken = clock.measure { for _ in 0..<count { body() } }
        least = min(least, Double(taken.components.attoseconds) / 1e12 + Double(taken.components.seconds) * 1e6)
    }
    return least / Double(count)
}
