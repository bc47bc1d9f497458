import SystemShims

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// Starts threads for blocking C.
public enum DedicatedThread {
    /// Runs `body` on a new, detached thread, which ends when `body` returns.
    ///
    /// The thread blocks every signal that comes from outside, so that those meant for the process reach the threads that
    /// wait for them. Signals of its own faults stay open: a crash is reported with its backtrace.
    ///
    /// - Parameters:
    ///   - name: shown by `top -H` and debuggers; what exceeds 15 bytes is cut off.
    ///   - body: the thread's work.
    public static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        // The thread inherits the mask, so that no signal can reach it before it could block them itself.
        var blocked = sigset_t()
        var before = sigset_t()
        sigfillset(&blocked)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { sigdelset(&blocked, fault) }
        pthread_sigmask(SIG_SETMASK, &blocked, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        #if os(Linux)
            var thread = pthread_t()
        #else
            var thread: pthread_t?
        #endif
        // The new thread takes over this reference and releases it when `body` has returned.
        let start = Unmanaged.passRetained(Start(name: name, body: body)).toOpaque()
        let code = pthread_create(
            &thread, &attributes,
            { (argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? in
                // Never nil: it is what is given in the next line.
                Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue().run()
                return nil
            }, start)
        precondition(code == 0, "The system refuses a thread (error \(code)): raise the limit on processes.")
    }

    private final class Start: Sendable {
        private let name: String
        private let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }

        func run() {
            sobre_name_this_thread(String(decoding: name.utf8.prefix(15), as: UTF8.self))
            body()
        }
    }
}
