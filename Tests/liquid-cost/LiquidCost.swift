import Glibc
import JSON
import Liquid

/// Renders or parses one template several times, for counting instructions (Tests/LiquidBench/instructions).
///
///     liquid-cost TEMPLATE DATA.json COUNT [NAME=SNIPPET…]
///     liquid-cost --bench bench_templates.json NAME COUNT
///
/// A COUNT below 0 parses instead of rendering. DATA.json is one object; for a sample from Templates/, its member
/// `data`.
@main
enum LiquidCost {
    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        guard arguments.count >= 3, let job = Job(arguments) else {
            printError("usage: liquid-cost TEMPLATE DATA.json COUNT [NAME=SNIPPET…] | --bench FILE NAME COUNT")
            exit(2)
        }
        do throws(LiquidError) {
            try job.run()
        } catch {
            printError("\(error)")
            exit(1)
        }
    }

    private static func printError(_ text: String) {
        let line = Array((text + "\n").utf8)
        _ = write(STDERR_FILENO, line, line.count)
    }
}

/// What to do and how often.
private struct Job {
    var source: [UInt8]
    var data: [UInt8]
    var snippets: [String: String] = [:]
    var dialect = Dialect.message
    var count: Int

    init?(_ arguments: [String]) {
        if arguments[0] == "--bench" {
            guard arguments.count == 4, let count = Int(arguments[3]), let bytes = Job.read(arguments[1]),
                let document = try? JSONDocument.parse(bytes, limits: JSONLimits(maxDepth: 200, maxBytes: 64 << 20)),
                let entry = document.root[arguments[2]], let template = entry["template"]?.string
            else { return nil }
            source = Array(template.utf8)
            data = entry["env"].map { Array($0.rawBytes) } ?? Array("{}".utf8)
            if let files = entry["fs"] {
                for member in files.members { snippets[member.key.string ?? ""] = member.value.string ?? "" }
            }
            dialect = .standard
            self.count = count
            return
        }
        guard let count = Int(arguments[2]), let source = Job.read(arguments[0]), let sample = Job.read(arguments[1]),
            let document = try? JSONDocument.parse(sample)
        else { return nil }
        self.source = source
        data = Array((document.root["data"] ?? document.root).rawBytes)
        for pair in arguments.dropFirst(3) {
            guard let equals = pair.firstIndex(of: "="), let text = Job.read(String(pair[pair.index(after: equals)...]))
            else { return nil }
            snippets[String(pair[..<equals])] = String(decoding: text, as: UTF8.self)
        }
        self.count = count
    }

    func run() throws(LiquidError) {
        let catalogue = MemoryCatalogue(snippets)
        let options = ParseOptions(mode: .strict2, dialect: dialect)
        let template = try Template.parse(source: source, name: "cost", options: options, catalogue: catalogue)
        let values = TemplateData()
        try values.add(json: data)
        let renderer = Renderer()
        // 2026-10-14. The clock is fixed, so that the instruction count is too.
        var render = RenderOptions(nowMilliseconds: 1_792_000_000_000, undefined: .ignore)
        if dialect == .message { render.escaping = .html }
        for _ in 0..<abs(count) {
            if count < 0 {
                _ = try Template.parse(source: source, name: "cost", options: options, catalogue: catalogue)
            } else {
                _ = try renderer.render(template, data: values, options: render)
            }
        }
    }

    private static func read(_ path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return ferror(file) == 0 ? bytes : nil }
            bytes.append(contentsOf: chunk[..<count])
        }
    }
}
