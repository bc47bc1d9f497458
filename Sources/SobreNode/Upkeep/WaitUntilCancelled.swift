/// Waits until the task is cancelled: what a service does that has nothing to do. One that returned would stop the server.
func waitUntilCancelled() async {
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
}
