import Testing
import Text

@testable import Signing

@Suite("Web Push encryption")
struct WebPushEncryptionTests {
    /// RFC 8291 Appendix A.
    private static let text = Array("When I grow up, I want to be a watermelon".utf8)
    private static let point =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
    private static let secret = "BTBZMqHH6r4Tts7J_aSIgg"
    private static let key = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
    private static let ownPoint =
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8"
    private static let salt = "DGv6ra1nlYgDCS1FRnbzlw"
    private static let body =
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_"
        + "yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

    @Test func `the example of RFC 8291 has exactly these bytes`() throws {
        let key = try PrivateKey(p256: try Base64.decodeURL(Self.key))
        #expect(key.p256Point.map(Base64.encodeURL) == Self.ownPoint)
        let body = WebPushEncryption.encrypt(
            Self.text, point: try Base64.decodeURL(Self.point), secret: try Base64.decodeURL(Self.secret), key: key,
            salt: try Base64.decodeURL(Self.salt))
        #expect(body.map(Base64.encodeURL) == Self.body)
    }

    @Test func `each message has its own key and salt`() throws {
        let point = try Base64.decodeURL(Self.point)
        let secret = try Base64.decodeURL(Self.secret)
        let first = try #require(WebPushEncryption.encrypt(Self.text, point: point, secret: secret))
        let second = try #require(WebPushEncryption.encrypt(Self.text, point: point, secret: secret))
        #expect(first.prefix(16) != second.prefix(16) && first[21..<86] != second[21..<86])
        #expect(first.count == Self.text.count + WebPushEncryption.overhead)
    }

    @Test func `two keys agree on the same secret, and on none with a point off the curve`() throws {
        let one = PrivateKey.generateP256()
        let other = PrivateKey.generateP256()
        let shared = one.agree(with: try #require(other.p256Point))
        let same = other.agree(with: try #require(one.p256Point))
        #expect(shared?.count == 32 && shared == same)
        var point = try #require(other.p256Point)
        point[64] ^= 1
        #expect(one.agree(with: point) == nil)
        #expect(one.agree(with: [4]) == nil && one.agree(with: []) == nil)
        #expect(WebPushEncryption.encrypt([1], point: point, secret: [UInt8](repeating: 0, count: 16)) == nil)
    }

    @Test func `a body has at most 4096 bytes`() throws {
        let point = try Base64.decodeURL(Self.point)
        let secret = try Base64.decodeURL(Self.secret)
        let most = WebPushEncryption.maxBodyBytes - WebPushEncryption.overhead
        #expect(most == 3993)
        let full = WebPushEncryption.encrypt([UInt8](repeating: 1, count: most), point: point, secret: secret)
        #expect(full?.count == 4096)
        #expect(WebPushEncryption.encrypt([UInt8](repeating: 1, count: most + 1), point: point, secret: secret) == nil)
        #expect(WebPushEncryption.encrypt([1], point: point, secret: Array(secret.dropLast())) == nil)
    }

    @Test func `a scalar of another length is not a key`() {
        #expect(throws: KeyError.self) { try PrivateKey(p256: [1, 2, 3]) }
        #expect(throws: KeyError.self) { try PrivateKey(p256: [UInt8](repeating: 0, count: 32)) }
    }
}
