import ChildProcess
import Glibc

/// An OpenSSL TLS endpoint (through Python) before a ``TestServer``. Its certificate for `localhost` is issued by an
/// authority made only for it. It forwards the plain bytes.
final class TLSFront {
    enum Mode: String {
        /// TLS from the first byte.
        case tls
        /// The same, with `h2` negotiated by ALPN.
        case http2 = "h2"
        /// The same, and the client must present a certificate of the same authority.
        case clientCertificate = "mtls"
        /// SMTP upgraded to TLS by STARTTLS; nothing is accepted before that.
        case startTLS = "starttls"
    }

    static let python: String? = ["/usr/bin/python3", "/usr/local/bin/python3"].first { path in access(path, X_OK) == 0
    }

    let port: UInt16
    private let folder: String
    private let process: ChildProcess

    /// The authority that issued the server's certificate.
    var caFile: String { "\(folder)/ca.pem" }
    /// Another authority.
    var otherFile: String { "\(folder)/other.pem" }
    var clientCertificate: String { "\(folder)/client.pem" }
    var clientKey: String { "\(folder)/client.key" }

    /// Starts the endpoint before the server on `upstream`, and waits up to 20 s for its port.
    init(before upstream: UInt16, mode: Mode = .tls) throws {
        var template = Array("/tmp/sobre-tls-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestServer.Failed(call: "mkdtemp", number: errno) }
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        process = try ChildProcess(
            path: Self.python ?? "/usr/bin/python3",
            arguments: ["-c", Self.script, folder, "\(upstream)", mode.rawValue],
            errors: .file("\(folder)/errors"))
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            if let text = Self.read("\(folder)/port"), let port = UInt16(text) {
                self.port = port
                return
            }
            guard process.wait(atMost: .milliseconds(5)) == nil, ContinuousClock.now < deadline else {
                process.signal(SIGKILL)
                throw TestServer.Failed(call: "python3: \(Self.read("\(folder)/errors") ?? "")", number: 0)
            }
        }
    }

    deinit { stop() }

    func stop() {
        process.signal(SIGKILL)
        _ = process.wait(atMost: .seconds(5))
        for name in ["ca", "other", "server", "client"] {
            for ending in ["pem", "key"] { unlink("\(folder)/\(name).\(ending)") }
        }
        for name in ["port", "errors"] { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    private static func read(_ path: String) -> String? {
        guard let file = fopen(path, "r") else { return nil }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static let script = #"""
        import os, select, socket, ssl, subprocess, sys, threading

        folder, upstream, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
        os.chdir(folder)

        def certificate(name, subject, *more):
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                 "-keyout", name + ".key", "-out", name + ".pem", "-subj", "/CN=" + subject, *more],
                check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

        by_ca = ["-CA", "ca.pem", "-CAkey", "ca.key", "-addext", "basicConstraints=critical,CA:false"]
        certificate("ca", "Test authority")
        certificate("other", "Another authority")
        certificate("server", "localhost", *by_ca, "-addext", "subjectAltName=DNS:localhost")
        certificate("client", "client", *by_ca, "-addext", "extendedKeyUsage=clientAuth")

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("server.pem", "server.key")
        if mode == "h2":
            context.set_alpn_protocols(["h2"])
        if mode == "mtls":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations("ca.pem")

        def read_line(stream):
            line = b""
            while not line.endswith(b"\r\n"):
                byte = stream.recv(1)
                if not byte:
                    raise OSError("closed")
                line += byte
            return line

        def ask_for_tls(client):
            client.sendall(b"220 front ESMTP\r\n")
            while True:
                command = read_line(client).upper()
                if command.startswith(b"EHLO"):
                    client.sendall(b"250-front\r\n250-STARTTLS\r\n250 HELP\r\n")
                elif command.startswith(b"STARTTLS"):
                    client.sendall(b"220 go ahead\r\n")
                    return
                else:
                    client.sendall(b"530 5.7.0 Must issue a STARTTLS command first\r\n")

        def relay(client):
            server = socket.create_connection(("127.0.0.1", upstream))
            for stream in (client, server):
                stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            try:
                if mode == "starttls":
                    ask_for_tls(client)
                client = context.wrap_socket(client, server_side=True)
                if mode == "starttls":
                    read_line(server)  # its greeting: the client has had one
                while True:
                    ready = [client] if client.pending() else select.select([client, server], [], [])[0]
                    for source, target in ((client, server), (server, client)):
                        if source in ready:
                            data = source.recv(65536)
                            if not data:
                                return
                            target.sendall(data)
            except OSError:
                pass
            finally:
                client.close()
                server.close()

        listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        with open("port.new", "w") as file:
            file.write(str(listener.getsockname()[1]))
        os.rename("port.new", "port")
        while True:
            threading.Thread(target=relay, args=(listener.accept()[0],), daemon=True).start()
        """#
}
