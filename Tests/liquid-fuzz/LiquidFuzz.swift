import Glibc
import Liquid

/// Feeds the engine mutated templates and data for some time. It must neither crash nor hang, whatever the bytes.
///
///     liquid-fuzz SECONDS [SEED] [CORPUS-FILE…]
///     liquid-fuzz --work SECONDS [SEED]
///     liquid-fuzz --again FILE
///
/// With `--work`, templates do as much work as they can on up to a megabyte of data. No render may take 50 ms of
/// processor time: it is done before, or its budget ends it. The slowest is printed, and kept in `liquid-fuzz.slowest`
/// for `--again`. Build it with optimisation and without a sanitizer for that.
///
/// Every input is first written to `liquid-fuzz.last`, so that the cause of a crash is kept. Build it with the
/// address sanitizer (`make fuzz`), which also detects silent memory corruption. Corpus files may be any texts; their
/// lines are used as initial templates.
@main
enum LiquidFuzz {
    static func main() {
        var arguments = CommandLine.arguments
        if arguments.count > 1, arguments[1] == "--work" {
            arguments.remove(at: 1)
            return WorkFuzz.main(arguments)
        }
        if arguments.count == 3, arguments[1] == "--again" { return WorkFuzz.main(again: arguments[2]) }
        let seconds = arguments.count > 1 ? Int(arguments[1]) ?? 60 : 60
        let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : UInt64(time(nil))
        var mutator = Mutator(seed: seed)
        for path in arguments.dropFirst(3) { mutator.add(linesOf: path) }
        let renderer = Renderer()
        let data = TemplateData()
        let started = time(nil)
        var tried = 0
        var rendered = 0
        while time(nil) - started < seconds {
            for _ in 0..<200 {
                let input = mutator.next()
                record(input)
                let began = clock()
                if attempt(input, renderer, data) { rendered += 1 }
                let taken = Double(clock() - began) / Double(CLOCKS_PER_SEC)
                guard taken < 5 else {
                    print("slow: \(taken) s, seed \(seed), input in liquid-fuzz.last")
                    exit(1)
                }
                tried += 1
            }
        }
        print("\(tried) inputs, \(rendered) rendered, seed \(seed): no crash, none slower than 5 s")
    }

    private static func attempt(_ input: Mutator.Input, _ renderer: Renderer, _ data: TemplateData) -> Bool {
        let snippets = ["a": String(decoding: input.snippet, as: UTF8.self), "b": "{% include 'a' %}{{ x }}"]
        var isRendered = false
        for mode in ParserMode.allCases {
            let options = ParseOptions(mode: mode, dialect: mode == .lax ? .standard : .message)
            guard
                let template = try? Template.parse(
                    source: input.template, name: "fuzz", options: options, catalogue: MemoryCatalogue(snippets))
            else { continue }
            data.reset()
            try? data.add(json: input.json)
            try? data.addTranslations(json: Array(#"{"a":{"one":"{{ n }}","other":"%{n}"}}"#.utf8))
            var render = RenderOptions(nowMilliseconds: Int64(truncatingIfNeeded: input.number))
            render.escaping = [.none, .html, .header, .json][Int(input.number % 4)]
            render.undefined = input.number % 3 == 0 ? .error : .report
            render.locale = ["en", "fr", "ru", "ja", "x"][Int(input.number % 5)]
            render.limits = RenderLimits(
                steps: 20_000, outputBytes: 1 << 18, captureBytes: 1 << 17, memoryBytes: 4 << 20)
            if (try? renderer.render(template, data: data, options: render)) != nil { isRendered = true }
            _ = renderer.undefined
            _ = template.variableUses
        }
        return isRendered
    }

    static func record(_ input: Mutator.Input, to path: String = "liquid-fuzz.last") {
        guard let file = fopen(path, "wb") else { return }
        for part in [input.template, input.json, input.snippet, Array(String(input.number).utf8)] {
            fwrite(part, 1, part.count, file)
            fwrite(separator, 1, separator.utf8.count, file)
        }
        fclose(file)
    }

    private static let separator = "\n----\n"

    /// The input in a file that ``record(_:to:)`` wrote; nil when there is none.
    static func recorded(in path: String) -> Mutator.Input? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var block = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = fread(&block, 1, block.count, file), count > 0 { bytes += block[..<count] }
        let parts = bytes.split(separator: Array(separator.utf8), omittingEmptySubsequences: false)
        guard parts.count == 5, let number = UInt64(String(decoding: parts[3], as: UTF8.self)) else { return nil }
        return Mutator.Input(template: Array(parts[0]), json: Array(parts[1]), snippet: Array(parts[2]), number: number)
    }
}
