import Foundation

/// Measures parsing and rendering of `bench_templates.json` and of the product's cart email, compared with the
/// engines for Swift that support the comparison template and with the runs of other languages' engines.
///
///     LiquidBench bench_templates.json TEMPLATES-FOLDER [RESULTS.tsv…]
///     LiquidBench --cart TEMPLATES-FOLDER         writes the cart email as such a file, for the other languages
///
/// Exit status: 0; 1 if a text differs from the reference or a warm render allocates; 2 for wrong usage.
@main
enum LiquidBench {
    static func main() throws {
        let arguments = CommandLine.arguments
        if arguments.count == 3, arguments[1] == "--cart" { return try BenchCase.cart(arguments[2]).write() }
        guard arguments.count >= 3 else {
            print("usage: LiquidBench bench_templates.json TEMPLATES-FOLDER [RESULTS.tsv…]")
            exit(2)
        }
        let others = arguments.dropFirst(3).flatMap { Figure.read($0) } + (try Others.figures())
        let cases = try BenchCase.read(arguments[1]) + [try BenchCase.cart(arguments[2])]
        print("engine          template                bytes  render µs   parse µs  notes")
        var measured: [BenchCase.Measured] = []
        var isRight = true
        for one in cases {
            let result = try one.measure()
            measured.append(result)
            let rivals = others.filter { $0.template == one.name }
            let reference = one.expected ?? rivals.first { $0.engine == "ruby-liquid" }?.text
            let isSame = reference.map { $0 == result.figure.text }
            if isSame == false || result.allocations > 0 { isRight = false }
            Show.row(
                result.figure,
                String(format: "data %.2f µs, %.2f allocations a render, ", result.load, result.allocations)
                    + (isSame.map { $0 ? "text as the reference's" : "TEXT DIFFERS" } ?? "no reference"))
            for rival in rivals {
                Show.row(rival, rival.text.map { $0 == result.figure.text ? "same text" : "other text" } ?? "")
            }
        }
        close(measured, others)
        if !isRight { exit(1) }
    }

    private static func close(_ measured: [BenchCase.Measured], _ others: [Figure]) {
        print("")
        for result in measured {
            let figure = result.figure
            let rivals = others.filter { $0.template == figure.template }
            for (what, value, base) in [
                ("render", figure.render, rivals.min { $0.render < $1.render }.map { ($0.engine, $0.render) }),
                ("parse", figure.parse, rivals.min { $0.parse < $1.parse }.map { ($0.engine, $0.parse) }),
            ] {
                Show.closing("liquid.\(figure.template).\(what)", value, "us", over: base)
            }
            Show.closing("liquid.\(figure.template).data", result.load, "us", over: nil)
            Show.closing("liquid.\(figure.template).allocations", result.allocations, "count", over: nil)
            for rival in rivals {
                Show.closing(
                    "\(rival.engine).\(rival.template).render", rival.render, "us", over: ("liquid", figure.render))
                Show.closing(
                    "\(rival.engine).\(rival.template).parse", rival.parse, "us", over: ("liquid", figure.parse))
            }
            guard figure.template == "order_email" || figure.template == "cart_email" else { continue }
            let rival = rivals.min { $0.render < $1.render }.map { ($0.engine, 1e6 / $0.render) }
            Show.closing(
                "liquid.\(figure.template).emails", 1e6 / (figure.render + result.load), "per_second_per_core",
                over: rival)
        }
    }
}
