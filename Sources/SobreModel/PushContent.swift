/// A rendered notification.
public struct PushContent: Hashable, Sendable {
    public var title: String
    public var body: String
    /// The URL that a tap opens.
    public var link: String?
    public var image: String?
    /// Key-value pairs for the application, in order.
    public var data: [Pair]
    /// Replaces an earlier notification with the same key.
    public var collapseKey: String?
    /// How urgently a sleeping device is woken; nil for the push service's default.
    public var priority: Priority?
    /// How many seconds the push service keeps the notification for a device that is offline; nil: until the message
    /// expires, or as long as the service likes.
    public var timeToLive: Int?
    /// The Live Activity that the notification updates; nil for an ordinary notification.
    public var activity: LiveActivity?

    /// A key and its value.
    public struct Pair: Hashable, Sendable {
        public var key: String
        public var value: String
        public init(key: String, value: String) {
            self.key = key
            self.value = value
        }
    }

    /// How urgently a sleeping device is woken. The raw value is the one in templates.
    public enum Priority: String, CaseIterable, Sendable {
        /// At once.
        case high
        /// When it suits the device's battery.
        case normal
        /// Without waking the device.
        case low
    }

    /// A change of an activity on an iPhone's lock screen.
    public struct LiveActivity: Hashable, Sendable {
        /// What happens to the activity. The raw value is the one in templates, and Apple's.
        public enum Event: String, CaseIterable, Sendable {
            case update
            case end
        }

        public var event: Event
        /// The new state, as a JSON object that the application understands.
        public var state: String

        public init(event: Event, state: String) {
            self.event = event
            self.state = state
        }
    }

    public init(
        title: String, body: String, link: String? = nil, image: String? = nil, data: [Pair] = [],
        collapseKey: String? = nil, priority: Priority? = nil, timeToLive: Int? = nil, activity: LiveActivity? = nil
    ) {
        self.title = title
        self.body = body
        self.link = link
        self.image = image
        self.data = data
        self.collapseKey = collapseKey
        self.priority = priority
        self.timeToLive = timeToLive
        self.activity = activity
    }
}

extension PushContent {
    func text(_ field: ContentField) -> String? {
        switch field {
        case .title: title
        case .body: body
        case .link: link
        case .image: image
        case .collapse: collapseKey
        case .priority: priority?.rawValue
        case .ttl: timeToLive.map { String($0) }
        case .activity: activity?.event.rawValue
        case .activityState: activity?.state
        default: nil
        }
    }
}
