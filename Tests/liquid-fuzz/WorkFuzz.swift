import Glibc
import Liquid

/// Looks for the render that takes the most processor time.
enum WorkFuzz {
    /// No render may take longer.
    static let mostMilliseconds = 50.0

    /// - Parameter arguments: the program, seconds, and a seed if it is to be repeated.
    static func main(_ arguments: [String]) {
        let seconds = arguments.count > 1 ? Int(arguments[1]) ?? 60 : 60
        let seed = arguments.count > 2 ? UInt64(arguments[2]) ?? 1 : UInt64(time(nil))
        var mutator = Mutator(seed: seed)
        let renderer = Renderer()
        let started = time(nil)
        var tried = 0
        var rendered = 0
        var ended: [String: Int] = [:]
        var slowest = 0.0
        var how = ""
        while time(nil) - started < seconds {
            let input = mutator.heavy()
            guard var (milliseconds, outcome) = attempt(input, renderer) else { continue }
            tried += 1
            if outcome == "complete" { rendered += 1 } else { ended[outcome, default: 0] += 1 }
            if milliseconds > slowest { milliseconds = min(milliseconds, again(input, renderer)) }
            if milliseconds > slowest {
                slowest = milliseconds
                how =
                    "\(outcome), \(renderer.work) units of work, \(input.template.count) bytes of template, "
                    + "\(input.json.count) of data"
                LiquidFuzz.record(input, to: "liquid-fuzz.slowest")
            }
        }
        print("\(tried) renders, \(rendered) complete, seed \(seed)")
        for (kind, count) in ended.sorted(by: { $0.value > $1.value }) { print("  \(count) ended by \(kind)") }
        print("slowest render: \(slowest) ms of processor time (\(how)); input in liquid-fuzz.slowest")
        guard slowest < mostMilliseconds else {
            print("more than \(mostMilliseconds) ms")
            exit(1)
        }
    }

    /// Renders a recorded input and prints its processor time.
    ///
    /// - Parameter path: a file that ``LiquidFuzz/record(_:to:)`` wrote.
    static func main(again path: String) {
        guard let input = LiquidFuzz.recorded(in: path), let (_, outcome) = attempt(input, Renderer()) else {
            print("\(path) holds no input that can be rendered")
            exit(1)
        }
        print("\(again(input, Renderer())) ms of processor time, \(outcome)")
    }

    /// The smallest processor time of some more renders: other programs on the same cores make one take more than it
    /// needs.
    private static func again(_ input: Mutator.Input, _ renderer: Renderer) -> Double {
        (0..<5).compactMap { _ in attempt(input, renderer)?.0 }.min() ?? .infinity
    }

    /// The processor time of one render, and how it ended; nil for an input that cannot be rendered at all.
    private static func attempt(_ input: Mutator.Input, _ renderer: Renderer) -> (Double, String)? {
        let snippets = ["a": String(decoding: input.snippet, as: UTF8.self)]
        let data = TemplateData()
        guard
            let template = try? Template.parse(
                source: input.template, name: "fuzz", catalogue: MemoryCatalogue(snippets)),
            (try? data.add(json: input.json)) != nil
        else { return nil }
        try? data.addTranslations(json: Array(#"{"a":{"one":"{{ n }}","other":"%{n}"},"b":"{{%{{{%{"}"#.utf8))
        var options = RenderOptions(nowMilliseconds: Int64(truncatingIfNeeded: input.number % 4_000_000_000_000))
        options.escaping = [.none, .html, .header, .json][Int(input.number % 4)]
        options.locale = ["en", "fr", "ru", "ja", "x"][Int(input.number % 5)]
        let began = processorMilliseconds()
        var outcome = "complete"
        do { _ = try renderer.render(template, data: data, options: options) } catch { outcome = error.kind.rawValue }
        _ = renderer.undefined
        return (processorMilliseconds() - began, outcome)
    }

    /// Processor time of this thread.
    private static func processorMilliseconds() -> Double {
        var now = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now)
        return Double(now.tv_sec) * 1e3 + Double(now.tv_nsec) / 1e6
    }
}
