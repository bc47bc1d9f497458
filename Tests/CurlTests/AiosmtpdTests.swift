import ChildProcess
import Glibc
import Testing

@testable import Curl

/// An independent mail server, aiosmtpd, that wants STARTTLS and a login, and refuses some recipients.
@Suite(
    "Mail through aiosmtpd", .serialized, .timeLimit(.minutes(1)),
    .enabled(if: Aiosmtpd.isInstalled, "Skipped: aiosmtpd is not installed (pip install aiosmtpd)."))
struct AiosmtpdTests {
    private static func submission(
        _ server: Aiosmtpd, password: String = "pass word", caFile: String? = nil, recipients: [String]
    ) -> MailSubmission {
        MailSubmission(
            server: SMTPServer(
                url: "smtp://localhost:\(server.port)", username: "user@example.com", password: password,
                helloName: "client.example.com", tls: TLSOptions(caFile: caFile ?? server.caFile)),
            from: "from@example.com", recipients: recipients,
            data: Array("Subject: t\r\n\r\n.hello\r\n..\r\nend\r\n".utf8), totalTimeout: .seconds(20))
    }

    @Test("STARTTLS and AUTH, and the mail arrives as it was", arguments: ["PLAIN", "LOGIN"])
    func delivers(mechanism: String) async throws {
        let server = try Aiosmtpd(mechanism)
        defer { server.stop() }
        let loop = MailLoop()
        for _ in 0..<3 {
            let result = await loop.perform(Self.submission(server, recipients: ["ann@example.org"]))
            #expect(result.outcome.isAccepted, "\(result.outcome)")
        }
        #expect(server.mails.count == 3)
        #expect(server.mails.allSatisfy { $0.contains("\n.hello\n..\nend\n") && $0.contains("to: ann@example.org\n") })
        #expect(server.mails.allSatisfy { $0.hasPrefix("tls: True\nlogin: \(mechanism) user@example.com\n") })
        await loop.shutdown()
    }

    @Test("A wrong password is a refused login, and a wrong authority gets no password")
    func refusesLogin() async throws {
        let server = try Aiosmtpd("PLAIN")
        defer { server.stop() }
        let loop = MailLoop()
        let wrong = await loop.perform(Self.submission(server, password: "secret-9", recipients: ["ann@example.org"]))
        let failure = try #require(wrong.outcome.failure)
        #expect(failure.delivery == .configuration)
        #expect(failure.refusal?.stage == .login && failure.refusal?.reply.code == 535)
        #expect(!failure.description.contains("secret-9"))
        let untrusted = await loop.perform(
            Self.submission(server, caFile: "/etc/ssl/certs/ca-certificates.crt", recipients: ["ann@example.org"]))
        #expect(untrusted.outcome.failure?.delivery == .configuration)
        #expect(server.mails.isEmpty)
        await loop.shutdown()
    }

    @Test("Some recipients refused, the mail goes to the others; all refused, it goes to none")
    func refusesRecipients() async throws {
        let server = try Aiosmtpd("PLAIN")
        defer { server.stop() }
        let loop = MailLoop()
        let some = await loop.perform(
            Self.submission(server, recipients: ["ann@example.org", "nobody@example.org", "bob@example.org"]))
        guard case .accepted(_, _, let refused) = some.outcome else {
            Issue.record("\(some.outcome)")
            return
        }
        #expect(refused.map(\.address) == ["nobody@example.org"])
        #expect(refused.map(\.reply.code) == [550])
        #expect(server.mails.count == 1 && server.mails[0].contains("to: ann@example.org, bob@example.org\n"))
        let none = await loop.perform(Self.submission(server, recipients: ["nobody@example.org"]))
        guard case .rejected(.recipient, let reply) = none.outcome else {
            Issue.record("\(none.outcome)")
            return
        }
        #expect(reply.code == 550 && reply.text.contains("no such mailbox"))
        #expect(server.mails.count == 1)
        await loop.shutdown()
    }
}

