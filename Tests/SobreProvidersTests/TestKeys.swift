import Foundation

/// A key pair made by the `openssl` command for a test.
struct TestKeys {
    let privatePEM: String
    let publicPEM: String

    static func rsa() throws -> TestKeys { try TestKeys(["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]) }

    static func p256() throws -> TestKeys { try TestKeys(["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]) }

    static func ed25519() throws -> TestKeys { try TestKeys(["-algorithm", "ED25519"]) }

    private init(_ arguments: [String]) throws {
        privatePEM = try Self.openssl(["genpkey"] + arguments, input: "")
        publicPEM = try Self.openssl(["pkey", "-pubout"], input: privatePEM)
    }

    /// A certificate for the key, signed by itself.
    func certificate() throws -> String {
        try withFile {
            try Self.openssl(["req", "-x509", "-key", $0, "-subj", "/CN=sns.example", "-days", "2"], input: "")
        }
    }

    /// A certificate that ends at the moment at which it begins.
    func expiredCertificate() throws -> String {
        let valid = try certificate()
        return try withFile { try Self.openssl(["x509", "-signkey", $0, "-days", "0"], input: valid) }
    }

    /// A signature with SHA-1 and RSA.
    func signSHA1(_ text: String) throws -> [UInt8] {
        try withFile { Array(try Self.run(["dgst", "-sha1", "-sign", $0], input: text)) }
    }

    /// Calls `body` with the path of a file with the private key.
    private func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
        let file = FileManager.default.temporaryDirectory.appending(path: "sobre-test-key-\(UUID().uuidString).pem")
        try privatePEM.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        return try body(file.path)
    }

    private static func openssl(_ arguments: [String], input: String) throws -> String {
        String(decoding: try run(arguments, input: input), as: UTF8.self)
    }

    private static func run(_ arguments: [String], input: String) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/openssl")
        process.arguments = arguments
        let stdin = Pipe()
        let stdout = Pipe()
        process.standardInput = stdin
        process.standardOutput = stdout
        process.standardError = FileHandle.nullDevice
        try process.run()
        try stdin.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try stdin.fileHandleForWriting.close()
        let output = stdout.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return output
    }
}
