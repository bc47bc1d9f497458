// swift-tools-version: 6.2
import PackageDescription

// The language benchmark is a separate package, so that the product does not depend on the engines it is compared
// with.
let package = Package(
    name: "LiquidBench",
    platforms: [.macOS(.v14)],
    dependencies: [
        .package(name: "sobre", path: "../.."),
        .package(url: "https://github.com/stencilproject/Stencil", exact: "0.15.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", exact: "2.1.1"),
    ],
    targets: [
        .target(name: "CountedMalloc"),
        .executableTarget(
            name: "LiquidBench",
            dependencies: [
                "CountedMalloc", .product(name: "Liquid", package: "sobre"),
                .product(name: "Stencil", package: "Stencil"), .product(name: "Mustache", package: "swift-mustache"),
            ]),
    ]
)
