// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
public import VendorServer

/// What the vendor's interface can do, as options.
struct TermOptions: ParsableArguments {
  @Option(help: "What the same key a second time does.")
  var repeatSafe = VendorTerms.RepeatedSubmit.replays
  @Option(help: "How a client finds an order again.")
  var lookup = VendorTerms.LookUp.byKey
  @Option(help: "Seconds for which an order is not found after it was accepted.")
  var lookupLag = 0.0
  @Option(help: "Seconds for which a quote is kept to.")
  var quoteTtl = 3600.0
  @Option(help: "Until when an order can be cancelled.")
  var cancel = VendorTerms.Cancellation.untilDelivery
  @Option(
    name: [.customLong("delay"), .customLong("delay-seconds")],
    help: "Seconds from an order to its delivery.")
  var delay = 0.0

  func validate() throws {
    for (name, seconds) in [
      ("--lookup-lag", lookupLag), ("--quote-ttl", quoteTtl), ("--delay", delay),
    ] {
      guard (0...86_400).contains(seconds) else {
        throw ValidationError("\(name) is 0 to 86400, and \(seconds) was given.")
      }
    }
  }

  var terms: VendorTerms {
    var terms = VendorTerms()
    terms.repeatedSubmit = repeatSafe
    terms.lookUp = lookup
    terms.lookUpLag = .seconds(lookupLag)
    terms.quoteLifetime = .seconds(quoteTtl)
    terms.cancellation = cancel
    terms.delay = .seconds(delay)
    return terms
  }
}

extension VendorTerms.RepeatedSubmit: ExpressibleByArgument {}
extension VendorTerms.LookUp: ExpressibleByArgument {}
extension VendorTerms.Cancellation: ExpressibleByArgument {}
