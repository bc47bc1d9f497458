import Glibc

@testable import Signing

/// Runs the `openssl` command, which checks these tests independently.
enum OpenSSLCommand {
    struct Failed: Error {
        let status: Int32
        let output: String
    }

    /// A new PEM private key of the type that `algorithm` needs.
    static func makeKey(for algorithm: SignatureAlgorithm) throws -> String {
        switch algorithm {
        case .rs256: try run(["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"])
        case .es256: try run(["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"])
        case .eddsa: try run(["genpkey", "-algorithm", "ED25519"])
        }
    }

    /// The command's standard output. Throws unless it exits with 0.
    static func run(_ arguments: [String]) throws -> String {
        // Arguments are fixed words and the tests' own paths, but are quoted anyway.
        let quoted = (["openssl"] + arguments).map { "'\($0)'" }.joined(separator: " ")
        guard let pipe = popen("\(quoted) 2>/dev/null", "r") else { throw Failed(status: errno, output: "popen") }
        var output: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4_096)
        while true {
            let count = fread(&buffer, 1, buffer.count, pipe)
            guard count > 0 else { break }
            output += buffer[..<count]
        }
        let status = pclose(pipe)
        let text = String(decoding: output, as: UTF8.self)
        guard status == 0 else { throw Failed(status: status, output: text) }
        return text
    }
}

/// A folder that is removed with its files when the value is destroyed.
final class TemporaryFolder {
    struct Failed: Error {
        let number: Int32
    }

    let path: String
    private var files: [String] = []

    init() throws {
        var template = Array("/tmp/signing-tests-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed(number: errno) }
        path = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
    }

    deinit {
        for file in files { unlink(file) }
        rmdir(path)
    }

    /// Writes a file and returns its path.
    func write(_ bytes: [UInt8], to name: String) throws -> String {
        let file = "\(path)/\(name)"
        guard let stream = fopen(file, "w") else { throw Failed(number: errno) }
        files.append(file)
        fwrite(bytes, 1, bytes.count, stream)
        fclose(stream)
        return file
    }
}
