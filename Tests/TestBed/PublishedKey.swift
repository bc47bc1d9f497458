import ChildProcess
import Text

/// A DKIM key made by OpenSSL's command, with its public half as DNS publishes it.
public struct PublishedKey: Sendable {
    /// The file of the private key, PEM.
    public let file: String
    /// The record's `p`.
    public let published: String

    public static var isPossible: Bool { Files.exists("/usr/bin/openssl") }

    /// Makes a key in a folder.
    ///
    /// - Parameters:
    ///   - name: the file's name.
    ///   - isEd25519: Ed25519 in place of RSA with 2048 bits.
    ///   - folder: where it is written.
    /// - Throws: ``TestBed/Failure`` when the command fails.
    public init(_ name: String, isEd25519: Bool, in folder: String) throws {
        file = "\(folder)/\(name).pem"
        let kind = isEd25519 ? ["-algorithm", "ed25519"] : ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"]
        try Self.openssl(["genpkey"] + kind + ["-out", file], to: "\(folder)/\(name).log")
        let output = "\(folder)/\(name).b64"
        try Self.openssl(["pkey", "-in", file, "-pubout", "-outform", "PEM"], to: output)
        let lines = (Files.read(output) ?? "").split(separator: "\n").filter { !$0.hasPrefix("-----") }
        let whole = lines.joined()
        // An Ed25519 key is published alone; its 32 bytes are the last of the structure.
        published = isEd25519 ? Base64.encode(Array(try Base64.decode(whole).suffix(32))) : whole
    }

    private static func openssl(_ arguments: [String], to output: String) throws {
        let process = try ChildProcess(
            path: "/usr/bin/openssl", arguments: arguments, output: .file(output), errors: .file(output + ".err"))
        guard process.wait(atMost: .seconds(30)) == .exited(code: 0) else {
            throw TestBed.Failure("openssl failed: \(Files.read(output + ".err") ?? "")")
        }
    }
}
