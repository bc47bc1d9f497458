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
        let file = FileManager.default.temporaryDirectory.appending(path: "sobre-test-key-\(UUID().uuidString).pem")
        try privatePEM.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        return try Self.openssl(
            ["req", "-x509", "-key", file.path, "-subj", "/CN=sns.example", "-days", "2"], input: "")
    }

    /// A signature with SHA-1 and RSA.
    func signSHA1(_ text: String) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(path: "sobre-test-key-\(UUID().uuidString).pem")
        try privatePEM.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        return Array(try Self.run(["dgst", "-sha1", "-sign", file.path], input: text))
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
