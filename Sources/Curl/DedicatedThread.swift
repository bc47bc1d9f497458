import CurlShims

/// Starts threads for blocking C.
enum DedicatedThread {
    /// Runs `body` on a new, detached thread that blocks every signal.
    ///
    /// `name` is shown by `top -H` and debuggers and has at most 15 bytes.
    static func start(name: String, _ body: @escaping @Sendable () -> Void) {
        // The new thread takes over this reference and releases it when `body` has returned.
        let context = Unmanaged.passRetained(Body(run: body)).toOpaque()
        let result = curl_shim_start_thread(
            name,
            { context in
                guard let context else { return }
                Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run()
            }, context)
        precondition(result == 0, "The system refuses a thread (error \(result)): raise the limit on processes.")
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }
}
