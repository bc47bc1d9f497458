import Dispatch
import Files
import Glibc
import Synchronization
import TestFolders
import Testing

@Suite("Text files") struct TextFileTests {
    @Test func `all bytes are written, however few are taken at once`() throws {
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (output, input) = (ends[0], ends[1])
        let bytes = (0..<1_000_003).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        // A pipe holds 64 KiB, so the writer blocks until this reader, on its own thread, has read.
        let reading = DispatchGroup()
        let read = Mutex<[UInt8]>([])
        DispatchQueue.global().async(group: reading) {
            while let chunk = try? TextFile.readChunk(output, named: "a pipe", size: 1000) {
                read.withLock { $0 += chunk }
            }
        }
        try TextFile.write(bytes, to: input, named: "a pipe")
        close(input)
        #expect(reading.wait(timeout: .now() + 20) == .success)
        #expect(read.withLock { $0 } == bytes)
        close(output)
    }

    @Test func `a pipe that nobody reads is told apart`() throws {
        signal(SIGPIPE, SIG_IGN)
        var ends: [Int32] = [-1, -1]
        try #require(pipe(&ends) == 0)
        let (output, input) = (ends[0], ends[1])
        close(output)
        let error = #expect(throws: FileError.self) { try TextFile.write([1], to: input, named: "a pipe") }
        #expect(error?.isUnread == true)
        close(input)
    }

    @Test func `what cannot be replaced stays, and nothing is left beside it`() throws {
        let folder = TemporaryFolder()
        try TextFile.replace("\(folder.path)/a", with: "old")
        try TextFile.replace("\(folder.path)/a", with: "new")
        #expect(try TextFile.readText("\(folder.path)/a") == "new")
        try Folder.make("\(folder.path)/b")
        let error = #expect(throws: FileError.self) { try TextFile.replace("\(folder.path)/b", with: "text") }
        #expect(error?.description == "Cannot write \(folder.path)/b: it is a folder.")
        #expect(Folder.exists("\(folder.path)/b") && !TextFile.exists("\(folder.path)/b.new"))
    }
}
