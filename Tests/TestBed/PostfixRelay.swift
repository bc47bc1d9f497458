import ChildProcess
import Glibc

/// Postfix on a free loopback port, as a relay with STARTTLS and logins, which delivers into a Maildir.
///
/// Its passwords are checked by a small daemon that speaks Dovecot's protocol for that, so that nothing of the system's is
/// used or changed.
public final class PostfixRelay: Sendable {
    /// How the relay treats its clients.
    public struct Rules: Sendable {
        /// `PLAIN` or `LOGIN`; nil: no login is wanted.
        public var mechanism: String?
        /// Whether mail without TLS is refused.
        public var requiresTLS = false
        /// Refusals by recipient, such as `550 5.1.1 No such user`.
        public var refused: [(recipient: String, reply: String)] = []

        public init(mechanism: String? = nil, requiresTLS: Bool = false, refused: [(String, String)] = []) {
            self.mechanism = mechanism
            self.requiresTLS = requiresTLS
            self.refused = refused.map { (recipient: $0.0, reply: $0.1) }
        }
    }

    private static let executable = "/usr/sbin/postfix"
    private static let python = "/usr/bin/python3"
    public static let user = "shop@shop.example"
    public static let password = "pass word"

    /// Whether Postfix, Python and OpenSSL are there. Postfix's master starts as root only.
    public static var isUsable: Bool {
        let needed = [executable, python, "/usr/bin/openssl"]
        return geteuid() == 0 && needed.allSatisfy(Files.exists)
    }

    public let port: Int
    /// The certificate, which is its own authority.
    public let caFile: String
    public let folder: String
    private let processes: [ChildProcess]

