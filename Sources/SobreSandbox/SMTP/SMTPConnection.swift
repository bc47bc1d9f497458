internal import NIOCore

/// One SMTP connection: passes lines to the session, collects content, and replies in order.
///
/// Nothing more is read while an email's final reply is pending. So replies to pipelined commands keep their order,
/// and a client cannot pile up emails in memory.
final class SMTPConnection: ChannelDuplexHandler, SandboxConnection {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The bytes of an email that are kept for its row if its body is not kept: the header and the beginning of the
    /// text.
    static let summaryBytes = 64 * 1024

    let core: SandboxCore
    private(set) var deadline = NIODeadline.distantFuture

    private var context: ChannelHandlerContext?
    private var input = SMTPInput()
    private var session: SMTPSession
    private var output: ByteBuffer?
    private var isWaiting = false
    private var isPartial = false
    private var isClosing = false
    private var wantsRead = false
    private var isRegistered = false
    private var reserved = 0

    init(core: SandboxCore) {
        self.core = core
        session = SMTPSession(maxBytes: core.configuration.maxBodyBytes)
    }

    // MARK: Channel events

    func channelActive(context: ChannelHandlerContext) {
        self.context = context
        core.stats.smtpConnections += 1
        guard core.hasRoom else {
            core.stats.refusedConnections += 1
            closeAfter(SMTPReply(421, "4.3.2 The sandbox has no room for another connection; try later"))
            return
        }
        if core.dice.dropsSMTPConnection() {
            core.stats.count(fault: "drop")
            context.close(promise: nil)
            return
        }
        core.register(self)
        isRegistered = true
        send(SMTPSession.greeting)
        flush()
        awaitCommand()
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        releaseContent()
        if isRegistered { core.unregister(self) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isClosing { return }
        input.append(unwrapInboundIn(data).readableBytesView)
        process()
    }

    func read(context: ChannelHandlerContext) {
        if isWaiting { wantsRead = true } else { context.read() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    // MARK: Conversation

    private func process() {
        while !isWaiting, !isClosing, let event = input.next() {
            isPartial = false
            switch event {
            case .line(let line):
                let action = session.handle(line, dice: &core.dice) { roll, delay in
                    if roll == .serviceUnavailable || roll == .recipientDeferred { core.count(roll, delay: 0) }
                }
                perform(action)
            case .lineTooLong: perform(session.handleLongLine())
            case .endOfContent: finishMail()
            }
        }
        if isWaiting || isClosing { return flush() }
        if input.isReadingContent {
            guard reserveContent() else { return }
        } else {
            awaitCommand()
        }
        flush()
    }

    private func perform(_ action: SMTPSession.Action) {
        switch action {
        case .reply(let reply): send(reply)
        case .close(let reply): closeAfter(reply)
        case .readContent(let reply):
            send(reply)
            let keep = core.bodies == nil ? Self.summaryBytes : core.configuration.maxBodyBytes
            input.beginContent(keeping: min(keep, core.configuration.maxBodyBytes))
            deadline = .now() + .milliseconds(Int64(core.configuration.requestTimeoutMilliseconds))
        }
    }

    /// Sets the deadline for the next complete command. Single bytes of a line do not extend it.
    private func awaitCommand() {
        let wasPartial = isPartial
        isPartial = input.hasPartialLine
        if wasPartial, isPartial { return }
        let milliseconds =
            isPartial ? core.configuration.requestTimeoutMilliseconds : core.configuration.idleTimeoutMilliseconds
        deadline = .now() + .milliseconds(Int64(milliseconds))
    }

    /// Accounts for the content in memory. Returns false if there is no room and the connection is being closed.
    private func reserveContent() -> Bool {
        let held = input.content.count
        guard held > reserved else { return true }
        guard core.reserve(held - reserved) else {
            closeAfter(SMTPReply(421, "4.3.1 The sandbox holds too many unfinished mails; try later"))
            return false
        }
        reserved = held
        return true
    }

    private func releaseContent() {
        core.release(reserved)
        reserved = 0
    }

    private func finishMail() {
        let length = input.contentLength
        let bareLineFeeds = input.bareLineFeeds
        let content = input.takeContent()
        guard let envelope = session.takeEnvelope() else {
            releaseContent()
            return
        }
        isWaiting = true
        deadline = .distantFuture
        core.receive(content, length: length, bareLineFeeds: bareLineFeeds, envelope: envelope, on: self)
    }

    // MARK: End of an email

    /// Whether a reply can still reach the client.
    var isOpen: Bool { context?.channel.isActive ?? false }

    /// Sends the final reply of an email after an optional delay, and continues. `sent` receives whether the client
    /// was still connected.
    func finish(_ reply: SMTPReply, delayMilliseconds: Int, sent: @escaping (Bool) -> Void) {
        releaseContent()
        guard delayMilliseconds > 0 else {
            sent(resume(reply))
            return
        }
        let later = NIOLoopBound((connection: self, reply: reply, sent: sent), eventLoop: core.eventLoop)
        core.eventLoop.scheduleTask(in: .milliseconds(Int64(delayMilliseconds))) {
            later.value.sent(later.value.connection.resume(later.value.reply))
        }
    }

    private func resume(_ reply: SMTPReply) -> Bool {
        guard isOpen else { return false }
        send(reply)
        isWaiting = false
        process()
        if !isWaiting, wantsRead {
            wantsRead = false
            context?.read()
        }
        return true
    }

    /// Leaves the client without a reply until it disconnects or the hang timeout ends.
    func hang() {
        releaseContent()
        deadline = .now() + .milliseconds(Int64(core.configuration.hangTimeoutMilliseconds))
    }

    /// Resets the connection (RST instead of FIN).
    func reset() { context?.reset() }

    func close() { context?.close(promise: nil) }

    func expire() {
        if isWaiting || isClosing { return close() }
        closeAfter(SMTPReply(421, "4.4.2 The sandbox waited too long; goodbye"))
    }

    // MARK: Writing

    private func send(_ reply: SMTPReply) {
        guard let context else { return }
        if output == nil { output = context.channel.allocator.buffer(capacity: 256) }
        output?.writeBytes(reply.bytes)
    }

    private func flush() {
        guard let context, let buffer = output else { return }
        output = nil
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
    }

    private func closeAfter(_ reply: SMTPReply) {
        guard let context else { return }
        isClosing = true
        deadline = .now() + .seconds(2)
        releaseContent()
        send(reply)
        guard let buffer = output else { return }
        output = nil
        let promise = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }
}
