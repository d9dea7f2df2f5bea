// SPDX-License-Identifier: Apache-2.0

/// Why a file cannot be sold from: what is wrong with it, in words for an error of the vendor.
struct CogProblem: Error, Hashable, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
