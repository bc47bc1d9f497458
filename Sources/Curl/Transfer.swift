import CCurl
import CurlShims
import Threads

/// One pooled easy handle with everything a running transfer needs. Used only on the loop thread.
///
/// The fixed options are set once, here. `prepare` sets all others for each request, so nothing is left over from the
/// previous one. libcurl holds an unretained pointer to this object as callback context. The object frees the handle
/// in `deinit`, so the handle never outlives it, and the loop retains running transfers in an array.
final class Transfer {
    /// `CURL *`.
    let easy: UnsafeMutableRawPointer

    /// Memory for `CURLOPT_ERRORBUFFER`, owned by us, `CURL_ERROR_SIZE` bytes.
    private let errorBuffer: UnsafeMutablePointer<CChar>

    /// The header lines. libcurl reads them in place.
    private var headers = HeaderList()

    /// The request being sent; nil while the transfer is pooled.
    private(set) var submission: Submission?

    /// Its index in the loop's array of running transfers.
    var place = 0

    private(set) var startedAt = MonotonicTime(nanoseconds: 0)
    /// The body being sent. libcurl reads it in place.
    private var body = RequestBody()
    /// Whether libcurl has begun to write the request.
    private var hasBegun = false
    /// Whether the request may be written a second time.
    private var mayRepeat = false
    /// Whether libcurl was stopped from writing the request again.
    private var wasStopped = false
    /// Whether the permission to begin had ended when the connection was ready.
    private var wasNotPermitted = false
    private var responseHeader: [UInt8] = []
    private var responseBody: [UInt8] = []
    private var responseLimit = 0
    private var isTooLarge = false
    private var appliedTLS: TLSOptions?
    private var appliedVersion: HTTPVersion?
    private var appliedIdentity: ClientIdentity?

    /// The size of the buffer that libcurl allocates for each transfer to read the response. Free buffers of its default,
    /// 16 KiB, are merged with their neighbours and returned to the system, only to be asked for again. Most responses of
    /// providers fit; a longer one is read in parts.
    private static let responseBufferBytes = 4 << 10

