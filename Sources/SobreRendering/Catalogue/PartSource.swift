internal import SobreModel

/// Splits a part into its named fields and its body, which follows a line `---`. For example a `push.liquid`:
///
/// ```
/// title: {{ customer.first_name | default: "Hello" }}, your records are on their way
/// link: https://larkspur.example/orders/{{ order }}
/// image: https://larkspur.example/i/van.png
/// collapse: order-{{ order }}
/// data.order: {{ order }}
/// ---
/// {{ cds }} CDs left our shop today.
/// ```
/// Each field is a template of its own. Fields are split before rendering, so that no value can add a field.
struct PartSource {
    struct Field {
        var name: String
        /// The value, preceded by line feeds and spaces that keep its position in the file for errors. The rendered
        /// text is trimmed.
        var source: [UInt8]
    }

    /// The most fields with the prefix.
    static let maxPrefixed = 50

    var fields: [Field] = []
    var body: [UInt8] = []

    /// - Parameters:
    ///   - bytes: the file's text.
    ///   - file: the file name for errors.
    ///   - rules: the allowed fields.
    /// - Throws: ``TemplateError`` with the line that is wrong.
    init(_ bytes: [UInt8], file: String, _ rules: TemplatePart.Fields) throws(TemplateError) {
        let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard let end = lines.firstIndex(where: { Self.trimmed($0).elementsEqual("---".utf8) }) else {
            guard let required = rules.required else {
                body = bytes
                return
            }
            throw TemplateError(
                "\(file):1:1: a line --- must separate the fields from the body. Write \(required): …, then ---, then "
                    + "the body.")
        }
        for index in 0..<end {
            let line = lines[index]
            if Self.trimmed(line).isEmpty { continue }
            try append(line, number: index + 1, file: file, rules)
        }
        if let required = rules.required, !fields.contains(where: { $0.name == required }) {
            throw TemplateError(
                "\(file):1:1: the \(required) is missing. Add a line \(required): … before the line ---.")
        }
        guard fields.count <= Self.maxPrefixed + rules.names.count else {
            throw TemplateError(
                "\(file): more than \(Self.maxPrefixed) \(rules.prefix)NAME fields, the limit for a message; remove some."
            )
        }
        body = [UInt8](repeating: 0x0A, count: end + 1) + lines[(end + 1)...].joined(separator: [0x0A])
    }

    private mutating func append(
        _ line: ArraySlice<UInt8>, number: Int, file: String, _ rules: TemplatePart.Fields
    ) throws(TemplateError) {
        let colon = line.firstIndex(of: 0x3A) ?? line.startIndex
        let name = String(decoding: Self.trimmed(line[line.startIndex..<colon]), as: UTF8.self)
        let isPrefixed = name.hasPrefix(rules.prefix) && name.utf8.count > rules.prefix.utf8.count
        guard isPrefixed || rules.names.contains(name) else {
            let known = rules.names.map { "\($0):" }.joined(separator: ", ")
            throw TemplateError(
                "\(file):\(number):1: a field begins with \(known) or \(rules.prefix)NAME:, not "
                    + "\"\(String(decoding: line.prefix(40), as: UTF8.self))\".")
        }
        if let reserved = rules.reservedName(of: name) {
            throw TemplateError(
                "\(file):\(number):1: push services use \"\(reserved)\" themselves, so that \(name) would not arrive. Give "
                    + "it another name, such as \(rules.prefix)app_\(name.dropFirst(rules.prefix.count)).")
        }
        guard !fields.contains(where: { $0.name == name }) else {
            throw TemplateError("\(file):\(number):1: the field \(name) is given twice; remove one.")
        }
        let value = line[line.index(after: colon)...]
        let column = line.distance(from: line.startIndex, to: colon) + 1
        let padding = [UInt8](repeating: 0x0A, count: number - 1) + [UInt8](repeating: 0x20, count: column)
        fields.append(Field(name: name, source: padding + value))
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line
        while let first = line.first, first == 0x20 || first == 0x09 || first == 0x0D { line.removeFirst() }
        while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
        return line
    }
}
