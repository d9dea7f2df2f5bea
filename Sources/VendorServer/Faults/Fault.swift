// SPDX-License-Identifier: Apache-2.0

/// Something that can go wrong at a vendor's, on purpose.
///
/// Each says at which calls it can happen and which settings it takes; a settings' value is text.
public enum Fault: String, Hashable, Sendable, CaseIterable {
  // MARK: Instead of the call, which is not done

  /// Answers 422.
  case refuse
  /// Answers with a status: `code`, and if given `retry_after` (text as it is sent) or
  /// `retry_date` (seconds from now, sent as an HTTP date), and `body`: `problem`, `html`, `empty`,
  /// `nested-429` or `quota`.
  case status
  /// Closes the connection.
  case hangUp = "hang-up"
  /// Is silent for `seconds`, then closes the connection.
  case hang
  /// Answers 302 to the address in `to`; without one, to the same address again.
  case redirect

  // MARK: Other things are done than were asked for

  /// Takes the order twice.
  case duplicate
  /// Says that the order is cancelled, and delivers it all the same.
  case pretend
  /// Finds no order.
  case blind
  /// Charges `percent` of the price that was agreed.
  case charge
  /// Does not deliver the item, or any item where none is named.
  case fail
  /// Leaves the order running for `seconds`, or for ever.
  case stuck
  /// Delivers the first `items` (1), then cancels the order by itself.
  case withdraw
  /// Delivers an image that is wrong in its `kind`: `place`, `crs`, `pixel-size`, `bands`, `type`,
  /// `blank`, `swapped-axes`, `absurd` or `text`.
  case wrongImage = "wrong-image"
  /// Gives back `percent` of the charge once it is delivered, `times` over; with `unknown`, of an
  /// order that nobody made.
  case refund

  // MARK: The answer's document says other things

  /// The price or the charge: `percent` of it, or `as`: `other-currency`, `noise`, `negative`,
  /// `none`.
  case price
  /// The billed area: `percent` of it.
  case area
  /// The end of the offer moves by `seconds`, as a clock that is wrong moves it.
  case clock
  /// The state is the word in `as`, the items' too.
  case state
  /// The item is not named; the last one where none is given.
  case omit
  /// The item is named twice; the last one where none is given.
  case twice
  /// The checksum is `wrong`, `upper` case, or an `md5`, as `as` says.
  case checksum
  /// The announced length is off by `bytes`.
  case length
  /// Links lead to the address in `to`.
  case link
  /// The order has another's reference.
  case stranger

  // MARK: The answer's bytes are others

  /// A page of HTML.
  case html
  /// Nothing.
  case empty
  /// Names a member twice, with two values.
  case duplicateKeys = "duplicate-keys"
  /// Lists within lists, 100 000 deep.
  case deep
  /// UTF-16.
  case charset
  /// A body of `megabytes` (64), without an announced length.
  case endless
  /// A head of 128 KiB.
  case largeHead = "large-head"
  /// One byte in the middle is another.
  case corrupt
  /// Half of the bytes, announced as the whole.
  case short
  /// Another entity tag each time.
  case changedTag = "changed-tag"

  // MARK: The answer comes in another way

  /// The call is done, and the connection closes `at`: `nothing`, `head` (in the middle of it) or
  /// `body` (right before it).
  case lostAnswer = "lost-answer"
  /// Half of the body comes, then the connection closes; with `chunked`, no length was announced.
  case cut
  /// The body comes with `bytes` (1) each `seconds` (1).
  case slow
  /// The answer begins after `seconds`.
  case stall

  /// What it changes.
  ///
  /// Of one kind a call has one fault, but for the two kinds in which each fault
  /// stands for itself.
  enum Stage: Hashable {
    /// The call is not done; no other fault happens to it.
    case instead
    case books
    case document
    case bytes
    case wire
  }

  var stage: Stage {
    switch self {
    case .refuse, .status, .hangUp, .hang, .redirect: .instead
    case .duplicate, .pretend, .blind, .charge, .fail, .stuck, .withdraw, .wrongImage, .refund:
      .books
    case .price, .area, .clock, .state, .omit, .twice, .checksum, .length, .link, .stranger:
      .document
    case .html, .empty, .duplicateKeys, .deep, .charset, .endless, .largeHead, .corrupt, .short,
      .changedTag:
      .bytes
    case .lostAnswer, .cut, .slow, .stall: .wire
    }
  }

  /// Where it can happen.
  var phases: Set<FaultRule.Phase> {
    switch self {
    case .duplicate: [.submit]
    case .pretend: [.cancel]
    case .blind: [.lookup]
    case .charge, .fail, .stuck, .withdraw, .wrongImage, .refund: [.fulfil]
    case .area, .clock: [.quote]
    case .price: [.quote, .submit, .lookup, .status]
    case .state, .stranger: [.submit, .lookup, .status, .cancel]
    case .omit, .twice: [.status, .deliveries]
    case .checksum, .length, .link: [.deliveries]
    case .corrupt, .short, .changedTag: [.download]
    default: Set(FaultRule.Phase.allCases).subtracting([.fulfil])
    }
  }

  /// The settings that it takes, each with what its value must be.
  var settings: [String: FaultSetting] {
    switch self {
    case .status:
      [
        "code": .integer(400...599), "retry_after": .text, "retry_date": .integer(-86_400...86_400),
        "body": .oneOf(["problem", "html", "empty", "nested-429", "quota"]),
      ]
    case .hang, .stall, .stuck: ["seconds": .integer(0...86_400)]
    case .redirect, .link: ["to": .text]
    case .charge, .area: ["percent": .integer(0...10_000)]
    case .price:
      [
        "percent": .integer(0...10_000),
        "as": .oneOf(["other-currency", "noise", "negative", "none"]),
      ]
    case .clock: ["seconds": .integer(-864_000...864_000)]
    case .withdraw: ["items": .integer(0...500)]
    case .wrongImage: ["kind": .oneOf(WrongImage.allCases.map(\.rawValue))]
    case .refund:
      ["percent": .integer(0...100), "times": .integer(1...10), "unknown": .oneOf(["true"])]
    case .state: ["as": .text]
    case .checksum: ["as": .oneOf(["wrong", "upper", "md5"])]
    case .length: ["bytes": .integer(-1_000_000_000...1_000_000_000)]
    case .endless: ["megabytes": .integer(1...100_000)]
    case .lostAnswer: ["at": .oneOf(["nothing", "head", "body"])]
    case .cut: ["chunked": .oneOf(["true"])]
    case .slow: ["bytes": .integer(1...1_000_000), "seconds": .integer(0...60)]
    default: [:]
    }
  }
}

/// What a fault's setting may be.
enum FaultSetting {
  case text
  case integer(ClosedRange<Int>)
  case oneOf([String])

  func allows(_ value: String) -> Bool {
    switch self {
    case .text: value.utf8.allSatisfy { (0x20...0x7E).contains($0) } && value.utf8.count <= 1000
    case .integer(let range): Int(value).map(range.contains) ?? false
    case .oneOf(let values): values.contains(value)
    }
  }

  var words: String {
    switch self {
    case .text: "plain text"
    case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
    case .oneOf(let values): values.joined(separator: ", ")
    }
  }
}
