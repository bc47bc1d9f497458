import Foundation

/// One engine's times for one template.
struct Figure {
    var engine: String
    var template: String
    /// Microseconds.
    var render: Double
    var parse: Double
    /// Bytes of the text.
    var bytes: Int
    /// The text, if it was kept.
    var text: String?

    /// Parses `engine, template, render, parse, bytes` and the text in Base64, separated by tabs: the output of the
    /// other languages' runs.
    init?(line: Substring) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 6, let render = Double(fields[2]), let parse = Double(fields[3]),
            let bytes = Int(fields[4])
        else { return nil }
        (engine, template, self.render, self.parse, self.bytes) =
            (String(fields[0]), String(fields[1]), render, parse, bytes)
        text = Data(base64Encoded: String(fields[5])).map { String(decoding: $0, as: UTF8.self) }
    }

    init(engine: String, template: String, render: Double, parse: Double, bytes: Int, text: String? = nil) {
        (self.engine, self.template, self.render, self.parse, self.bytes) = (engine, template, render, parse, bytes)
        self.text = text
    }

    static func read(_ path: String) -> [Figure] {
        guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
        return text.split(separator: "\n").compactMap { Figure(line: $0) }
    }
}

/// Prints tables and result lines.
enum Show {
    static func row(_ figure: Figure, _ notes: String) {
        print(
            pad(figure.engine, 16) + pad(figure.template, 22)
                + String(format: "%7d %10.2f %10.2f  ", figure.bytes, figure.render, figure.parse) + notes)
    }

    /// Prints `bench NAME value=… unit=… ratio=… base=…`, one line per figure, so that a script can compare runs.
    static func closing(_ name: String, _ value: Double, _ unit: String, over base: (name: String, value: Double)?) {
        let ratio = base.map { String(format: "%.4f", value / $0.value) } ?? "none"
        print(
            "bench \(name) value=\(String(format: "%.3f", value)) unit=\(unit) ratio=\(ratio) base=\(base?.name ?? "none")"
        )
    }

    static func pad(_ text: String, _ width: Int) -> String {
        text.padding(toLength: width, withPad: " ", startingAt: 0)
    }
}
