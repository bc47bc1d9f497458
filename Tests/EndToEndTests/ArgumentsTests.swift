import TestBed
import Testing

@Suite("The command line of test programs") struct ArgumentsTests {
    private func read(_ arguments: [String]) throws(Arguments.Misuse) -> Arguments {
        try Arguments(arguments, known: ["--seed", "--only"])
    }

    @Test func `names with values are read`() throws {
        let arguments = try read(["--only", "storm", "--seed", "7"])
        #expect(arguments["--only"] == "storm" && arguments.choice("--only", of: ["storm", "hot"]) == "storm")
        #expect(arguments.int("--seed", default: 1) == 7)
        let none = try read([])
        #expect(none.int("--seed", default: 1) == 1 && none["--only"] == nil && !none.asksForHelp)
    }

    @Test(arguments: [["--help"], ["-h"], ["--seed", "7", "--help"], ["--nonsense", "--help"]])
    func `who asks for help gets nothing else`(arguments: [String]) throws {
        #expect(try read(arguments).asksForHelp)
    }

    @Test(arguments: [
        (["--sead", "7"], "There is no --sead. There are --only, --seed."), (["--seed"], "--seed needs a value."),
        (["--seed", "--only"], "--seed needs a value."), (["storm"], "There is no storm. There are --only, --seed."),
    ])
    func `what is not known or not whole is refused`(arguments: [String], sentence: String) {
        let misuse = #expect(throws: Arguments.Misuse.self) { try read(arguments) }
        #expect(misuse?.description == sentence)
    }
}
