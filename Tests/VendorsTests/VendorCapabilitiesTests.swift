// SPDX-License-Identifier: Apache-2.0

import Testing
import Vendors

@Suite struct VendorCapabilitiesTests {
  private func capabilities(
    _ repeated: VendorCapabilities.RepeatedSubmit, _ lookUp: VendorCapabilities.LookUp,
    lag: Duration? = .zero, maxItems: Int? = nil
  ) -> VendorCapabilities {
    VendorCapabilities(
      repeatSafeSubmit: repeated, lookUp: lookUp, lookUpLag: lag, maxItems: maxItems,
      cancel: .never)
  }

  @Test func whatIsPromisedTooMuchIsNamed() {
    let vendor = capabilities(.refuses, .byListing, lag: .seconds(30), maxItems: 10)
    #expect(vendor.promises(beyond: vendor).isEmpty)
    // To rely on less than there is harms nobody.
    let modest = capabilities(.duplicates, .none, lag: .seconds(60), maxItems: 5)
    #expect(modest.promises(beyond: vendor).isEmpty)
    let bold = capabilities(.replays, .byKey, lag: .seconds(29), maxItems: 11)
    #expect(
      bold.promises(beyond: vendor) == [
        "a repeated order replays, where the vendor says refuses",
        "an order is found by-key, where the vendor says by-listing",
        "an order is found after 29.0 seconds, where the vendor says 30.0 seconds",
        "an order has 11 items, where the vendor says at most 10",
      ])
    #expect(capabilities(.refuses, .byListing, lag: nil).promises(beyond: vendor).count == 1)
  }
}
