import Files
import Glibc
import JSON
import Liquid

/// The public suites of the Liquid language.
public enum ConformanceSuite: Sendable {
    /// `golden_liquid.json`: an object with `tests`. Cases are lax unless tagged otherwise.
    case golden
    /// `liquid_spec_cases.json`: an array. The clock is fixed at 2024-01-01T00:01:58Z.
    case spec

    /// Reads the cases in a suite's file.
    ///
    /// - Parameter path: the file, of at most 64 MiB.
    /// - Returns: the cases, at least one.
    /// - Throws: ``ConformanceSuiteError`` if the file cannot be read or holds no cases of this suite.
    public func cases(in path: String) throws(ConformanceSuiteError) -> [ConformanceCase] {
        guard let bytes = try? TextFile.read(path, atMost: JSONLimits.suite.maxBytes) else {
            throw ConformanceSuiteError(description: "'\(path)' cannot be read.")
        }
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument.parse(bytes, limits: .suite)
        } catch {
            throw ConformanceSuiteError(description: "'\(path)' is not JSON: \(error)")
        }
        let cases =
            switch self {
            case .golden: Self.goldenCases(document.root)
            case .spec: Self.specCases(document.root)
            }
        guard !cases.isEmpty else {
            throw ConformanceSuiteError(description: "'\(path)' holds no cases of that suite.")
        }
        return cases
    }

    private static func goldenCases(_ root: JSONRef) -> [ConformanceCase] {
        guard let tests = root["tests"] else { return [] }
        var cases: [ConformanceCase] = []
        // For cases that ask for the current year.
        let now = Int64(time(nil)) * 1000
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
                    mode: mode, now: now))
        }
        return cases
    }

    private static func specCases(_ root: JSONRef) -> [ConformanceCase] {
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

    private static func environment(_ value: JSONRef?) -> [UInt8] {
        guard let value, value.kind == .object else { return Array("{}".utf8) }
        return Array(value.rawBytes)
    }

    private static func strings(_ value: JSONRef?) -> [String: String] {
        guard let value, value.kind == .object else { return [:] }
        var strings: [String: String] = [:]
        for member in value.members { strings[member.key.string ?? ""] = member.value.string ?? "" }
        return strings
    }
}

extension JSONLimits {
    /// The suites are single files of several hundred kilobytes.
    fileprivate static let suite = JSONLimits(maxDepth: 200, maxBytes: 64 << 20)
}
