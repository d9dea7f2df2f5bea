// swift-tools-version: 6.2
import PackageDescription

// Sections are alphabetical by target; a test target stands under the target that it tests.
// The import table of the architecture (who may know whom) is held by Tests/TidyTests.

/// Whether a developer of this package builds it; the Makefile and CI set the variable.
let developing = Context.environment["FOVEA_DEVELOPMENT"] == "1"

/// Settings of every Swift target.
let house: [SwiftSetting] =
  [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
  ] + (developing ? [.define("FOVEA_TEST_HOOKS")] : [])

/// Settings of the targets that compute.
///
/// A developer's debug build optimises them, or each test that trains a network would take up to
/// a hundred times as long. That needs unsafe flags, which SwiftPM refuses in a package that
/// another one names by version, so everyone else's build goes without them.
let numeric: [SwiftSetting] =
  house + (developing ? [.unsafeFlags(["-O"], .when(configuration: .debug))] : [])
/// Settings of the C targets that have traps for tests.
let hooksC: [CSetting] = developing ? [.define("FOVEA_TEST_HOOKS")] : []
let numericC: [CSetting] = developing ? [.unsafeFlags(["-O2"], .when(configuration: .debug))] : []

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let lifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let lifecycleSignals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "Fovea",
  products: [
    .library(name: "Fovea", targets: ["Fovea"]),
    .executable(name: "fovea", targets: ["fovea-client"]),
    .executable(name: "fovea-bench", targets: ["fovea-bench"]),
    .executable(name: "fovea-decode", targets: ["fovea-decode"]),
    .executable(name: "fovead", targets: ["fovead"]),
    .executable(name: "fovea-vendor", targets: ["fovea-vendor"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    .target(name: "Acquisition", swiftSettings: house),
    .testTarget(
      name: "AcquisitionTests", dependencies: ["Acquisition", "TestSupport"],
      swiftSettings: house),

    .target(
      name: "CConfinement", cSettings: hooksC, linkerSettings: [.linkedLibrary("seccomp")]),
    .systemLibrary(
      name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CGDAL", pkgConfig: "gdal", providers: [.apt(["libgdal-dev"])]),
    .target(name: "CKernels", cSettings: numericC),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),

    .target(
      name: "Client", dependencies: ["Acquisition", "Platform", "Transfer", "Wire"],
      swiftSettings: house),

    .target(
      name: "Fovea", dependencies: ["Acquisition", "PatchDrop", "Planning", "Raster"],
      swiftSettings: house),
    .executableTarget(
      name: "fovea-bench",
      dependencies: [
        "Acquisition", "Ledger", "Neural", "PatchDrop", "Planning", "Platform", "Purchasing",
        "Raster", "Reports", "Vendors", argumentParser,
      ], swiftSettings: house),
    .executableTarget(
      name: "fovea-client",
      dependencies: [
        "Acquisition", "Client", "Ledger", "PatchDrop", "Platform", "Raster", "Reports", "Wire",
        argumentParser, yams,
      ], path: "Sources/fovea", swiftSettings: house),
    .executableTarget(name: "fovea-decode", dependencies: ["Raster"], swiftSettings: house),
    .executableTarget(
      name: "fovea-vendor", dependencies: ["Platform", "VendorServer", argumentParser],
      swiftSettings: house),
    .executableTarget(
      name: "fovead", dependencies: ["Platform", "Service", argumentParser],
      swiftSettings: house),

    .target(
      name: "Ledger", dependencies: ["Acquisition", "CSQLite", "Platform", grdb],
      swiftSettings: house),
    .testTarget(
      name: "LedgerTests",
      dependencies: ["Acquisition", "Ledger", "Platform", "TestSupport", grdb],
      exclude: ["Fixtures"], swiftSettings: house),

    .target(
      name: "Neural", dependencies: ["CKernels", "COpenBLAS", "Platform"], swiftSettings: numeric),
    .testTarget(
      name: "NeuralTests", dependencies: ["CKernels", "Neural", "Platform", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: house),

    .target(
      name: "PatchDrop", dependencies: ["Acquisition", "Neural", "Platform", "Raster"],
      swiftSettings: numeric),
    .testTarget(
      name: "PatchDropTests",
      dependencies: ["Acquisition", "Neural", "PatchDrop", "Platform", "Raster", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: house),

    .target(
      name: "Planning", dependencies: ["Acquisition", "Platform", yams], swiftSettings: house),
    .testTarget(
      name: "PlanningTests", dependencies: ["Acquisition", "Planning", "Platform", "TestSupport"],
      exclude: ["Fixtures"], swiftSettings: house),

    .target(name: "Platform", dependencies: [crypto], swiftSettings: house),
    .testTarget(
      name: "PlatformTests", dependencies: ["Platform", "TestSupport"], swiftSettings: house),

    // The programs as their users meet them: started, killed, restarted.
    .testTarget(
      name: "ProcessTests",
      dependencies: [
        "TestSupport", "Transfer", "fovea-bench", "fovea-client", "fovea-decode", "fovea-vendor",
        "fovead",
      ], swiftSettings: house),

    .target(
      name: "Purchasing",
      dependencies: ["Acquisition", "Ledger", "Planning", "Platform", "Vendors"],
      swiftSettings: house),
    .testTarget(
      name: "PurchasingTests",
      dependencies: [
        "Acquisition", "Ledger", "Planning", "Platform", "Purchasing", "TestSupport", "Transfer",
        "VendorServer", "Vendors",
      ], swiftSettings: house),

    .target(
      name: "Raster", dependencies: ["Acquisition", "CConfinement", "CGDAL", "Platform"],
      swiftSettings: numeric),
    .testTarget(
      name: "RasterTests",
      dependencies: ["Acquisition", "Platform", "Raster", "TestSupport", "fovea-decode"],
      exclude: ["Fixtures"], swiftSettings: house),

    .target(
      name: "Reports",
      dependencies: ["Acquisition", "Ledger", "Planning", "Platform", "Raster", mustache],
      swiftSettings: numeric),
    .testTarget(
      name: "ReportsTests",
      dependencies: [
        "Acquisition", "Ledger", "Planning", "Platform", "Raster", "Reports", "TestSupport",
      ],
      swiftSettings: house),

    .target(
      name: "Service",
      dependencies: [
        "Acquisition", "Ledger", "PatchDrop", "Planning", "Platform", "Purchasing", "Raster",
        "Reports", "Transfer", "Vendors", "Wire", grdb, hummingbird, lifecycle, lifecycleSignals,
        log, yams,
      ],
      // In the program itself: what is installed has no folder of resources beside it.
      resources: [.embedInCode("API/openapi.yaml")], swiftSettings: house),
    .testTarget(
      name: "ServiceTests",
      dependencies: [
        "Acquisition", "Client", "Ledger", "Platform", "Service", "TestSupport", "Transfer",
        "Wire", "fovea-decode", grdb, lifecycle, log,
      ], exclude: ["Fixtures"], swiftSettings: house),

    .target(
      name: "TestSupport", dependencies: ["Acquisition", "Platform"], path: "Tests/TestSupport",
      swiftSettings: house),
    .testTarget(name: "TidyTests", dependencies: ["TestSupport"], swiftSettings: house),

    .target(name: "Transfer", dependencies: ["CCurl", "Platform"], swiftSettings: house),
    .testTarget(
      name: "TransferTests", dependencies: ["Platform", "TestSupport", "Transfer"],
      swiftSettings: house),

    .target(
      name: "VendorServer",
      dependencies: [
        "Acquisition", "Planning", "Platform", "Raster", grdb, hummingbird, lifecycle,
        lifecycleSignals, log, yams,
      ], swiftSettings: house),
    .testTarget(
      name: "VendorServerTests",
      dependencies: [
        "Acquisition", "Planning", "Platform", "Raster", "TestSupport", "Transfer", "VendorServer",
        "Vendors",
      ], swiftSettings: house),

    .target(
      name: "Vendors",
      dependencies: ["Acquisition", "Planning", "Platform", "Transfer"],
      swiftSettings: house),
    .testTarget(
      name: "VendorsTests",
      dependencies: [
        "Acquisition", "Ledger", "Planning", "Platform", "Purchasing", "Raster", "TestSupport",
        "Transfer", "VendorServer", "Vendors", "fovea-decode",
      ], swiftSettings: house),

    .target(name: "Wire", dependencies: ["Acquisition", "Platform"], swiftSettings: house),
    .testTarget(
      name: "WireTests", dependencies: ["Acquisition", "Platform", "TestSupport", "Wire"],
      swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)