    /// An easy handle with its fixed options.
    init(proxy: String?, maxIdleTime: Duration) {
        guard let easy = curl_easy_init() else {
            fatalError("libcurl cannot make a handle: the process is out of memory.")
        }
        self.easy = easy
        errorBuffer = .allocate(capacity: Int(CURL_ERROR_SIZE))
        errorBuffer.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
        let context = Unmanaged.passUnretained(self).toOpaque()
        set(CURLOPT_ERRORBUFFER, pointer: UnsafeMutableRawPointer(errorBuffer))
        set(CURLOPT_PRIVATE, pointer: context)
        set(CURLOPT_NOSIGNAL, 1)
        // A timed-out or cancelled lookup must not hold the loop until the resolver thread returns.
        set(CURLOPT_QUICK_EXIT, 1)
        set(CURLOPT_NOPROGRESS, 1)
        set(CURLOPT_BUFFERSIZE, Self.responseBufferBytes)
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_MAXAGE_CONN, (maxIdleTime.wholeMilliseconds + 999) / 1_000)
        // Unlike no value, an empty string also stops libcurl from reading the proxy variables of the environment.
        set(CURLOPT_PROXY, proxy ?? "")
        curl_shim_set_data_function(easy, CURLOPT_WRITEFUNCTION.rawValue, Self.write)
        curl_shim_set_data_function(easy, CURLOPT_HEADERFUNCTION.rawValue, Self.header)
        curl_shim_set_request_function(easy, Self.request)
        set(CURLOPT_PREREQDATA, pointer: context)
        set(CURLOPT_WRITEDATA, pointer: context)
        set(CURLOPT_HEADERDATA, pointer: context)
    }

    deinit {
        curl_easy_cleanup(easy)
        errorBuffer.deallocate()
    }

    // MARK: - Preparing

    /// Sets the handle up for a request.
    func prepare(_ submission: Submission, defaultTLS: TLSOptions, now: MonotonicTime) {
        let request = submission.request
        self.submission = submission
        startedAt = now
        hasBegun = false
        wasStopped = false
        wasNotPermitted = false
        responseLimit = request.maxResponseBytes
        isTooLarge = false
        errorBuffer.pointee = 0
        set(CURLOPT_URL, request.url)
        set(CURLOPT_TIMEOUT_MS, max(now.milliseconds(until: submission.deadline), 1))
        set(CURLOPT_CONNECTTIMEOUT_MS, max(request.connectTimeout.wholeMilliseconds, 1))
        applyMethod(request)
        applyHeaders(request)
        apply(request.version)
        apply(request.tls ?? defaultTLS)
        apply(request.clientIdentity)
    }

    /// Sets the method and the body. The body is given in one piece, so that header and body leave in one packet.
    private func applyMethod(_ request: HTTPRequest) {
        mayRepeat = request.method == "GET" || request.method == "HEAD" || request.method == "OPTIONS"
        let carriesBody = !request.body.isEmpty || request.method == "POST"
        set(CURLOPT_NOBODY, 0)
        if carriesBody {
            body.fill(request.body)
            set(CURLOPT_POST, 1)
            _ = curl_shim_set_int64(easy, CURLOPT_POSTFIELDSIZE_LARGE.rawValue, Int64(request.body.count))
            set(CURLOPT_POSTFIELDS, pointer: body.start)
        } else if request.method == "HEAD" {
            set(CURLOPT_NOBODY, 1)
        } else {
            set(CURLOPT_HTTPGET, 1)
        }
        let isImplied = request.method == (carriesBody ? "POST" : "GET") || request.method == "HEAD" && !carriesBody
        set(CURLOPT_CUSTOMREQUEST, isImplied ? nil : request.method)
        // libcurl 7.88 cannot send a second prior-knowledge request on a connection (result 16).
        let isAlone = request.version == .http2PriorKnowledge
        set(CURLOPT_FRESH_CONNECT, isAlone ? 1 : 0)
        set(CURLOPT_FORBID_REUSE, isAlone ? 1 : 0)
    }

    private func applyHeaders(_ request: HTTPRequest) {
        headers.fill(request.headers, carriesBody: !request.body.isEmpty || request.method == "POST")
        set(CURLOPT_HTTPHEADER, pointer: headers.head)
    }

    private func apply(_ version: HTTPVersion) {
        guard version != appliedVersion else { return }
        let number: Int
        switch version {
        case .http1: number = Int(CURL_HTTP_VERSION_1_1)
        case .http2: number = Int(CURL_HTTP_VERSION_2TLS)
        case .http2PriorKnowledge: number = Int(CURL_HTTP_VERSION_2_PRIOR_KNOWLEDGE)
        }
        set(CURLOPT_HTTP_VERSION, number)
        // Wait for a stream on an open connection instead of opening one connection per request.
        set(CURLOPT_PIPEWAIT, version == .http2 ? 1 : 0)
        appliedVersion = version
    }

    private func apply(_ tls: TLSOptions) {
        guard tls != appliedTLS else { return }
        if tls.caFile != appliedTLS?.caFile || appliedTLS == nil {
            // nil would leave a handle without any authorities, so only a named file is set. A handle that had one
            // and must return to the system's authorities gets the built-in path back.
            set(CURLOPT_CAINFO, tls.caFile ?? Self.systemAuthorities)
        }
        set(CURLOPT_SSL_VERIFYPEER, tls.verifiesServer ? 1 : 0)
        set(CURLOPT_SSL_VERIFYHOST, tls.verifiesServer ? 2 : 0)
        set(CURLOPT_SSLCERT, tls.clientCertificateFile)
        set(CURLOPT_SSLKEY, tls.clientKeyFile)
        appliedTLS = tls
    }

    /// Sets the certificate in memory, which takes precedence over a file's. libcurl copies both texts.
    private func apply(_ identity: ClientIdentity?) {
        guard identity != appliedIdentity else { return }
        set(CURLOPT_SSLCERT_BLOB, blob: identity?.certificate)
        set(CURLOPT_SSLKEY_BLOB, blob: identity?.key)
        appliedIdentity = identity
    }

    /// The authorities file that libcurl was built with.
    private static let systemAuthorities: String? = {
        guard let easy = curl_easy_init() else { return nil }
        defer { curl_easy_cleanup(easy) }
        var value: UnsafeMutableRawPointer?
        guard curl_shim_get_pointer(easy, CURLINFO_CAINFO.rawValue, &value) == 0, let value else { return nil }
        return String(cString: value.assumingMemoryBound(to: CChar.self))
    }()

    // MARK: - Finishing

    /// Ends the transfer with libcurl's result, or with `stopped` when we ended it, and makes the handle free again.
    /// The handle must have left the multi handle. Returns the submission to complete and its result.
    func finish(code: Int, stopped: TransferFailure.Reason? = nil) -> (Submission, TransferResult) {
        guard let submission else { preconditionFailure("A pooled transfer cannot finish.") }
        let now = MonotonicTime.now()
        let bytesSent = sentBytes
        let outcome: Result<HTTPResponse, TransferFailure>
        if wasStopped {
            outcome = .failure(.stoppedSecondRequest())
        } else if wasNotPermitted {
            outcome = .failure(.notPermitted)
        } else if let reason = stopped ?? (isTooLarge ? .responseTooLarge : nil) {
            outcome = .failure(.stopped(reason, bytesSent: bytesSent, limit: responseLimit))
        } else if code != 0 {
            outcome = .failure(.curl(code, words: String(cString: errorBuffer), bytesSent: bytesSent))
        } else {
            var status = 0
            curl_shim_get_long(easy, CURLINFO_RESPONSE_CODE.rawValue, &status)
            outcome = .success(
                HTTPResponse(status: status, headers: HTTPHeaderBlock(bytes: responseHeader), body: responseBody))
        }
        let result = TransferResult(
            id: submission.id, outcome: outcome, requestBytesSent: bytesSent,
            waitTime: startedAt.duration(since: submission.submittedAt), connectTime: connectTime,
            totalTime: now.duration(since: startedAt))
        self.submission = nil
        body.shrink()
        responseHeader = []
        responseBody = []
        return (submission, result)
    }

    /// Header and body bytes. libcurl counts them separately and sends no body before its header. Bytes sent to a
    /// proxy before libcurl begins the request are not counted.
    private var sentBytes: Int {
        guard hasBegun else { return 0 }
        var header = 0
        var body: Int64 = 0
        curl_shim_get_long(easy, CURLINFO_REQUEST_SIZE.rawValue, &header)
        curl_shim_get_int64(easy, CURLINFO_SIZE_UPLOAD_T.rawValue, &body)
        return header + Int(body)
    }

    private var connectTime: Duration {
        var plain: Int64 = 0
        var secure: Int64 = 0
        curl_shim_get_int64(easy, CURLINFO_CONNECT_TIME_T.rawValue, &plain)
        curl_shim_get_int64(easy, CURLINFO_APPCONNECT_TIME_T.rawValue, &secure)
        return .microseconds(max(plain, secure))
    }

    // MARK: - Options

    private func set(_ option: CURLoption, _ value: Int) {
        curl_shim_set_long(easy, option.rawValue, value)
    }

    private func set(_ option: CURLoption, _ value: String?) {
        guard let value else {
            curl_shim_set_string(easy, option.rawValue, nil)
            return
        }
        curl_shim_set_string(easy, option.rawValue, value)
    }

    private func set(_ option: CURLoption, blob: [UInt8]?) {
        guard let blob else {
            curl_shim_set_blob(easy, option.rawValue, nil, 0)
            return
        }
        _ = blob.withUnsafeBytes { curl_shim_set_blob(easy, option.rawValue, $0.baseAddress, $0.count) }
    }

    private func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        curl_shim_set_pointer(easy, option.rawValue, pointer)
    }

    // MARK: - Callbacks, on the loop thread while libcurl works

    private typealias DataFunction =
        @convention(c) (UnsafeMutablePointer<CChar>?, Int, Int, UnsafeMutableRawPointer?) -> Int

    /// Asks for the permission to begin when the connection is ready, and stops libcurl from sending a request twice on
    /// its own.
    ///
    /// When a reused connection dies before the first byte of the response, libcurl sends the request again. It calls
    /// this function before each write of a request. The second call ends the transfer, unless the method is safe or
    /// no byte of the first try was sent.
    private static let request:
        @convention(c) (
            UnsafeMutableRawPointer?, UnsafeMutablePointer<CChar>?, UnsafeMutablePointer<CChar>?, Int32, Int32
        ) -> Int32 = { context, _, _, _, _ in
            guard let context else { return Int32(CURL_PREREQFUNC_ABORT) }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            if !transfer.mayRepeat, transfer.sentBytes > 0 {
                transfer.wasStopped = true
                return Int32(CURL_PREREQFUNC_ABORT)
            }
            if !transfer.hasBegun, let submission = transfer.submission, !submission.mayBegin {
                transfer.wasNotPermitted = true
                return Int32(CURL_PREREQFUNC_ABORT)
            }
            transfer.hasBegun = true
            return Int32(CURL_PREREQFUNC_OK)
        }

    private static let write: DataFunction = { buffer, size, count, context in
        guard let buffer, let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        guard transfer.accepts(size * count) else { return 0 }
        transfer.responseBody.append(contentsOf: UnsafeRawBufferPointer(start: buffer, count: size * count))
        return size * count
    }

    private static let header: DataFunction = { buffer, size, count, context in
        guard let buffer, let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
        guard transfer.accepts(line.count) else { return 0 }
        if line.starts(with: "HTTP/".utf8) {
            // A status line starts a new response. Anything before it was informational (1xx) or from a proxy.
            transfer.responseHeader.removeAll(keepingCapacity: true)
        } else if line.count > 2 {
            transfer.responseHeader.append(contentsOf: line)
        }
        return line.count
    }

    private func accepts(_ count: Int) -> Bool {
        if responseHeader.count + responseBody.count + count > responseLimit { isTooLarge = true }
        return !isTooLarge
    }
}
