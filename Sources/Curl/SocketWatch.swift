import CCurl
import CurlShims
import Glibc
import Threads

/// Watches the sockets and the timer of a multi handle with epoll, by libcurl's socket interface.
///
/// With it, the cost of a turn depends on the number of ready sockets. `curl_multi_perform` visits every running
/// transfer on every turn, so hundreds of calls to a slow provider would cost as much as the work itself.
///
/// libcurl releases a connection's socket after each transfer and asks for it again with the next. The kernel keeps
/// watching it meanwhile, so that a transfer over an open connection needs no system call here.
///
/// Used only on the loop thread; other threads only write to ``wakeup``.
final class SocketWatch {
    /// What a socket is watched for.
    private struct Interest {
        /// The events libcurl asked for; 0 means none.
        var asked: UInt32 = 0
        /// The events last set in the kernel; 0 means that the socket is not registered.
        var registered: UInt32 = 0
        /// A connection's socket, from its opening until it is closed. The kernel's registration lasts as long.
        var isConnection = false
        /// libcurl has released a socket that is not a connection's. The number may belong to another socket by now.
        var isInDoubt = false
        var isChanged = false
    }

    private let multi: UnsafeMutableRawPointer
    private let epoll: Int32
    /// An eventfd; a write ends ``wait(atMost:)``. It is edge-triggered, so it never has to be read.
    let wakeup: Int32
    private let ready: UnsafeMutablePointer<epoll_event>
    private static let maxReady: Int32 = 256

    /// Indexed by socket number.
    private var interests: [Interest] = []
    private var changed: [Int32] = []
    /// When libcurl wants to be called next, whatever happens.
    private var timer: MonotonicTime?

