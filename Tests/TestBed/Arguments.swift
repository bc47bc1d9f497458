import Glibc

/// `--name value` pairs of a test program's command line.
public struct Arguments: Sendable {
    /// An invalid command line, described in a sentence.
    public struct Misuse: Error, CustomStringConvertible {
        public let description: String
    }

    /// Whether `--help` or `-h` is among the arguments.
    public let asksForHelp: Bool
    private var values: [String: String] = [:]

    /// Parses the arguments after the program's name.
    ///
    /// - Parameters:
    ///   - arguments: The command line without the program.
    ///   - known: The valid names, such as `--seed`.
    /// - Throws: ``Misuse`` for an unknown name, and for a name without a value.
    public init(_ arguments: some Sequence<String>, known: Set<String>) throws(Misuse) {
        asksForHelp = arguments.contains { $0 == "--help" || $0 == "-h" }
        if asksForHelp { return }
        var rest = Array(arguments)[...]
        while let name = rest.popFirst() {
            guard known.contains(name) else {
                throw Misuse(description: "There is no \(name). There are \(known.sorted().joined(separator: ", ")).")
            }
            guard let value = rest.popFirst(), !value.hasPrefix("--") else {
                throw Misuse(description: "\(name) needs a value.")
            }
            values[name] = value
        }
    }

    /// The arguments of this process. With `--help` it prints the usage and exits. For invalid arguments it prints the
    /// error and exits with status 64.
    public static func ofProcess(usage: String, known: Set<String>) -> Arguments {
        do {
            let arguments = try Arguments(CommandLine.arguments.dropFirst(), known: known)
            guard arguments.asksForHelp else { return arguments }
            print(usage)
            exit(0)
        } catch {
            end("\(error)\n\n\(usage)")
        }
    }

    public subscript(_ name: String) -> String? { values[name] }

    /// A whole number. Any other text ends the process with status 64.
    public func int(_ name: String, default fallback: Int) -> Int {
        guard let text = values[name] else { return fallback }
        guard let number = Int(text), number >= 0 else { Self.end("\(name) must be a whole number, not \(text).") }
        return number
    }

    /// One of several words, or nil when the name is absent. Any other word ends the process with status 64.
    public func choice(_ name: String, of words: [String]) -> String? {
        guard let text = values[name] else { return nil }
        guard words.contains(text) else {
            Self.end("\(name) must be one of \(words.joined(separator: ", ")), not \(text).")
        }
        return text
    }

    /// Ends the process with the status for wrong usage.
    private static func end(_ sentence: String) -> Never {
        let bytes = Array("\(sentence)\n".utf8)
        _ = write(STDERR_FILENO, bytes, bytes.count)
        exit(64)
    }
}
