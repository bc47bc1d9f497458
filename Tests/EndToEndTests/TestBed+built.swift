import TestBed
import Testing

extension TestBed {
    /// The built binary in a new folder, with nothing started yet.
    static func built(_ name: String) throws -> TestBed {
        let executable = try #require(Files.builtExecutable, "the sobre executable is not beside the tests")
        return try TestBed(executable: executable, folder: try Files.temporaryFolder(name))
    }
}
