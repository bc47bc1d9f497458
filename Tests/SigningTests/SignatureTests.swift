import Signing
import Testing
import Text

struct SignatureTests {
    @Test(
        "A signature made here is verified by the openssl command",
        arguments: [SignatureAlgorithm.rs256, .es256])
    func verifiedByOpenSSL(algorithm: SignatureAlgorithm) throws {
        let folder = try TemporaryFolder()
        let pem = try OpenSSLCommand.makeKey(for: algorithm)
        let key = try PrivateKey(pem: pem)
        let message = Array("a message to sign".utf8)
        var signature = try key.sign(message, with: algorithm)
        if algorithm == .es256 {
            #expect(signature.count == 64)
            signature = try #require(ECDSASignature.der(raw: signature))
        }
        let keyFile = try folder.write(Array(pem.utf8), to: "key.pem")
        let messageFile = try folder.write(message, to: "message")
        let signatureFile = try folder.write(signature, to: "signature")
        let answer = try OpenSSLCommand.run([
            "dgst", "-sha256", "-prverify", keyFile, "-signature", signatureFile, messageFile,
        ])
        #expect(answer.contains("Verified OK"))
    }

    @Test("Signatures verify only with the public key", arguments: SignatureAlgorithm.allCases)
    func verify(algorithm: SignatureAlgorithm) throws {
        let pem = try OpenSSLCommand.makeKey(for: algorithm)
        let folder = try TemporaryFolder()
        let keyFile = try folder.write(Array(pem.utf8), to: "key.pem")
        let publicKey = try PublicKey(pem: try OpenSSLCommand.run(["pkey", "-in", keyFile, "-pubout"]))
        let message = Array("a message".utf8)
        let signature = try PrivateKey(pem: pem).sign(message, with: algorithm)
        #expect(publicKey.verify(signature, of: message, with: algorithm))
        #expect(!publicKey.verify(signature, of: message + [0], with: algorithm))
        var broken = signature
        broken[10] ^= 1
        #expect(!publicKey.verify(broken, of: message, with: algorithm))
        #expect(!publicKey.verify([], of: message, with: algorithm))
        for other in SignatureAlgorithm.allCases where other != algorithm {
            #expect(!publicKey.verify(signature, of: message, with: other))
        }
    }

    @Test("Ed25519 equals RFC 8032 §7.1 test 2")
    func ed25519Vector() throws {
        let prefix = try Hex.decode("302e020100300506032b657004220420")
        let secret = try Hex.decode("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
        let pem = "-----BEGIN PRIVATE KEY-----\n\(Base64.encode(prefix + secret))\n-----END PRIVATE KEY-----\n"
        let signature = try PrivateKey(pem: pem).sign([0x72], with: .eddsa)
        let expected =
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
        #expect(Hex.encode(signature) == expected)
        let raw = try Hex.decode("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        #expect(try PublicKey(ed25519: raw).verify(signature, of: [0x72], with: .eddsa))
        #expect(throws: KeyError.self) { try PublicKey(ed25519: Array(raw.dropLast())) }
    }

    @Test("A token has three base64url parts, and its signature covers the first two")
    func token() throws {
        let pem = try OpenSSLCommand.makeKey(for: .es256)
        let key = try PrivateKey(pem: pem)
        let claims = #"{"iss":"TEAM","iat":1}"#
        let token = try JWT.sign(claims: Array(claims.utf8), key: key, algorithm: .es256, keyID: "KEY1")
        let parts = token.split(separator: ".").map(String.init)
        try #require(parts.count == 3)
        #expect(try Base64.decodeURL(parts[0]) == Array(#"{"alg":"ES256","typ":"JWT","kid":"KEY1"}"#.utf8))
        #expect(try Base64.decodeURL(parts[1]) == Array(claims.utf8))
        let folder = try TemporaryFolder()
        let keyFile = try folder.write(Array(pem.utf8), to: "key.pem")
        let publicKey = try PublicKey(pem: try OpenSSLCommand.run(["pkey", "-in", keyFile, "-pubout"]))
        let signed = Array("\(parts[0]).\(parts[1])".utf8)
        #expect(publicKey.verify(try Base64.decodeURL(parts[2]), of: signed, with: .es256))
        #expect(throws: KeyError.self) {
            try JWT.sign(claims: [], key: key, algorithm: .es256, keyID: #"","alg":"none"#)
        }
    }

    @Test("RS256 of the example in RFC 7515 A.2 is reproduced bit for bit")
    func rfc7515() throws {
        let header = Array(#"{"alg":"RS256"}"#.utf8)
        let claims = Array("{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}".utf8)
        let key = try PrivateKey(pem: RFC7515Key.pem)
        let token = try JWT.sign(header: header, claims: claims, key: key, algorithm: .rs256)
        #expect(token == RFC7515Key.token)
    }

    @Test("Unusable keys are rejected with a message")
    func refusals() throws {
        #expect(throws: KeyError.self) { try PrivateKey(pem: "") }
        #expect(throws: KeyError.self) { try PrivateKey(pem: "not a key") }
        #expect(throws: KeyError.self) { try PrivateKey(pem: String(repeating: "x", count: 70_000)) }
        let elliptic = try PrivateKey(pem: try OpenSSLCommand.makeKey(for: .es256))
        let error = #expect(throws: KeyError.self) { try elliptic.sign([1], with: .rs256) }
        #expect(error?.description.contains("type RSA is needed") == true)
        #expect("\(elliptic)" == "PrivateKey(redacted)")
        let small = try PrivateKey(pem: try OpenSSLCommand.run(["genrsa", "1024"]))
        #expect(throws: KeyError.self) { try small.sign([1], with: .rs256) }
        let otherCurve = try OpenSSLCommand.run([
            "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-384",
        ])
        #expect(throws: KeyError.self) { try PrivateKey(pem: otherCurve).sign([1], with: .es256) }
    }

    @Test("An encrypted key is rejected without a password prompt")
    func encrypted() throws {
        let pem = try OpenSSLCommand.run([
            "genpkey", "-algorithm", "ED25519", "-aes-256-cbc", "-pass", "pass:secret",
        ])
        #expect(pem.contains("ENCRYPTED"))
        #expect(throws: KeyError.self) { try PrivateKey(pem: pem) }
    }

    @Test("ECDSA signatures convert between DER and raw; anything else is rejected")
    func forms() throws {
        let key = try PrivateKey(pem: try OpenSSLCommand.makeKey(for: .es256))
        let raw = try key.sign([1, 2, 3], with: .es256)
        let der = try #require(ECDSASignature.der(raw: raw))
        #expect(ECDSASignature.raw(der: der) == raw)
        #expect(ECDSASignature.raw(der: der + [0]) == nil)
        #expect(ECDSASignature.raw(der: []) == nil)
        #expect(ECDSASignature.der(raw: Array(raw.dropLast())) == nil)
    }
}
