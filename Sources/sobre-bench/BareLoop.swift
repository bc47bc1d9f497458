import CCurl
import CurlShims
import Glibc

/// The baseline of every measurement: libcurl's multi interface without any of our code.
///
/// It posts the same body repeatedly over a fixed number of connections, from `CURLOPT_POSTFIELDS`, without bounds,
/// copies of the response or a second thread. The gateway's throughput is compared with this.
struct BareLoop {
    /// The result of a run.
    struct Measurement: Sendable {
        /// Posts with a 2xx response.
        let accepted: Int
        /// Posts that failed or had another response.
        let failed: Int
        /// Wall-clock time.
        let seconds: Double
        /// CPU time of this process, user and system.
        let cpuSeconds: Double

        /// Accepted posts per second.
        var messagesPerSecond: Double { Double(accepted) / seconds }

        /// CPU time per post, in microseconds.
        var cpuMicrosecondsPerMessage: Double { cpuSeconds * 1e6 / Double(max(accepted, 1)) }
    }

    /// The URL to post to.
    let url: String
    /// Concurrent posts, each on its own connection.
    let connections: Int
    /// The body of every post.
    let body: [UInt8]

    init(url: String, connections: Int = 32, body: [UInt8] = [UInt8](repeating: UInt8(ascii: "x"), count: 1_024)) {
        self.url = url
        self.connections = connections
        self.body = body
    }

    /// Posts of 1 KB that were not accepted.
    struct Failed: Error, CustomStringConvertible {
        let count: Int

        var description: String { "\(count) posts of the bare loop failed; is the sink still there?" }
    }

    /// Posts `count` bodies of 1 KB to `url` over `connections` connections.
    ///
    /// - Returns: what the run took.
    /// - Throws: ``Failed`` unless every post was accepted.
    static func run(url: String, count: Int, connections: Int) throws(Failed) -> Measurement {
        let measurement = BareLoop(url: url, connections: connections).run(messages: count)
        guard measurement.failed == 0 else { throw Failed(count: measurement.failed) }
        return measurement
    }

    /// Posts `messages` times and measures. Blocks the calling thread.
    func run(messages: Int) -> Measurement {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        guard let multi = curl_multi_init() else { fatalError("libcurl cannot make a multi handle.") }
        curl_shim_multi_set_long(multi, CURLMOPT_MAXCONNECTS.rawValue, connections)
        let headers = curl_slist_append(curl_slist_append(nil, "Content-Type: application/json"), "Expect:")
        defer {
            curl_slist_free_all(headers)
            curl_multi_cleanup(multi)
        }
        // The body must keep its address while the handles point to it.
        return body.withUnsafeBytes { body in
            let handles = (0..<min(connections, messages)).map { _ in makeHandle(body, headers) }
            defer { for handle in handles { curl_easy_cleanup(handle) } }
            return loop(multi, handles, messages)
        }
    }

    private func loop(
        _ multi: UnsafeMutableRawPointer, _ handles: [UnsafeMutableRawPointer], _ messages: Int
    ) -> Measurement {
        let start = Self.clock(CLOCK_MONOTONIC)
        let cpuStart = Self.clock(CLOCK_PROCESS_CPUTIME_ID)
        for handle in handles { curl_multi_add_handle(multi, handle) }
        var started = handles.count
        var finished = 0
        var accepted = 0
        while finished < messages {
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            var easy: UnsafeMutableRawPointer?
            var result: Int32 = 0
            while curl_shim_next_finished(multi, &easy, &result) == 1 {
                guard let easy else { continue }
                var status = 0
                curl_shim_get_long(easy, CURLINFO_RESPONSE_CODE.rawValue, &status)
                finished += 1
                if result == 0, (200...299).contains(status) { accepted += 1 }
                curl_multi_remove_handle(multi, easy)
                if started < messages {
                    started += 1
                    curl_multi_add_handle(multi, easy)
                }
            }
            if finished < messages { curl_multi_poll(multi, nil, 0, 1_000, nil) }
        }
        let seconds = Self.clock(CLOCK_MONOTONIC) - start
        for handle in handles { curl_multi_remove_handle(multi, handle) }
        return Measurement(
            accepted: accepted, failed: messages - accepted, seconds: seconds,
            cpuSeconds: Self.clock(CLOCK_PROCESS_CPUTIME_ID) - cpuStart)
    }

    private func makeHandle(
        _ body: UnsafeRawBufferPointer, _ headers: UnsafeMutablePointer<curl_slist>?
    ) -> UnsafeMutableRawPointer {
        guard let easy = curl_easy_init() else { fatalError("libcurl cannot make a handle.") }
        curl_shim_set_string(easy, CURLOPT_URL.rawValue, url)
        curl_shim_set_string(easy, CURLOPT_PROXY.rawValue, "")
        curl_shim_set_long(easy, CURLOPT_NOSIGNAL.rawValue, 1)
        curl_shim_set_long(easy, CURLOPT_POST.rawValue, 1)
        curl_shim_set_int64(easy, CURLOPT_POSTFIELDSIZE_LARGE.rawValue, Int64(body.count))
        curl_shim_set_pointer(
            easy, CURLOPT_POSTFIELDS.rawValue, UnsafeMutableRawPointer(mutating: body.baseAddress))
        curl_shim_set_pointer(easy, CURLOPT_HTTPHEADER.rawValue, headers)
        curl_shim_set_data_function(easy, CURLOPT_WRITEFUNCTION.rawValue) { _, size, count, _ in size * count }
        return easy
    }

    /// The reading of a system clock, in seconds.
    static func clock(_ id: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(id, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
