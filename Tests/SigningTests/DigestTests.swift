import Testing

@testable import Signing
import Text

/// Vectors: FIPS 180-4 examples, RFC 1321 A.5, RFC 2202, RFC 4231.
struct DigestTests {
    @Test(
        "Digests equal their published vectors",
        arguments: [
            (
                "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                "da39a3ee5e6b4b0d3255bfef95601890afd80709", "d41d8cd98f00b204e9800998ecf8427e"
            ),
            (
                "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
                "a9993e364706816aba3e25717850c26c9cd0d89d", "900150983cd24fb0d6963f7d28e17f72"
            ),
        ])
    func vectors(text: String, sha256: String, sha1: String, md5: String) {
        let bytes = Array(text.utf8)
        #expect(Hex.encode(Digest.sha256(bytes)) == sha256)
        #expect(Digest.sha256(text) == Digest.sha256(bytes))
        #expect(Hex.encode(Digest.sha1(bytes)) == sha1)
        #expect(Hex.encode(Digest.md5(bytes)) == md5)
    }

    @Test("A million letters have the hash given in FIPS 180-4")
    func million() {
        let bytes = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(
            Hex.encode(Digest.sha256(bytes)) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test(
        "HMAC equals RFC 4231 and RFC 2202",
        arguments: [
            (
                [UInt8](repeating: 0x0B, count: 20), "Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
                "b617318655057264e28bc0b6fb378c8ef146be00"
            ),
            (
                Array("Jefe".utf8), "what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
                "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
            ),
        ])
    func hmac(key: [UInt8], message: String, sha256: String, sha1: String) {
        #expect(Hex.encode(HMAC.sha256(Array(message.utf8), key: key)) == sha256)
        #expect(Hex.encode(HMAC.sha1(Array(message.utf8), key: key)) == sha1)
    }

    @Test("A key longer than a block is hashed first, as in RFC 4231 case 6")
    func longKey() {
        let key = HMACKey([UInt8](repeating: 0xAA, count: 131))
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        #expect(Hex.encode(key.authenticate("Test Using Larger Than Block-Size Key - Hash Key First")) == expected)
        // The prepared key can be used more than once.
        #expect(Hex.encode(key.authenticate("Test Using Larger Than Block-Size Key - Hash Key First")) == expected)
    }

    @Test("An empty key and an empty message are allowed")
    func emptyKey() {
        let expected = "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
        #expect(Hex.encode(HMAC.sha256([], key: [])) == expected)
    }

    @Test("One prepared key serves many threads")
    func sharedKey() async {
        let key = HMACKey(Array("secret".utf8))
        let expected = HMAC.sha256(Array("message".utf8), key: Array("secret".utf8))
        let results = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { (0..<500).allSatisfy { _ in key.authenticate("message") == expected } }
            }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(results)
    }

    @Test("Constant-time equality is correct")
    func constantTime() {
        #expect(constantTimeEquals([], []))
        #expect(constantTimeEquals([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEquals([1, 2, 3], [1, 2]))
    }

    @Test("Random bytes have the requested length and do not repeat")
    func random() {
        #expect(randomBytes(0).isEmpty)
        #expect(randomBytes(32).count == 32)
        #expect(randomBytes(32) != randomBytes(32))
    }
}
