import Files
import TestFolders
import Testing

@Suite("Folders and whole files") struct FolderTests {
    @Test func `a folder lists what lies in it, in order, and is removed with all of it`() throws {
        let folder = TemporaryFolder()
        try Folder.make("\(folder.path)/a/deep/one")
        try TextFile.create("\(folder.path)/b", with: Array("four".utf8))
        try TextFile.create("\(folder.path)/.hidden", with: [])
        let entries = try Folder.entries(in: folder.path)
        #expect(entries.map(\.name) == ["a", "b"] && entries.map(\.kind) == [.folder, .file] && entries[1].size == 4)
        #expect(entries[1].modifiedAtNanoseconds > 0)
        #expect(try Folder.names(in: folder.path) == [".hidden", "a", "b"])
        Folder.remove("\(folder.path)/a")
        #expect(!Folder.exists("\(folder.path)/a") && Folder.exists(folder.path))
        let missing = #expect(throws: FileError.self) { try Folder.names(in: "\(folder.path)/none") }
        #expect(missing?.isMissing == true)
        let blocked = #expect(throws: FileError.self) { try Folder.make("\(folder.path)/b/c") }
        #expect(blocked?.code != 0)
    }

    @Test func `a file is read up to a bound, and its beginning without one`() throws {
        let folder = TemporaryFolder()
        let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let path = "\(folder.path)/a"
        try TextFile.create(path, with: bytes)
        #expect(try TextFile.read(path, atMost: 200_000) == bytes)
        #expect(try TextFile.readStart(of: path, atMost: 70_000) == Array(bytes[..<70_000]))
        #expect(try TextFile.readStart(of: path, atMost: .max) == bytes)
        let error = #expect(throws: FileError.self) { try TextFile.read(path, atMost: 199_999) }
        #expect(error?.description == "\(path) is larger than the limit of 199999 bytes; split it.")
        #expect(throws: FileError.self) { try TextFile.readText(path) }
        #expect(try !TextFile.read("/proc/self/status", atMost: 1 << 20).isEmpty)
        let folderError = #expect(throws: FileError.self) { try TextFile.read(folder.path, atMost: 10) }
        #expect(folderError?.description == "Cannot read \(folder.path): it is a folder.")
    }
}
