/// Where a provider tells the time of its clock.
struct ClockPlan: Sendable {
    /// The path after the endpoint.
    let path: String
    let refresh: Duration
}
