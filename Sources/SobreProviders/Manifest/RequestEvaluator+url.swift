internal import SobreDelivery
internal import SobreModel

/// The URL, and how large a body will be.
extension RequestEvaluator {
    /// The URL of a request; nil if the message lacks a value for its path.
    func url(of request: RequestPlan) -> String? {
        if request.path.parts.isEmpty, request.query.isEmpty { return binding.endpoint }
        var url = Array(binding.endpoint.utf8)
        for part in request.path.parts {
            switch part {
            case .text(let text): url.append(contentsOf: text)
            case .expression(let expression):
                let mark = url.count
                if !append(expression, .path, to: &url) { return nil }
                // A segment that consists of dots could leave the path.
                if url[mark...].allSatisfy({ $0 == UInt8(ascii: ".") }) { return nil }
            }
        }
        var separator = url.contains(UInt8(ascii: "?")) ? UInt8(ascii: "&") : UInt8(ascii: "?")
        for (name, template) in request.query {
            let mark = url.count
            url.append(separator)
            Escaping.query.append(name, to: &url)
            url.append(UInt8(ascii: "="))
            if append(template, .query, to: &url) {
                separator = UInt8(ascii: "&")
            } else {
                url.removeLast(url.count - mark)
            }
        }
        return String(decoding: url, as: UTF8.self)
    }

    /// About how many bytes of a body come from the message, so that it is allocated once.
    var expectedBytes: Int {
        // Base64 has a third more bytes.
        if let mime { return mime.count / 3 * 4 + 4 }
        guard case .email(let email) = outbound.content else { return 0 }
        let words = (email.html?.utf8.count ?? 0) + (email.text?.utf8.count ?? 0)
        let files = email.attachments.reduce(0) { $0 + $1.content.count / 3 * 4 + 4 }
        return words + words / 16 + files
    }
}
