/// `--name value` pairs of a test program's command line.
public struct Arguments: Sendable {
    private var values: [String: String] = [:]

    public init(_ arguments: [String]) {
        var index = 1
        while index < arguments.count {
            let isPair = arguments[index].hasPrefix("--") && index + 1 < arguments.count
            if isPair { values[arguments[index]] = arguments[index + 1] }
            index += isPair ? 2 : 1
        }
    }

    public subscript(_ name: String) -> String? { values[name] }

    public func int(_ name: String, default fallback: Int) -> Int { values[name].flatMap { Int($0) } ?? fallback }
}