    /// Starts the relay and waits until it listens, for at most twenty seconds.
    ///
    /// - Parameter rules: How it treats its clients.
    /// - Throws: ``TestBed/Failure`` with its log when it does not listen.
    public init(_ rules: Rules) throws {
        port = try Ports.free()
        folder = try Files.temporaryFolder("postfix")
        caFile = "\(folder)/cert.pem"
        for name in ["etc", "sasl", "queue", "data", "mail"] {
            try Files.makeFolder("\(folder)/\(name)")
            chmod("\(folder)/\(name)", 0o755)
        }
        chmod(folder, 0o755)
        try Self.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=relay.example", "-addext",
                "subjectAltName=IP:127.0.0.1", "-keyout", "\(folder)/key.pem", "-out", caFile,
            ], log: "\(folder)/openssl.log")
        // Delivered as nobody; Postfix keeps its state as its own user.
        chown("\(folder)/mail", 65_534, 65_534)
        if let postfix = getpwnam("postfix") { chown("\(folder)/data", postfix.pointee.pw_uid, postfix.pointee.pw_gid) }
        try Files.write(Self.main(folder, rules), to: "\(folder)/etc/main.cf")
        try Files.write(Self.master(port), to: "\(folder)/etc/master.cf")
        var started: [ChildProcess] = []
        if let mechanism = rules.mechanism {
            started.append(
                try ChildProcess(
                    path: Self.python,
                    arguments: ["-c", Self.passwords, Self.socket(folder), mechanism, Self.user, Self.password],
                    errors: .file("\(folder)/sasl.err")))
        }
        let master = try ChildProcess(
            path: Self.executable, arguments: ["-c", "\(folder)/etc", "start-fg"],
            output: .file("\(folder)/postfix.out"),
            errors: .file("\(folder)/postfix.err"))
        processes = started + [master]
        let deadline = ContinuousClock.now + .seconds(20)
        while !Ports.isListening(port) || rules.mechanism != nil && !Files.exists(Self.socket(folder)) {
            guard master.wait(atMost: .milliseconds(5)) == nil, ContinuousClock.now < deadline else {
                stop()
                throw TestBed.Failure(
                    "Postfix does not listen: \(Files.read("\(folder)/postfix.err") ?? "")\(log)")
            }
        }
    }

    deinit { stop() }

    /// Ends Postfix and the daemon, each by its process id.
    public func stop() {
        stopMaster()
        for process in processes.reversed() { _ = process.stop(within: .seconds(10)) }
    }

    /// Postfix's master is the child of a script that does not pass signals on. It keeps its process id in a file.
    private func stopMaster() {
        let text = Files.read("\(folder)/queue/pid/master.pid") ?? ""
        guard let master = pid_t(text.filter(\.isNumber)), master > 1 else { return }
        kill(master, SIGTERM)
        let deadline = ContinuousClock.now + .seconds(10)
        while kill(master, 0) == 0 {
            if ContinuousClock.now > deadline { kill(master, SIGKILL) }
            usleep(10_000)
        }
    }

    private static func socket(_ folder: String) -> String { "\(folder)/sasl/auth" }

    /// What Postfix logged.
    public var log: String { Files.read("\(folder)/data/log") ?? "" }

    /// The emails delivered so far, in no order.
    ///
    /// - Returns: Their texts with LF as line end.
    /// - Throws: ``TestBed/Failure`` when the Maildir cannot be read.
    public func mails() throws -> [MailSink.Mail] {
        let inbox = "\(folder)/mail/all/new"
        guard Files.exists(inbox) else { return [] }
        return try Files.list(inbox).compactMap { name in Files.read("\(inbox)/\(name)").map { MailSink.Mail(text: $0) }
        }
    }

    private static func run(_ path: String, _ arguments: [String], log: String) throws {
        let process = try ChildProcess(path: path, arguments: arguments, output: .file(log), errors: .file(log))
        guard process.wait(atMost: .seconds(20)) == .exited(code: 0) else {
            throw TestBed.Failure("\(path) failed: \(Files.read(log) ?? "")")
        }
    }

    private static func main(_ folder: String, _ rules: Rules) -> String {
        let refused = rules.refused.map { "{\($0.recipient) = \($0.reply)}" }.joined(separator: ", ")
        let access = refused.isEmpty ? "" : "check_recipient_access inline:{\(refused)}, "
        let login =
            rules.mechanism == nil
            ? ""
            : """
            smtpd_sasl_auth_enable = yes
            smtpd_sasl_type = dovecot
            smtpd_sasl_path = \(socket(folder))
            smtpd_sasl_authenticated_header = yes
            smtpd_tls_auth_only = yes
            """
        return """
            compatibility_level = 3.6
            queue_directory = \(folder)/queue
            data_directory = \(folder)/data
            inet_interfaces = 127.0.0.1
            inet_protocols = ipv4
            myhostname = relay.example
            mydestination =
            mynetworks = 127.0.0.0/8
            disable_dns_lookups = yes
            smtp_host_lookup = native
            alias_maps =
            virtual_mailbox_domains = people.example
            virtual_mailbox_base = \(folder)/mail
            virtual_mailbox_maps = static:all/
            virtual_uid_maps = static:65534
            virtual_gid_maps = static:65534
            smtpd_recipient_restrictions = \(access)\(rules.mechanism == nil ? "permit_mynetworks" : "permit_sasl_authenticated"), reject
            smtpd_relay_restrictions = \(rules.mechanism == nil ? "permit_mynetworks" : "permit_sasl_authenticated"), reject
            smtpd_tls_security_level = \(rules.requiresTLS ? "encrypt" : "may")
            smtpd_tls_cert_file = \(folder)/cert.pem
            smtpd_tls_key_file = \(folder)/key.pem
            smtpd_tls_received_header = yes
            smtpd_client_connection_count_limit = 0
            smtpd_error_sleep_time = 0
            in_flow_delay = 0
            maillog_file = \(folder)/data/log
            maillog_file_prefixes = \(folder)
            \(login)

            """
    }

    private static func master(_ port: Int) -> String {
        """
        127.0.0.1:\(port) inet n - n - - smtpd
        pickup unix n - n 60 1 pickup
        cleanup unix n - n - 0 cleanup
        qmgr unix n - n 300 1 qmgr
        tlsmgr unix - - n 1000? 1 tlsmgr
        proxymap unix - - n - - proxymap
        rewrite unix - - n - - trivial-rewrite
        bounce unix - - n - 0 bounce
        defer unix - - n - 0 bounce
        error unix - - n - - error
        retry unix - - n - - error
        virtual unix - n n - - virtual
        smtp unix - - n - - smtp
        anvil unix - - n - 1 anvil
        postlog unix-dgram n - n - 1 postlogd

        """
    }

    /// The client's side of Dovecot's authentication protocol, 1.1: lines of fields between tabs. LOGIN asks for the user and
    /// the password one after the other.
    private static let passwords = """
        import base64, os, socket, sys, threading
        path, mechanism, user, password = sys.argv[1:]
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        os.chmod(path, 0o777)
        server.listen(16)
        def b64(text):
            return base64.b64encode(text.encode()).decode()
        def serve(client):
            lines = client.makefile("rw", newline="\\n")
            def say(*fields):
                lines.write("\\t".join(fields) + "\\n")
                lines.flush()
            lines.write(f"VERSION\\t1\\t1\\nMECH\\t{mechanism}\\tplaintext\\nSPID\\t1\\nCUID\\t1\\nCOOKIE\\tc\\nDONE\\n")
            lines.flush()
            def judge(number, name, word):
                right = (name, word) == (user, password)
                say(*(["OK", number, "user=" + user] if right else ["FAIL", number, "user=" + name]))
            names = {}
            for line in lines:
                kind, *fields = line.rstrip("\\n").split("\\t")
                if kind == "AUTH":
                    number, given = fields[0], [f[5:] for f in fields if f.startswith("resp=")]
                    if mechanism == "PLAIN" and given:
                        judge(number, *base64.b64decode(given[0]).decode().split("\\0")[1:])
                    elif given:
                        names[number] = base64.b64decode(given[0]).decode()
                        say("CONT", number, b64("Password:"))
                    else:
                        say("CONT", number, b64("" if mechanism == "PLAIN" else "Username:"))
                elif kind == "CONT":
                    number, text = fields[0], base64.b64decode(fields[1]).decode()
                    if mechanism == "PLAIN":
                        judge(number, *text.split("\\0")[1:])
                    elif number in names:
                        judge(number, names.pop(number), text)
                    else:
                        names[number] = text
                        say("CONT", number, b64("Password:"))
        while True:
            client, _ = server.accept()
            threading.Thread(target=serve, args=(client,), daemon=True).start()
        """
}
