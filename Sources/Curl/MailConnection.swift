import CCurl
import CurlShims
import Text
import Threads

/// One connection to a mail server, used only on the mail loop's thread.
///
/// libcurl connects, greets, starts TLS and logs in (`CURLOPT_CONNECT_ONLY`). After that we exchange bytes with
/// `curl_easy_send` and `curl_easy_recv`, which never block. The handle stays in the multi handle for as long as the
/// connection is used, because libcurl cannot find the connection outside of it.
final class MailConnection {
    enum State {
        case connecting
        case idle(since: MonotonicTime)
        case busy
    }

    /// The result of one round of reading and writing.
    enum Event {
        case nothing
        /// The message has an outcome. The connection is idle or must be closed.
        case finished(MailOutcome)
        /// The connection is lost or the server violates the protocol; holds libcurl's result and a description.
        case lost(code: Int, String)
    }

    let easy: UnsafeMutableRawPointer
    let server: SMTPServer
    private let errorBuffer: UnsafeMutablePointer<CChar>

    var state = State.connecting
    /// The message for which this connection was opened, or which it is carrying.
    var entry: MailEntry?
    /// The message whose commands were sent together with the text of `entry`. Its own text has to wait for the server's
    /// go-ahead.
    private(set) var follower: MailEntry?
    private var followersConversation: SMTPConversation?
    /// Gives the next message that waits, to follow the current one; nil if none does.
    var nextEntry: () -> MailEntry? = { nil }
    private(set) var descriptor: Int32 = -1
    private(set) var messages = 0
    private(set) var wantsToSend = false
    /// Whether the end of the message may have reached the server. After that, a lost connection means `unknown`.
    private(set) var hasSentEnd = false
    /// Whether the server has answered anything to the current message.
    private(set) var hasReply = false
    private(set) var mustClose = false

    private var capabilities = SMTPCapabilities()
    /// The last reply while libcurl is in charge, its lines joined, and whether its last line has come.
    private var lastReply: [String] = []
    private var lastReplyIsWhole = true
    /// Whether the server has accepted EHLO.
    private var isGreeted = false
    private var conversation: SMTPConversation?
    private var parser = SMTPReplyParser()
    private var needsReset = false
    private var output: [UInt8] = []
    private var outputOffset = 0
    /// When the current message's text was handed to the network first; nil before.
    private(set) var textBeganAt: MonotonicTime?
    /// Where the message's text ends in `output`, with its end marker; nil while none is being sent.
    private var textEnd: Int?
    private var input = [UInt8](repeating: 0, count: 8_192)

    init(server: SMTPServer, entry: MailEntry, now: MonotonicTime) {
        guard let easy = curl_easy_init() else {
            fatalError("libcurl cannot make a handle: the process is out of memory.")
        }
        self.easy = easy
        self.server = server
        self.entry = entry
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let timeout = min(
            entry.submission.connectTimeout.wholeMilliseconds, now.milliseconds(until: entry.deadline))
        setOptions(connectTimeout: max(timeout, 1))
    }

    deinit {
        curl_easy_cleanup(easy)
        errorBuffer.deallocate()
    }

