import ArgumentParser
import TerminalOutput
import Text

/// What a mistyped command was probably meant to be.
enum CommandSuggestion {
    /// A sentence about the first word that is none of the commands at its place.
    ///
    /// - Parameters:
    ///   - arguments: the command line without the program.
    ///   - root: the program.
    /// - Returns: the sentence; nil: every command that is named exists.
    static func sentence(for arguments: some Sequence<String>, in root: any ParsableCommand.Type) -> String? {
        var path = [root._commandName]
        var command = root
        for word in arguments {
            let known = command.configuration.subcommands
            if known.isEmpty || word.hasPrefix("-") || word == "help" { return nil }
            guard let next = known.first(where: { $0._commandName == word }) else {
                return sentence(word, path.joined(separator: " "), known.map { $0._commandName })
            }
            command = next
            path.append(word)
        }
        return nil
    }

    private static func sentence(_ word: String, _ path: String, _ known: [String]) -> String {
        let meant = Suggestion.closest(to: word, among: known)
        let hint = meant.map { "Did you mean \(path) \($0)?" } ?? "There are \(known.joined(separator: ", "))."
        return "There is no command \(path) \(Console.harmless(word)). \(hint) \(path) --help explains them."
    }
}
