/// Formats dates by Ruby's `strftime` patterns.
enum DateWriter {
    static let weekdays: [StaticString] = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    static let months: [StaticString] = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]

    /// The widest field. Wider ones are refused, because a template may request any width.
    static let maxWidth = 1024

    struct Flags {
        /// 0 none, `-`, `0`, `_`.
        var padding: UInt8 = 0
        var isUpper = false
        var swapsCase = false
        var colons = 0
        var width = 0
    }

    /// False when a field is wider than `maxWidth`.
    static func write(
        _ time: ZonedTime, _ format: ByteSlice, _ out: inout OutputBuffer, _ language: Language? = nil
    ) -> Bool {
        let civil = time.civil
        var at = 0
        while at < format.count {
            guard let percent = format.index(of: 0x25, from: at, to: format.count) else { break }
            out.append(format.slice(at, percent))
            at = percent + 1
            var flags = Flags()
            readFlags(format, &at, &flags)
            guard flags.width <= maxWidth else { return false }
            guard at < format.count, write(format[at], flags, time, civil, &out, language) else {
                let end = min(at + 1, format.count)
                out.append(format.slice(percent, end))
                at = end
                continue
            }
            at += 1
        }
        if at < format.count { out.append(format.slice(at, format.count)) }
        return true
    }

    private static func readFlags(_ format: ByteSlice, _ at: inout Int, _ flags: inout Flags) {
        while at < format.count {
            let byte = format[at]
            switch byte {
            case 0x2D, 0x5F: flags.padding = byte
            case 0x30: flags.padding = byte
            case 0x5E: flags.isUpper = true
            case 0x23: flags.swapsCase = true
            case 0x3A: flags.colons += 1
            case 0x31...0x39:
                while at < format.count, isDigit(format[at]) {
                    flags.width = min(1 << 20, flags.width * 10 + Int(format[at] - 0x30))
                    at += 1
                }
                continue
            case 0x45, 0x4F:
                // E and O request other calendars. Ruby ignores them before a directive.
                guard at + 1 < format.count else { return }
            default: return
            }
            at += 1
        }
    }

    private static func write(
        _ directive: UInt8, _ flags: Flags, _ time: ZonedTime, _ civil: CivilTime, _ out: inout OutputBuffer,
        _ language: Language?
    ) -> Bool {
        // Colons are valid for offsets only.
        if flags.colons > 0, directive != 0x7A { return false }
        if let language, let name = name(directive, civil, language) {
            text(name, flags, &out)
            return true
        }
        func number(_ value: Int, _ width: Int, _ padding: UInt8 = 0x30) { put(value, width, padding, flags, &out) }
        let hour12 = civil.hour % 12 == 0 ? 12 : civil.hour % 12
        switch directive {
        case 0x59: putYear(civil.year, flags, &out)
        case 0x43: number(floorDivide(civil.year, 100), 2)
        case 0x79: number(((civil.year % 100) + 100) % 100, 2)
        case 0x6D: number(civil.month, 2)
        case 0x42: text(months[civil.month - 1], 0, flags, &out)
        case 0x62, 0x68: text(months[civil.month - 1], 3, flags, &out)
        case 0x64: number(civil.day, 2)
        case 0x65: number(civil.day, 2, 0x20)
        case 0x6A: number(civil.dayOfYear, 3)
        case 0x48: number(civil.hour, 2)
        case 0x6B: number(civil.hour, 2, 0x20)
        case 0x49: number(hour12, 2)
        case 0x6C: number(hour12, 2, 0x20)
        case 0x4D: number(civil.minute, 2)
        case 0x53: number(civil.second, 2)
        case 0x4C: fraction(time.nanosecond, flags.width == 0 ? 3 : flags.width, &out)
        case 0x4E: fraction(time.nanosecond, flags.width == 0 ? 9 : flags.width, &out)
        case 0x7A: offset(time.offset, flags, &out)
        case 0x5A: zone(time, flags, &out)
        case 0x41: text(weekdays[civil.weekday], 0, flags, &out)
        case 0x61: text(weekdays[civil.weekday], 3, flags, &out)
        case 0x70:
            var flags = flags
            let lower = flags.swapsCase
            flags.swapsCase = false
            text(civil.hour < 12 ? (lower ? "am" : "AM") : (lower ? "pm" : "PM"), 0, flags, &out)
        case 0x50: text(civil.hour < 12 ? "am" : "pm", 0, flags, &out)
        case 0x75: number(civil.weekday == 0 ? 7 : civil.weekday, 1)
        case 0x77: number(civil.weekday, 1)
        case 0x47: putYear(civil.isoWeek.year, flags, &out)
        case 0x67: number(((civil.isoWeek.year % 100) + 100) % 100, 2)
        case 0x56: number(civil.isoWeek.week, 2)
        case 0x55: number((civil.dayOfYear + 6 - civil.weekday) / 7, 2)
        case 0x57: number((civil.dayOfYear + 6 - (civil.weekday + 6) % 7) / 7, 2)
        case 0x73: number(time.seconds, 1)
        case 0x6E: text("\n", 0, flags, &out)
        case 0x74: text("\t", 0, flags, &out)
        case 0x25: text("%", 0, flags, &out)
        default: return composite(directive, flags, time, &out, language)
        }
        return true
    }

    private static func composite(
        _ directive: UInt8, _ flags: Flags, _ time: ZonedTime, _ out: inout OutputBuffer, _ language: Language?
    ) -> Bool {
        let pattern: StaticString
        switch directive {
        case 0x63: pattern = "%a %b %e %H:%M:%S %Y"
        case 0x44, 0x78: pattern = "%m/%d/%y"
        case 0x46: pattern = "%Y-%m-%d"
        case 0x76: pattern = "%e-%^b-%Y"
        case 0x72: pattern = "%I:%M:%S %p"
        case 0x52: pattern = "%H:%M"
        case 0x54, 0x58: pattern = "%H:%M:%S"
        default: return false
        }
        let start = out.count
        _ = write(time, ByteSlice(base: pattern.utf8Start, count: pattern.utf8CodeUnitCount), &out, language)
        var flags = flags
        flags.swapsCase = false
        finish(start, flags, 0x20, &out)
        return true
    }

    // MARK: Parts

    private static func floorDivide(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }

    private static func putYear(_ year: Int, _ flags: Flags, _ out: inout OutputBuffer) {
        put(year, year < 0 ? 5 : 4, 0x30, flags, &out)
    }

    /// Writes a number, padded to `width` or the requested width with `padding` or the padding from the flags.
    private static func put(_ value: Int, _ width: Int, _ padding: UInt8, _ flags: Flags, _ out: inout OutputBuffer) {
        let fill: UInt8 = flags.padding == 0x5F ? 0x20 : flags.padding == 0x30 ? 0x30 : padding
        let wanted = flags.padding == 0x2D ? 0 : flags.width > 0 ? flags.width : width
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
            let base = buffer.baseAddress.unsafelyUnwrapped
            let length = Number.write(Int(value.magnitude), to: base)
            var missing = wanted - length - (value < 0 ? 1 : 0)
            if value < 0, fill == 0x30 { out.append(0x2D) }
            while missing > 0 {
                out.append(fill)
                missing -= 1
            }
            if value < 0, fill != 0x30 { out.append(0x2D) }
            out.append(UnsafePointer(base), length)
        }
    }

    private static func text(_ name: StaticString, _ length: Int, _ flags: Flags, _ out: inout OutputBuffer) {
        let start = out.count
        out.append(name.utf8Start, length == 0 ? name.utf8CodeUnitCount : length)
        finish(start, flags, 0x20, &out)
    }

    /// The name of a month or a day in a language other than English.
    private static func name(_ directive: UInt8, _ civil: CivilTime, _ language: Language) -> String? {
        guard language.code != "en" else { return nil }
        switch directive {
        case 0x42: return language.months[civil.month - 1]
        case 0x62, 0x68: return language.shortMonths[civil.month - 1]
        case 0x41: return language.weekdays[civil.weekday]
        case 0x61: return language.shortWeekdays[civil.weekday]
        default: return nil
        }
    }

    private static func text(_ name: String, _ flags: Flags, _ out: inout OutputBuffer) {
        var name = flags.isUpper || flags.swapsCase ? name.uppercased() : name
        let start = out.count
        name.withUTF8 { bytes in if let base = bytes.baseAddress { out.append(base, bytes.count) } }
        var rest = flags
        rest.isUpper = false
        rest.swapsCase = false
        finish(start, rest, 0x20, &out)
    }

    /// Applies upper case and left padding to the text written since `start`.
    private static func finish(_ start: Int, _ flags: Flags, _ padding: UInt8, _ out: inout OutputBuffer) {
        let length = out.count - start
        guard length >= 0, !out.isOverfull else { return }
        if flags.isUpper || flags.swapsCase {
            for at in start..<out.count where out.base[at] &- 0x61 < 26 { out.base[at] ^= 0x20 }
        }
        let missing = flags.padding == 0x2D ? 0 : flags.width - length
        guard missing > 0, out.reserve(missing) != nil else { return }
        let base = out.base + start
        (base + missing).update(from: base, count: length)
        base.update(repeating: flags.padding == 0x30 ? 0x30 : padding, count: missing)
        out.commit(missing)
    }

    private static func fraction(_ nanosecond: Int, _ places: Int, _ out: inout OutputBuffer) {
        var scale = 100_000_000
        for _ in 0..<places {
            out.append(scale > 0 ? 0x30 + UInt8(nanosecond / scale % 10) : 0x30)
            scale /= 10
        }
    }

    private static func zone(_ time: ZonedTime, _ flags: Flags, _ out: inout OutputBuffer) {
        guard !time.zone.isEmpty else { return }
        let start = out.count
        var name = time.zone
        name.withUTF8 { bytes in if let base = bytes.baseAddress { out.append(base, bytes.count) } }
        if flags.swapsCase {
            for at in start..<out.count where out.base[at] &- 0x41 < 26 { out.base[at] ^= 0x20 }
        }
        var rest = flags
        rest.swapsCase = false
        finish(start, rest, 0x20, &out)
    }

    private static func offset(_ offset: Int, _ flags: Flags, _ out: inout OutputBuffer) {
        let start = out.count
        let magnitude = abs(offset)
        func two(_ value: Int) {
            out.append(0x30 + UInt8(value / 10 % 10))
            out.append(0x30 + UInt8(value % 10))
        }
        out.append(offset < 0 ? 0x2D : 0x2B)
        // With blank padding, spaces replace the hour's leading zero and precede the sign.
        let isBlank = flags.padding == 0x5F
        if isBlank, magnitude < 36000 { out.append(0x30 + UInt8(magnitude / 3600)) } else { two(magnitude / 3600) }
        // With three colons, trailing zero parts are omitted.
        let isShort = flags.colons == 3
        if !isShort || magnitude % 3600 != 0 {
            if flags.colons > 0 { out.append(0x3A) }
            two(magnitude / 60 % 60)
        }
        if flags.colons == 2 || isShort && magnitude % 60 != 0 {
            out.append(0x3A)
            two(magnitude % 60)
        }
        // Zeros go between the sign and the digits.
        let width = isBlank ? max(flags.width, flags.colons == 0 ? 5 : 0) : flags.width
        let missing = flags.padding == 0x2D ? 0 : width - (out.count - start)
        guard missing > 0, !out.isOverfull, out.reserve(missing) != nil else { return }
        let base = out.base + (isBlank ? start : start + 1)
        base.advanced(by: missing).update(from: base, count: out.count - start - (isBlank ? 0 : 1))
        base.update(repeating: isBlank ? 0x20 : 0x30, count: missing)
        out.commit(missing)
    }
}
