import Signing
import Testing
import Text

@Suite("A digest of pieces") struct RunningDigestTests {
    @Test(arguments: [0, 1, 63, 64, 65, 1_000])
    func `it is that of the whole`(size: Int) {
        let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0) }
        let digest = RunningDigest()
        for start in stride(from: 0, to: size, by: 37) { digest.update(Array(bytes[start..<min(start + 37, size)])) }
        digest.update([])
        #expect(digest.finish() == Digest.sha256(bytes))
    }

    @Test func `it is that of FIPS 180-4`() {
        let digest = RunningDigest()
        digest.update(Array("a".utf8))
        digest.update(Array("bc".utf8))
        #expect(
            Hex.encode(digest.finish()) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
