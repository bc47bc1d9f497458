import SobreDelivery
import SobreModel
import Synchronization

/// The transport of one message that is prepared before its provider has a free call: it holds the call that carries the
/// message back until its turn comes in the ``StartQueue``.
///
/// Other calls, such as the request for an access token or a repetition, pass.
final class HeldTransport: Transport {
    /// What became of the call that carries the message.
    enum Phase: Sendable {
        /// It was not handed over, or waits.
        case prepared
        case begun
        case refused(StartQueue.Refusal)
    }

    private struct State {
        var isTaken = false
        var phase = Phase.prepared
    }

    private let transport: any Transport
    private let starts: StartQueue
    private let provider: String
    private let priority: Priority
    private let permit: StartPermit
    private let state = Mutex(State())

    /// - Parameters:
    ///   - transport: makes the calls.
    ///   - starts: where the call waits.
    ///   - provider: the provider's name.
    ///   - priority: the message's.
    ///   - permit: the call's permission to begin.
    init(
        over transport: any Transport, starts: StartQueue, provider: String, priority: Priority, permit: StartPermit
    ) {
        self.transport = transport
        self.starts = starts
        self.provider = provider
        self.priority = priority
        self.permit = permit
    }

    var phase: Phase { state.withLock { $0.phase } }

    func call(_ call: HTTPCall, completion: @escaping @Sendable (HTTPAnswer) -> Void) {
        let begin: @Sendable () -> Void = { [transport] in transport.call(call, completion: completion) }
        guard call.mayBegin != nil, isFirst else { return begin() }
        hold(begin) { completion(.failure(Self.fault)) }
    }

    func mail(_ call: MailCall, completion: @escaping @Sendable (MailAnswer) -> Void) {
        let begin: @Sendable () -> Void = { [transport] in transport.mail(call, completion: completion) }
        guard call.mayBegin != nil, isFirst else { return begin() }
        hold(begin) { completion(.failure(Self.fault)) }
    }

    private var isFirst: Bool {
        state.withLock { state in
            defer { state.isTaken = true }
            return !state.isTaken
        }
    }

    private func hold(_ begin: @escaping @Sendable () -> Void, _ end: @escaping @Sendable () -> Void) {
        let entry = StartQueue.Entry(
            priority: priority, permit: permit,
            begin: {
                self.state.withLock { $0.phase = .begun }
                begin()
            },
            refuse: { refusal in
                self.state.withLock { $0.phase = .refused(refusal) }
                end()
            })
        starts.add(entry, to: provider)
    }

    private static let fault = TransportFault(.notSent, "the call was not begun")
}
