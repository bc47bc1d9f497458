import TestBed
import Testing

/// Runs the built program with mistyped arguments.
@Suite("Mistyped commands and values") struct CommandSuggestionTests {
    private static let usage: Int32 = 64
    private static let noInput: Int32 = 66

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
    func `get the closest one, or all`(arguments: [String], sentence: String) throws {
        let (code, output) = try TestBed.built("mistyped").run(arguments)
        #expect(output == "sobre: \(sentence)\n")
        #expect(code == Self.usage)
    }

    @Test(arguments: [
        (["logs", "--bogus"], "Error: Unknown option '--bogus'"), (["--version"], "0.1.0"),
        (["help", "logs"], "OVERVIEW: Show the delivery log"), (["show", "lgos"], "Error: lgos is not an id."),
        (["policy", "--help"], "OVERVIEW: The policy"), ([], "OVERVIEW: Sends messages"),
    ])
    func `that exist get none`(arguments: [String], start: String) throws {
        let output = try TestBed.built("mistyped").run(arguments).output
        #expect(output.hasPrefix(start))
        #expect(!output.contains("There is no command"))
    }

    @Test func `of a reason of the log are refused with the valid ones`() throws {
        let bed = try TestBed.built("mistyped")
        let (code, message) = try bed.run(["logs", "--reason", "frequency_caped"])
        #expect(
            message.hasPrefix(
                "Error: There is no reason frequency_caped. Did you mean frequency_capped? There are "
                    + "aborted_by_template, accepted"))
        #expect(message.contains("render_failed"))
        #expect(code == Self.usage)
        // Valid ones pass, and the command finds no data.
        try Files.write("data:\n  directory: \(bed.folder)/none\n", to: "\(bed.folder)/sobre.yaml")
        let (status, answer) = try bed.run([
            "logs", "--reason", "recipient.gone", "--reason", "expired", "--config", "\(bed.folder)/sobre.yaml",
        ])
        #expect(answer.contains("There are no data in \(bed.folder)/none"))
        #expect(status == Self.noInput)
    }
}
