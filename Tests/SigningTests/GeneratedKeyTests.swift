import Signing
import Testing

@Suite("Generated keys")
struct GeneratedKeyTests {
    @Test("A generated RSA key can be read and used for signing")
    func signs() throws {
        let key = try PrivateKey(pem: try PrivateKey.generateRSA())
        #expect(try key.sign(Array("hello".utf8), with: .rs256).count == 256)
    }
}
