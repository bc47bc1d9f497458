import ArgumentParser
import Testing

@testable import sobre

@Suite("Mistyped commands and values") struct CommandSuggestionTests {
    @Test(arguments: [
        (["lgos"], "There is no command sobre lgos. Did you mean sobre logs? sobre --help explains them."),
        (["Logs"], "There is no command sobre Logs. Did you mean sobre logs? sobre --help explains them."),
        (
            ["policy", "chek", "x.yaml"],
            "There is no command sobre policy chek. Did you mean sobre policy check? sobre policy --help explains them."
        ),
        (
            ["keys", "rotate"],
            "There is no command sobre keys rotate. There are create, list, revoke. sobre keys --help explains them."
        ),
    ])
    func `get the closest one, or all`(arguments: [String], sentence: String) {
        #expect(CommandSuggestion.sentence(for: arguments, in: Sobre.self) == sentence)
    }

    @Test(arguments: [
        ["logs", "--bogus"], ["--version"], ["help", "logs"], ["show", "lgos"], ["policy", "--help"], [],
    ])
    func `that exist get none`(arguments: [String]) {
        #expect(CommandSuggestion.sentence(for: arguments, in: Sobre.self) == nil)
    }

    @Test func `of a reason of the log are refused with the valid ones`() {
        let error = #expect(throws: (any Error).self) {
            try Sobre.parseAsRoot(["logs", "--reason", "frequency_caped"])
        }
        let message = error.map { Sobre.message(for: $0) } ?? ""
        #expect(
            message.hasPrefix(
                "There is no reason frequency_caped. Did you mean frequency_capped? There are aborted_by_template, accepted"
            ))
        #expect(message.contains("render_failed"))
        #expect(throws: Never.self) {
            try Sobre.parseAsRoot(["logs", "--reason", "recipient.gone", "--reason", "expired"])
        }
    }
}
