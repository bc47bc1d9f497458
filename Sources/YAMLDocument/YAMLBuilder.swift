import Yams

/// Converts Yams' nodes into values and counts them. An alias counts as much as the value it refers to.
struct YAMLBuilder {
    let source: YAMLSource
    let limits: YAMLLimits
    private var count = 0

    init(source: YAMLSource, limits: YAMLLimits) {
        self.source = source
        self.limits = limits
    }

    mutating func value(of node: Node, path: String, depth: Int) throws(YAMLError) -> YAMLValue {
        let line = node.mark?.line ?? 1
        let column = node.mark?.column ?? 1
        count += 1
        guard count <= limits.maxValues else {
            throw source.error(
                line: line, column: column, "the file holds more than \(limits.maxValues) values",
                help: "aliases count as often as they are used; split the file")
        }
        guard depth <= limits.maxDepth else {
            throw source.error(line: line, column: column, "values are nested deeper than \(limits.maxDepth) levels")
        }
        let content: YAMLValue.Content
        switch node {
        case .scalar(let scalar):
            content = .scalar(scalar.string, isPlain: scalar.style == .plain || scalar.style == .any)
        case .sequence(let sequence):
            var elements: [YAMLValue] = []
            for (index, element) in sequence.enumerated() {
                elements.append(try value(of: element, path: "\(path)[\(index)]", depth: depth + 1))
            }
            content = .sequence(elements)
        case .mapping(let mapping):
            var entries: [YAMLValue.Entry] = []
            for (key, element) in mapping { entries.append(try entry(key, element, path: path, depth: depth)) }
            content = .mapping(entries)
        case .alias:
            throw source.error(line: line, column: column, "this alias refers to no anchor")
        }
        return YAMLValue(content: content, line: line, column: column, path: path, source: source)
    }

    private mutating func entry(
        _ key: Node, _ element: Node, path: String, depth: Int
    ) throws(YAMLError) -> YAMLValue.Entry {
        let line = key.mark?.line ?? 1
        let column = key.mark?.column ?? 1
        guard case .scalar(let scalar) = key else {
            throw source.error(line: line, column: column, "a key must be a string")
        }
        guard scalar.string != "<<" else {
            throw source.error(
                line: line, column: column, "merge keys (<<) are not supported", help: "write the keys out")
        }
        let inner = path.isEmpty ? scalar.string : "\(path).\(scalar.string)"
        let value = try value(of: element, path: inner, depth: depth + 1)
        return YAMLValue.Entry(key: scalar.string, line: line, column: column, value: value)
    }
}
