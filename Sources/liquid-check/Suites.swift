import JSON
import Liquid

/// `golden_liquid.json`: an object with `tests`. Cases are lax unless tagged otherwise.
enum GoldenSuite {
    static func cases(_ root: JSONRef) -> [ConformanceCase] {
        guard let tests = root["tests"] else { return [] }
        var cases: [ConformanceCase] = []
        for test in tests.elements {
            let tags = test["tags"].map { $0.elements.compactMap(\.string) } ?? []
            let mode: ParserMode = tags.contains("strict2") ? .strict2 : tags.contains("strict") ? .strict : .lax
            var expected: [String] = []
            if test["invalid"]?.bool != true {
                if let result = test["result"]?.string { expected = [result] }
                if let results = test["results"] { expected = results.elements.compactMap(\.string) }
            }
            cases.append(
                ConformanceCase(
                    name: test["name"]?.string ?? "", template: test["template"]?.string ?? "",
                    environment: environment(test["data"]), snippets: strings(test["templates"]), expected: expected,
                    mode: mode, now: Clock.current))
        }
        return cases
    }
}

/// `liquid_spec_cases.json`: an array. The clock is fixed at 2024-01-01T00:01:58Z.
enum SpecSuite {
    static func cases(_ root: JSONRef) -> [ConformanceCase] {
        guard root.kind == .array else { return [] }
        var cases: [ConformanceCase] = []
        for test in root.elements {
            let fails = test["err"]?.bool == true
            cases.append(
                ConformanceCase(
                    name: "\(test["suite"]?.string ?? "") \(test["name"]?.string ?? "")",
                    template: test["template"]?.string ?? "", environment: environment(test["environment"]),
                    snippets: strings(test["fs"]), expected: fails ? [] : [test["expected"]?.string ?? ""],
                    mode: .strict2, now: 1_704_067_318_000))
        }
        return cases
    }
}

private func environment(_ value: JSONRef?) -> [UInt8] {
    guard let value, value.kind == .object else { return Array("{}".utf8) }
    return Array(value.rawBytes)
}

private func strings(_ value: JSONRef?) -> [String: String] {
    guard let value, value.kind == .object else { return [:] }
    var strings: [String: String] = [:]
    for member in value.members { strings[member.key.string ?? ""] = member.value.string ?? "" }
    return strings
}