    private func setOptions(connectTimeout: Int) {
        func set(_ option: CURLoption, _ value: Int) { curl_shim_set_long(easy, option.rawValue, value) }
        func set(_ option: CURLoption, _ value: String) { curl_shim_set_string(easy, option.rawValue, value) }
        let context = Unmanaged.passUnretained(self).toOpaque()
        curl_shim_set_pointer(easy, CURLOPT_ERRORBUFFER.rawValue, errorBuffer)
        curl_shim_set_pointer(easy, CURLOPT_PRIVATE.rawValue, context)
        curl_shim_set_data_function(easy, CURLOPT_HEADERFUNCTION.rawValue, Self.header)
        curl_shim_set_pointer(easy, CURLOPT_HEADERDATA.rawValue, context)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_NOPROGRESS, 1)
        set(CURLOPT_PROTOCOLS_STR, "smtp,smtps")
        set(CURLOPT_PROXY, "")
        set(CURLOPT_CONNECT_ONLY, 1)
        set(CURLOPT_FRESH_CONNECT, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, connectTimeout)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        // libcurl takes the EHLO name from the URL's path.
        set(CURLOPT_URL, server.helloName.map { "\(server.url)/\($0)" } ?? server.url)
        switch server.startTLS {
        case .required: set(CURLOPT_USE_SSL, Int(CURLUSESSL_ALL.rawValue))
        case .opportunistic: set(CURLOPT_USE_SSL, Int(CURLUSESSL_TRY.rawValue))
        case .none: set(CURLOPT_USE_SSL, Int(CURLUSESSL_NONE.rawValue))
        }
        if let username = server.username {
            set(CURLOPT_USERNAME, username)
            if let bearer = server.bearer {
                set(CURLOPT_XOAUTH2_BEARER, bearer)
            } else {
                set(CURLOPT_PASSWORD, server.password ?? "")
            }
        }
        if let file = server.tls.caFile { set(CURLOPT_CAINFO, file) }
        set(CURLOPT_SSL_VERIFYPEER, server.tls.verifiesServer ? 1 : 0)
        set(CURLOPT_SSL_VERIFYHOST, server.tls.verifiesServer ? 2 : 0)
        if let file = server.tls.clientCertificateFile { set(CURLOPT_SSLCERT, file) }
        if let file = server.tls.clientKeyFile { set(CURLOPT_SSLKEY, file) }
    }

    // MARK: - Connecting

    /// Receives every line the server sends while libcurl is in charge: greeting, EHLO, STARTTLS, AUTH.
    private static let header:
        @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int = {
            buffer, size, count, context in
            guard let buffer, let context else { return 0 }
            let connection = Unmanaged<MailConnection>.fromOpaque(context).takeUnretainedValue()
            let line = UnsafeRawBufferPointer(start: buffer, count: min(size * count, 1_024))
            connection.received(String(decoding: line, as: UTF8.self))
            return size * count
        }

    private func received(_ line: String) {
        let line = String(line.filter { !$0.isNewline })
        if lastReplyIsWhole { lastReply = [] }
        if lastReply.count < Self.maxReplyLines { lastReply.append(line) }
        lastReplyIsWhole = !line.dropFirst(3).hasPrefix("-")
        // A greeting and the start of TLS void earlier capabilities (RFC 3207 §4.2).
        if line.hasPrefix("220") { capabilities = SMTPCapabilities() }
        if line.hasPrefix("250") {
            isGreeted = true
            capabilities.add(Substring(line).dropFirst(4))
        }
    }

    /// Further lines of one reply are left out of messages.
    private static let maxReplyLines = 8

    /// Handles libcurl's result of connecting. Returns nil when the connection is ready.
    func connected(code: Int) -> TransferFailure? {
        guard code == 0 else { return connectFailure(code) }
        guard server.username == nil || capabilities.auth else {
            return TransferFailure(
                .curl(code: Int(CURLE_LOGIN_DENIED.rawValue)), .configuration,
                "The mail server offers no AUTH, so nothing was sent. Remove the user name, or ask for TLS first.")
        }
        curl_shim_get_socket(easy, &descriptor)
        guard descriptor >= 0 else { return connectFailure(Int(CURLE_COULDNT_CONNECT.rawValue)) }
        return nil
    }

    /// Nothing of the message has been sent, so this is never `unknown`. libcurl reports a refused password with
    /// several different results (56 among them), so the server's last reply decides.
    private func connectFailure(_ code: Int) -> TransferFailure {
        let code = CURLcode(rawValue: UInt32(code))
        let reply = lastReply.first.flatMap { Int($0.prefix(3)) } ?? 0
        let lines = lastReply.map { server.masked($0) }
        let words = server.masked(String(cString: errorBuffer))
        let said = lines.isEmpty ? words : "\(words) (reply of the server: \(lines.joined(separator: " ")))"
        var refusal: TransferFailure.ConnectionRefusal?
        if (400...599).contains(reply), code != CURLE_USE_SSL_FAILED {
            let text = lines.map { String($0.dropFirst(4)) }.joined(separator: " ")
            refusal = .init(
                stage: isGreeted ? .login : .connection, reply: SMTPReply(code: reply, text: String(text.prefix(1_024)))
            )
        }
        let number = Int(code.rawValue)
        if (530...539).contains(reply) {
            return TransferFailure(
                .curl(code: number), .configuration,
                "The mail server rejected the login; nothing was sent. Correct the user name and password. \(said).",
                refusal: refusal)
        }
        guard code == CURLE_LOGIN_DENIED, (400...499).contains(reply) else {
            var failure = TransferFailure.curl(number, words: said, bytesSent: 0)
            failure.refusal = refusal
            return failure
        }
        return TransferFailure(
            .curl(code: number), .notSent, "The mail server cannot check the login now; nothing was sent. \(said).",
            refusal: refusal)
    }

    // MARK: - Messages

    /// Whether the connection can carry another message.
    func isReusable(maxMessages: Int) -> Bool {
        // Without PIPELINING, the reset would cost a round trip. A new connection is simpler, and the case is rare.
        !mustClose && messages < maxMessages && (!needsReset || capabilities.pipelining)
    }

    /// Begins the exchange for `entry`.
    func begin(_ entry: MailEntry) -> Event {
        self.entry = entry
        state = .busy
        hasSentEnd = false
        hasReply = false
        textBeganAt = nil
        messages += 1
        if let failure = entry.withdrawal { return .finished(.failed(failure)) }
        if let refusal = refusal(of: entry) { return .finished(refusal) }
        var conversation = makeConversation(entry)
        output = conversation.start(afterReset: needsReset)
        outputOffset = 0
        textEnd = nil
        needsReset = false
        self.conversation = conversation
        return flush()
    }

    private func makeConversation(_ entry: MailEntry) -> SMTPConversation {
        SMTPConversation(
            from: entry.submission.from, recipients: entry.submission.recipients, size: entry.submission.data.count,
            hasEightBit: entry.hasEightBit, needsUTF8: entry.needsUTF8, capabilities: capabilities)
    }

    // MARK: - The message that follows

    /// Takes the next message that waits, and returns its first commands.
    ///
    /// With PIPELINING these travel with the end of the message before (RFC 2920 §3.1), which saves a round trip for
    /// each message, and half of the packets on both sides.
    private func beginFollower() -> [UInt8] {
        guard capabilities.pipelining else { return [] }
        while let next = nextEntry() {
            if let refusal = refusal(of: next) {
                next.complete(refusal)
                continue
            }
            var conversation = makeConversation(next)
            let commands = conversation.start(afterReset: false)
            follower = next
            followersConversation = conversation
            return commands
        }
        return []
    }

    /// Goes on with the message that follows. Returns false if there is none.
    func advance() -> Bool {
        guard let next = takeFollower() else { return false }
        entry = next
        conversation = followersConversation
        state = .busy
        hasSentEnd = false
        hasReply = false
        textEnd = nil
        textBeganAt = nil
        messages += 1
        return true
    }

    /// Gives up the message that follows. No server has its text.
    func takeFollower() -> MailEntry? {
        defer { follower = nil }
        return follower
    }

    /// Withdraws the message that follows, if it has this ID. Its commands were sent, so that its outcome is reported when
    /// the server asks for the text.
    func cancelFollower(_ id: TransferID) -> Bool {
        guard follower?.id == id else { return false }
        follower?.isCancelled = true
        return true
    }

    /// The rejection that follows from the server's announced limits, with the code the server would have used.
    private func refusal(of entry: MailEntry) -> MailOutcome? {
        let submission = entry.submission
        if capabilities.maxSize > 0, submission.data.count > capabilities.maxSize {
            return .rejected(
                .sender, SMTPReply(code: 552, text: "5.3.4 The server accepts at most \(capabilities.maxSize) bytes"))
        }
        guard entry.needsUTF8, !capabilities.smtpUTF8 else { return nil }
        let stage: MailStage = submission.recipients.allSatisfy(\.isASCII) ? .sender : .recipient
        return .rejected(stage, SMTPReply(code: 553, text: "5.6.7 The server does not support non-ASCII addresses"))
    }

    /// Reads and writes as far as the socket allows.
    func pump() -> Event {
        if wantsToSend {
            let event = flush()
            guard case .nothing = event else { return event }
        }
        while true {
            var count = 0
            let code = curl_easy_recv(easy, &input, input.count, &count)
            if code == CURLE_AGAIN { return .nothing }
            guard code == CURLE_OK else { return .lost(code: Int(code.rawValue), "reading failed") }
            guard count > 0 else {
                return .lost(code: Int(CURLE_GOT_NOTHING.rawValue), "the server closed the connection")
            }
            input.withUnsafeBytes { parser.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            let event = takeReplies()
            guard case .nothing = event else { return event }
        }
    }

    /// Handles the replies that were read, up to the outcome of a message.
    func takeReplies() -> Event {
        do throws(SMTPReplyParser.Malformed) {
            while let received = try parser.next() {
                let reply = server.masked(received)
                guard let step = conversation?.receive(reply) else {
                    // A server that sends something on an idle connection is closing it.
                    return .lost(code: Int(CURLE_WEIRD_SERVER_REPLY.rawValue), "the server replied \(reply.code)")
                }
                hasReply = true
                let event = take(step)
                guard case .nothing = event else { return event }
            }
            return .nothing
        } catch {
            return .lost(code: Int(CURLE_WEIRD_SERVER_REPLY.rawValue), "the server's reply is not SMTP")
        }
    }

    private func take(_ step: SMTPConversation.Step) -> Event {
        switch step {
        case .wait: .nothing
        case .send(let commands): send(commands)
        case .sendMessage(let isEmpty): isEmpty ? send(SMTPData.end) : sendText()
        case .finish(let outcome): finish(outcome)
        }
    }

    /// Sends the text of the current message, and the first commands of the next one with it.
    private func sendText() -> Event {
        guard let entry else { return send(SMTPData.end) }
        if let failure = entry.withdrawal {
            // The server waits for the text. Only closing the connection tells it that none will come.
            mustClose = true
            conversation = nil
            return .finished(.failed(failure))
        }
        textBeganAt = .now()
        return send(entry.wire, following: beginFollower())
    }

    private func finish(_ outcome: MailOutcome) -> Event {
        let isWhole = outputOffset >= textEnd ?? output.count
        if case .accepted = outcome, !isWhole {
            return .lost(
                code: Int(CURLE_WEIRD_SERVER_REPLY.rawValue), "the server accepted a message it did not have yet")
        }
        needsReset = conversation?.needsReset ?? false
        mustClose = mustClose || conversation?.closes ?? false || !isWhole
        conversation = nil
        return .finished(outcome)
    }

    /// Sends commands, or the text of a message with the commands that follow it.
    private func send(_ bytes: [UInt8], following commands: [UInt8]? = nil) -> Event {
        let rest = output[outputOffset...]
        textEnd = commands.map { _ in rest.count + bytes.count }
        output = rest.isEmpty && commands?.isEmpty ?? true ? bytes : rest + bytes + (commands ?? [])
        outputOffset = 0
        return flush()
    }

    /// At most one TLS record. A smaller chunk makes "the last chunk was tried" a closer estimate of "the end was
    /// sent".
    private static let chunk = 16_384

    private func flush() -> Event {
        wantsToSend = false
        while outputOffset < output.count {
            let count = min(Self.chunk, output.count - outputOffset)
            if let textEnd, outputOffset + count > textEnd - SMTPData.end.count { hasSentEnd = true }
            var sent = 0
            let code = output.withUnsafeBytes {
                curl_easy_send(easy, $0.baseAddress! + outputOffset, count, &sent)
            }
            if code == CURLE_AGAIN {
                wantsToSend = true
                return .nothing
            }
            guard code == CURLE_OK else { return .lost(code: Int(code.rawValue), "writing failed") }
            outputOffset += sent
        }
        return .nothing
    }

    /// Sends QUIT without waiting for an answer.
    func sayGoodbye() {
        // A server that waits for a message's text would take it for that.
        guard case .idle = state, !mustClose else { return }
        var sent = 0
        let bytes = Array("QUIT\r\n".utf8)
        _ = curl_easy_send(easy, bytes, bytes.count, &sent)
    }

    /// The failure of the current message when the connection is lost before the message has an outcome.
    func failure(_ reason: TransferFailure.Reason, _ what: String) -> TransferFailure {
        let conclusion =
            hasSentEnd
            ? "the end of the message was sent, so the server may have accepted it"
            : "the end of the message was not sent, so the server cannot have accepted it"
        return TransferFailure(
            reason, hasSentEnd ? .unknown : .notSent, "The mail connection ended early: \(what); \(conclusion).")
    }
}