/// Runs aiosmtpd in a process of its own, with a certificate made for it.
final class Aiosmtpd {
    private static let python = "/usr/bin/env"

    static let isInstalled: Bool = {
        guard
            let process = try? ChildProcess(
                path: python, arguments: ["python3", "-c", "import aiosmtpd"], output: .discard, errors: .discard)
        else { return false }
        return process.wait(atMost: .seconds(20)) == .exited(code: 0)
    }()

    let port: UInt16
    private let folder: String
    private let process: ChildProcess

    var caFile: String { "\(folder)/cert.pem" }

    /// - Parameter mechanism: the only one that it offers for AUTH.
    /// - Throws: when the server does not start within 20 s.
    init(_ mechanism: String) throws {
        var template = Array("/tmp/sobre-aiosmtpd-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestServer.Failed(call: "mkdtemp", number: errno) }
        folder = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        process = try ChildProcess(
            path: Self.python, arguments: ["python3", "-c", Self.script, folder, mechanism],
            errors: .file("\(folder)/errors"))
        let deadline = ContinuousClock.now + .seconds(20)
        while true {
            if let port = UInt16(Self.read("\(folder)/port")) {
                self.port = port
                return
            }
            guard process.wait(atMost: .milliseconds(5)) == nil, ContinuousClock.now < deadline else {
                process.signal(SIGKILL)
                throw TestServer.Failed(call: "aiosmtpd: \(Self.read("\(folder)/errors"))", number: 0)
            }
        }
    }

    /// What arrived, each with lines for TLS, login and recipients before it.
    var mails: [String] { (0..<100).map { Self.read("\(folder)/mail\($0)") }.filter { !$0.isEmpty } }

    func stop() {
        process.signal(SIGKILL)
        _ = process.wait(atMost: .seconds(5))
        for name in ["port", "errors", "cert.pem", "key.pem"] + (0..<100).map({ "mail\($0)" }) {
            unlink("\(folder)/\(name)")
        }
        rmdir(folder)
    }

    private static func read(_ path: String) -> String {
        guard let file = fopen(path, "r") else { return "" }
        defer { fclose(file) }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        let count = fread(&buffer, 1, buffer.count, file)
        return String(decoding: buffer[..<count], as: UTF8.self)
    }

    private static let script = #"""
        import os, socket, ssl, subprocess, sys, threading
        from aiosmtpd.controller import Controller
        from aiosmtpd.smtp import AuthResult

        folder, mechanism = sys.argv[1:]
        os.chdir(folder)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem", "-days",
             "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")
        count = 0

        def authenticate(server, session, envelope, used, data):
            session.used = used
            return AuthResult(success=data.login == b"user@example.com" and data.password == b"pass word",
                              handled=False, auth_data=data.login.decode())

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if address.startswith("nobody"):
                    return "550 5.1.1 no such mailbox"
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                global count
                text = f"tls: {session.ssl is not None}\nlogin: {session.used} {session.auth_data}\n"
                text += f"to: {', '.join(envelope.rcpt_tos)}\n" + envelope.content.decode().replace("\r\n", "\n")
                with open("writing", "w") as file:
                    file.write(text)
                os.rename("writing", f"mail{count}")
                count += 1
                return "250 2.0.0 OK: queued as Q1"

        others = {"PLAIN", "LOGIN"} - {mechanism}
        controller = Controller(
            Handler(), hostname="127.0.0.1", port=0, server_hostname="localhost", tls_context=context,
            require_starttls=True, auth_required=True, authenticator=authenticate, auth_exclude_mechanism=others)
        # The controller connects to its own port once to see that it listens. The system chose that port.
        def address(): return controller.server.sockets[0].getsockname()
        controller._trigger_server = lambda: socket.create_connection(address()).close()
        controller.start()
        with open("writing", "w") as file:
            file.write(str(address()[1]))
        os.rename("writing", "port")
        threading.Event().wait()
        """#
}
