import CCurl

extension TransferFailure {
    /// The failure for a libcurl result (a `CURLcode` other than `CURLE_OK`).
    ///
    /// `words` is libcurl's error buffer, empty when it wrote none. `bytesSent` is the sum of `CURLINFO_REQUEST_SIZE`
    /// and `CURLINFO_SIZE_UPLOAD`, or 0 if libcurl had not begun to write the request.
    static func curl(_ code: Int, words: String, bytesSent: Int) -> TransferFailure {
        let delivery = delivery(ofCode: code, bytesSent: bytesSent)
        let meaning = String(cString: curl_easy_strerror(CURLcode(rawValue: UInt32(code))))
        let detail = words.isEmpty || words == meaning ? meaning : "\(meaning): \(words)"
        let conclusion =
            switch delivery {
            case .notSent: "nothing was sent"
            case .unknown: "the server may have acted on the request"
            case .configuration: "nothing was sent; correct the URL, the certificates or the credentials"
            }
        return TransferFailure(.curl(code: code), delivery, "The transfer failed (\(code)), \(conclusion). \(detail).")
    }

    /// The failure of a transfer whose request libcurl tried to send a second time.
    ///
    /// Reported as libcurl's result 65 (`CURLE_SEND_FAIL_REWIND`): the request cannot be repeated.
    static func stoppedSecondRequest() -> TransferFailure {
        TransferFailure(
            .curl(code: Int(CURLE_SEND_FAIL_REWIND.rawValue)), .unknown,
            "The connection ended before an answer came, and the request was not sent again: the server may have acted on it."
        )
    }

    /// The failure of a running transfer that we ended.
    static func stopped(_ reason: Reason, bytesSent: Int, limit: Int) -> TransferFailure {
        let what =
            switch reason {
            case .responseTooLarge:
                "The response is larger than the \(limit) bytes allowed and was cut off; raise the bound if it is right"
            case .cancelled: "The transfer was cancelled"
            default: "The curl loop was shut down while the transfer was running"
            }
        let delivery: Delivery = bytesSent == 0 ? .notSent : .unknown
        let conclusion = delivery == .notSent ? "nothing was sent" : "the server may have acted on the request"
        return TransferFailure(reason, delivery, "\(what): \(conclusion).")
    }

    /// What a libcurl result implies about the request.
    ///
    /// The byte count decides, whatever the result. When a reused connection ends before the response, libcurl sends
    /// the request again on a new connection. So a refused connection, an unknown host or a failed handshake may come
    /// after a server has read the request. The count errs on the safe side: HTTP/2 counts a request when it is
    /// passed to the framing layer, and once the request has begun, a proxy's `CONNECT` counts too. Both report some
    /// requests as `unknown` that no server saw.
    static func delivery(ofCode code: Int, bytesSent: Int) -> Delivery {
        guard bytesSent == 0 else { return .unknown }
        switch CURLcode(rawValue: UInt32(code)) {
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE,
            CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_PINNEDPUBKEYNOTMATCH,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_SSL_CLIENTCERT, CURLE_SSL_ENGINE_NOTFOUND,
            CURLE_SSL_ENGINE_SETFAILED, CURLE_USE_SSL_FAILED, CURLE_LOGIN_DENIED, CURLE_URL_MALFORMAT,
            CURLE_UNSUPPORTED_PROTOCOL, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT:
            return .configuration
        default:
            return .notSent
        }
    }
}
