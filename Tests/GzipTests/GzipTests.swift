import ChildProcess
import Foundation
import TestFolders
import Testing

@testable import Gzip

@Suite struct GzipTests {
    /// Compresses with the system's gzip, so that the two have no code in common.
    private static func gzip(_ bytes: [UInt8], _ options: String...) throws -> [UInt8] {
        let folder = TemporaryFolder()
        try Data(bytes).write(to: URL(filePath: "\(folder.path)/plain"))
        let process = try ChildProcess(
            path: "/usr/bin/gzip", arguments: ["-k"] + options + ["\(folder.path)/plain"])
        try #require(process.wait(atMost: .seconds(60)) == .exited(code: 0))
        return [UInt8](try Data(contentsOf: URL(filePath: "\(folder.path)/plain.gz")))
    }

    /// Texts that make gzip use stored, fixed and dynamic blocks, long matches and long codes.
    private static let texts: [[UInt8]] = {
        var random = SeededGenerator(seed: 14)
        var texts: [[UInt8]] = [[], [0], Array("hello".utf8), [UInt8](repeating: 0x61, count: 100_000)]
        texts.append((0..<70_000).map { _ in UInt8.random(in: 0...255, using: &random) })
        texts.append((0..<90_000).map { _ in UInt8.random(in: 0x61...0x66, using: &random) })
        // Rare symbols get codes of more than nine bits.
        texts.append((0..<200_000).map { _ in UInt8(min(random.next().trailingZeroBitCount * 3, 255)) })
        var words: [[UInt8]] = []
        for _ in 0..<300 {
            let count = Int.random(in: 2...9, using: &random)
            words.append((0..<count).map { _ in UInt8.random(in: 0x61...0x7A, using: &random) } + [0x20])
        }
        texts.append((0..<20_000).flatMap { _ in words[Int.random(in: 0..<words.count, using: &random)] })
        return texts
    }()

    @Test(arguments: 0..<texts.count, ["-1", "-6", "-9"])
    func `what gzip compresses comes back`(text: Int, level: String) throws {
        let plain = Self.texts[text]
        let packed = try Self.gzip(plain, level)
        #expect(try Gzip.decompress(packed, atMost: plain.count) == plain)
        if !plain.isEmpty {
            #expect(throws: GzipError.tooLarge(limit: plain.count - 1)) {
                try Gzip.decompress(packed, atMost: plain.count - 1)
            }
        }
    }

    @Test func `several members are one text, and a name in the header is skipped`() throws {
        let both = try Self.gzip(Array("one ".utf8), "--name") + Self.gzip(Array("two".utf8), "--no-name")
        #expect(try Gzip.decompress(both, atMost: 100) == Array("one two".utf8))
        #expect(throws: GzipError.tooLarge(limit: 6)) { try Gzip.decompress(both, atMost: 6) }
    }

    @Test func `a body that is cut anywhere is refused`() throws {
        let packed = try Self.gzip(Array(Self.texts[7].prefix(2_000)))
        for count in 0..<packed.count {
            #expect(throws: GzipError.truncated) { try Gzip.decompress(Array(packed[..<count]), atMost: 10_000) }
        }
    }

    @Test func `a changed bit of the data is refused`() throws {
        let plain = Array(Self.texts[7].prefix(2_000))
        let packed = try Self.gzip(plain, "--no-name")
        // The header's bits say nothing about the text; time and system may change.
        for bit in 80..<packed.count * 8 {
            var changed = packed
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            do throws(GzipError) {
                let text = try Gzip.decompress(changed, atMost: 10_000)
                // The last byte of the data may have bits to spare.
                #expect(text == plain && bit / 8 == packed.count - 9, "bit \(bit)")
            } catch {}
        }
    }

    @Test func `what is not gzip is refused`() {
        #expect(throws: GzipError.notGzip) { try Gzip.decompress(Array("{\"recipient\":\"ann\"}".utf8), atMost: 100) }
        #expect(throws: GzipError.notGzip) { try Gzip.decompress([0x1F, 0x8B, 7, 0], atMost: 100) }
        #expect(throws: GzipError.notGzip) { try Gzip.decompress([0x1F, 0x8B, 8, 0x80], atMost: 100) }
    }

    @Test func `a bomb is refused at the limit`() throws {
        let packed = try Self.gzip([UInt8](repeating: 0, count: 32 << 20), "-9")
        #expect(packed.count < 40_000)
        #expect(packed.count * Gzip.maxRatio > 32 << 20)
        #expect(throws: GzipError.tooLarge(limit: 1 << 20)) { try Gzip.decompress(packed, atMost: 1 << 20) }
    }
}

/// SplitMix64.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}