    /// Creates the watch for a multi handle, which must be freed before this object.
    init(of multi: UnsafeMutableRawPointer) {
        self.multi = multi
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard epoll >= 0, wakeup >= 0 else {
            fatalError("Sockets cannot be watched: \(String(cString: strerror(errno))). Raise the limit of open files.")
        }
        ready = .allocate(capacity: Int(Self.maxReady))
        var event = epoll_event(events: EPOLLIN.rawValue | Self.edgeTriggered, data: epoll_data_t(fd: wakeup))
        guard epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event) == 0 else {
            fatalError(
                "Sockets cannot be watched: \(String(cString: strerror(errno))). Raise fs.epoll.max_user_watches.")
        }
        let context = Unmanaged.passUnretained(self).toOpaque()
        curl_shim_multi_set_socket_function(multi, Self.socketChanged, context)
        curl_shim_multi_set_timer_function(multi, Self.timerChanged, context)
    }

    /// Notes the sockets of all connections that are made for an easy handle, also when another handle uses them later.
    func follow(_ easy: UnsafeMutableRawPointer) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        curl_shim_set_socket_functions(easy, Self.connectionOpened, Self.connectionCloses, context)
    }

    deinit {
        close(epoll)
        close(wakeup)
        ready.deallocate()
    }

    // MARK: - Turns

    /// Lets libcurl do what is due by time. This also starts the transfers that were added.
    func runTimer() {
        guard let timer, timer <= .now() else { return }
        self.timer = nil
        act(CURL_SOCKET_TIMEOUT, 0)
    }

    /// Sleeps until a socket is ready, the timer is due or a wakeup arrives, then lets libcurl work on the ready
    /// sockets.
    func wait(atMost milliseconds: Int) {
        applyChanges()
        var milliseconds = milliseconds
        if milliseconds > 0, let timer {
            milliseconds = min(milliseconds, MonotonicTime.now().milliseconds(until: timer))
        }
        let count = epoll_wait(epoll, ready, Self.maxReady, Int32(max(0, milliseconds)))
        for index in 0..<max(0, Int(count)) {
            let event = ready[index]
            if event.data.fd != wakeup { handle(event.events, of: event.data.fd) }
        }
    }

    private func handle(_ events: UInt32, of socket: Int32) {
        let asked = interests[Int(socket)].asked
        guard asked != 0 else {
            // The other side has closed an idle connection. libcurl checks a connection before it reuses it.
            epoll_ctl(epoll, EPOLL_CTL_DEL, socket, nil)
            interests[Int(socket)].registered = 0
            return
        }
        // libcurl notices the error when it uses the socket.
        let isBroken = events & (EPOLLERR.rawValue | EPOLLHUP.rawValue) != 0
        var bits: Int32 = 0
        if events & EPOLLIN.rawValue != 0 || isBroken && asked & EPOLLIN.rawValue != 0 { bits |= CURL_CSELECT_IN }
        if events & EPOLLOUT.rawValue != 0 || isBroken && asked & EPOLLOUT.rawValue != 0 { bits |= CURL_CSELECT_OUT }
        act(socket, bits)
    }

    private func act(_ socket: Int32, _ bits: Int32) {
        var running: Int32 = 0
        let result = curl_multi_socket_action(multi, socket, bits, &running)
        precondition(result == CURLM_OK, "libcurl failed: \(String(cString: curl_multi_strerror(result))).")
    }

    // MARK: - libcurl's callbacks

    private static let socketChanged:
        @convention(c) (
            UnsafeMutableRawPointer?, Int32, Int32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
        ) -> Int32 = { _, socket, what, context, _ in
            guard let context else { return -1 }
            Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().note(socket, what)
            return 0
        }

    private static let timerChanged: @convention(c) (UnsafeMutableRawPointer?, Int, UnsafeMutableRawPointer?) -> Int32 =
        { _, milliseconds, context in
            guard let context else { return -1 }
            Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().timer =
                milliseconds < 0 ? nil : .now().advanced(byMilliseconds: milliseconds)
            return 0
        }

    private static let connectionOpened: @convention(c) (UnsafeMutableRawPointer?, Int32, UInt32) -> Int32 = {
        context, socket, _ in
        guard let context else { return CURL_SOCKOPT_ERROR }
        // A new socket is watched by nobody, whatever its number was before.
        Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().renew(socket, isConnection: true)
        return CURL_SOCKOPT_OK
    }

    private static let connectionCloses: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = {
        context, socket in
        if let context {
            Unmanaged<SocketWatch>.fromOpaque(context).takeUnretainedValue().renew(socket, isConnection: false)
        }
        return close(socket)
    }

    /// Begins or ends the life of a connection's socket. The kernel forgets a socket that is closed.
    private func renew(_ socket: Int32, isConnection: Bool) {
        makeRoom(for: socket)
        interests[Int(socket)].registered = 0
        interests[Int(socket)].isInDoubt = false
        interests[Int(socket)].isConnection = isConnection
    }

    private func makeRoom(for socket: Int32) {
        while Int(socket) >= interests.count { interests.append(Interest()) }
    }

    private func note(_ socket: Int32, _ what: Int32) {
        let index = Int(socket)
        makeRoom(for: socket)
        let asked: UInt32 =
            switch what {
            case CURL_POLL_IN: EPOLLIN.rawValue
            case CURL_POLL_OUT: EPOLLOUT.rawValue
            case CURL_POLL_INOUT: EPOLLIN.rawValue | EPOLLOUT.rawValue
            default: 0
            }
        interests[index].asked = asked
        if asked == 0, !interests[index].isConnection { interests[index].isInDoubt = true }
        guard !interests[index].isChanged else { return }
        interests[index].isChanged = true
        changed.append(socket)
    }

    /// Passes the changes that libcurl asked for to the kernel, once per turn. If the kernel refuses a change (too many
    /// watches, or no memory), it is passed again on the next turn.
    private func applyChanges() {
        changed.removeAll { socket in
            let isRegistered = register(socket, &interests[Int(socket)])
            interests[Int(socket)].isChanged = !isRegistered
            return isRegistered
        }
    }

    /// Returns true if the kernel is up to date or no update is needed.
    private func register(_ socket: Int32, _ interest: inout Interest) -> Bool {
        guard interest.asked != 0, interest.asked != interest.registered || interest.isInDoubt else { return true }
        var event = epoll_event(events: interest.asked, data: epoll_data_t(fd: socket))
        if interest.registered == 0 || epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) != 0 {
            guard
                epoll_ctl(epoll, EPOLL_CTL_ADD, socket, &event) == 0
                    || epoll_ctl(epoll, EPOLL_CTL_MOD, socket, &event) == 0
            else { return false }
        }
        interest.registered = interest.asked
        interest.isInDoubt = false
        return true
    }

    private static let edgeTriggered: UInt32 = 1 << 31
}
