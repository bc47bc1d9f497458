import Files
import Testing

import TerminalOutput

@Suite("Files that commands write") struct FileTests {
    @Test func `a full disk is an error that says what to do`() throws {
        let file = try OutputFile("/dev/full", mode: 0o600)
        let error = #expect(throws: FileError.self) { try file.write(Array("a line\n".utf8)) }
        #expect(error?.description == "Cannot write /dev/full: no space is left on its disk; free some and try again.")
        try file.write([])
    }
}
