// SPDX-License-Identifier: Apache-2.0

extension LedgerSchema {
  /// What version 2 added: the story of each order, frozen vendors, disputes, refunds, and what
  /// came of comparing our orders with a vendor's.
  ///
  /// Money is in `entry` alone; a row here says why an entry is there, or why none is.
  static let afterTheOrder = """
    CREATE TABLE order_event (
      order_key TEXT NOT NULL REFERENCES purchase_order (key),
      number INTEGER NOT NULL CHECK (number >= 1),
      state TEXT NOT NULL,
      note TEXT CHECK (length(note) BETWEEN 1 AND 2000),
      at TEXT NOT NULL \(isTime("at")),
      actor TEXT NOT NULL \(isName("actor")),
      PRIMARY KEY (order_key, number)
    ) STRICT, WITHOUT ROWID;
    \(neverChanged("order_event", "events"))

    \(freezes)
    \(disputes)
    \(refunds)

    CREATE TABLE reconciliation (
      id INTEGER PRIMARY KEY,
      vendor TEXT NOT NULL,
      matched INTEGER NOT NULL CHECK (matched >= 0),
      amount_differs INTEGER NOT NULL CHECK (amount_differs >= 0),
      ours_only INTEGER NOT NULL CHECK (ours_only >= 0),
      theirs_only INTEGER NOT NULL CHECK (theirs_only >= 0),
      findings TEXT NOT NULL,
      at TEXT NOT NULL \(isTime("at")),
      actor TEXT NOT NULL \(isName("actor"))
    ) STRICT;
    \(neverChanged("reconciliation", "reconciliations"))

    """

  private static let freezes = """
    -- A frozen vendor gets no new order until a person releases it.
    CREATE TABLE vendor_freeze (
      id INTEGER PRIMARY KEY,
      vendor TEXT NOT NULL,
      reason TEXT NOT NULL CHECK (length(reason) > 0),
      at TEXT NOT NULL \(isTime("at")),
      actor TEXT NOT NULL \(isName("actor")),
      released_at TEXT \(isTime("released_at")),
      released_by TEXT \(isName("released_by")),
      release_reason TEXT CHECK (length(release_reason) > 0),
      CHECK ((released_at IS NULL) = (released_by IS NULL)),
      CHECK ((released_at IS NULL) = (release_reason IS NULL))
    ) STRICT;
    CREATE UNIQUE INDEX frozen_once ON vendor_freeze (vendor) WHERE released_at IS NULL;
    CREATE TRIGGER freeze_start BEFORE INSERT ON vendor_freeze WHEN NEW.released_at IS NOT NULL BEGIN
      SELECT RAISE(ABORT, 'freeze: starts as not released'); END;
    CREATE TRIGGER freeze_move BEFORE UPDATE ON vendor_freeze BEGIN
      SELECT RAISE(ABORT, 'freeze: is released once and never changed otherwise')
        WHERE OLD.released_at IS NOT NULL OR NEW.released_at IS NULL OR NEW.id <> OLD.id
          OR NEW.vendor <> OLD.vendor OR NEW.reason <> OLD.reason OR NEW.at <> OLD.at
          OR NEW.actor <> OLD.actor;
    END;
    \(neverDeleted("vendor_freeze", "freezes"))
    CREATE TRIGGER hold_of_frozen BEFORE INSERT ON entry WHEN NEW.operation = 'hold' BEGIN
      SELECT RAISE(ABORT, 'ledger: the vendor is frozen') WHERE EXISTS (
        SELECT 1 FROM purchase_order o JOIN vendor_freeze f ON f.vendor = o.vendor
        WHERE o.key = NEW.order_key AND f.released_at IS NULL);
    END;
    CREATE TRIGGER attempt_of_frozen BEFORE INSERT ON attempt BEGIN
      SELECT RAISE(ABORT, 'attempt: the vendor is frozen') WHERE EXISTS (
        SELECT 1 FROM purchase_order o JOIN vendor_freeze f ON f.vendor = o.vendor
        WHERE o.key = NEW.order_key AND f.released_at IS NULL);
    END;
    """

  private static let disputes = """
    -- What a vendor charges and we do not owe: set_aside was moved by an overcharge, claim is what
    -- the budget could not cover. charged is the vendor's word, whatever it is.
    CREATE TABLE dispute (
      id INTEGER PRIMARY KEY,
      order_key TEXT NOT NULL REFERENCES purchase_order (key),
      charged INTEGER NOT NULL,
      charged_currency TEXT NOT NULL,
      agreed INTEGER NOT NULL CHECK (agreed >= 0),
      set_aside INTEGER NOT NULL CHECK (set_aside >= 0),
      claim INTEGER NOT NULL CHECK (claim >= 0),
      reason TEXT NOT NULL CHECK (length(reason) > 0),
      at TEXT NOT NULL \(isTime("at")),
      actor TEXT NOT NULL \(isName("actor")),
      outcome TEXT CHECK (outcome IN ('pay', 'credit')),
      paid INTEGER CHECK (paid >= 0),
      closing_reason TEXT CHECK (length(closing_reason) > 0),
      closed_at TEXT \(isTime("closed_at")),
      closed_by TEXT \(isName("closed_by")),
      CHECK ((outcome IS NULL) = (closing_reason IS NULL)),
      CHECK ((outcome IS NULL) = (closed_at IS NULL)),
      CHECK ((outcome IS NULL) = (closed_by IS NULL)),
      CHECK ((outcome IS 'pay') = (paid IS NOT NULL))
    ) STRICT;
    CREATE INDEX dispute_order ON dispute (order_key);
    CREATE UNIQUE INDEX one_open_dispute ON dispute (order_key) WHERE outcome IS NULL;
    CREATE TRIGGER dispute_start BEFORE INSERT ON dispute BEGIN
      SELECT RAISE(ABORT, 'dispute: starts as open') WHERE NEW.outcome IS NOT NULL;
      SELECT RAISE(ABORT, 'dispute: nothing was set aside for it') WHERE NEW.set_aside > 0
        AND NOT EXISTS (SELECT 1 FROM entry WHERE operation = 'overcharge'
          AND order_key = NEW.order_key AND amount = NEW.set_aside);
    END;
    CREATE TRIGGER dispute_move BEFORE UPDATE ON dispute BEGIN
      SELECT RAISE(ABORT, 'dispute: is closed once and never changed otherwise')
        WHERE OLD.outcome IS NOT NULL OR NEW.outcome IS NULL OR NEW.id <> OLD.id
          OR NEW.order_key <> OLD.order_key OR NEW.charged <> OLD.charged
          OR NEW.charged_currency <> OLD.charged_currency OR NEW.agreed <> OLD.agreed
          OR NEW.set_aside <> OLD.set_aside OR NEW.claim <> OLD.claim OR NEW.reason <> OLD.reason
          OR NEW.at <> OLD.at OR NEW.actor <> OLD.actor;
    END;
    \(neverDeleted("dispute", "disputes"))
    CREATE TRIGGER dispute_money BEFORE INSERT ON entry
      WHEN NEW.operation IN ('settle', 'credit') BEGIN
      SELECT RAISE(ABORT, 'ledger: more than is disputed for the order') WHERE NEW.amount > coalesce((
        SELECT sum(CASE operation WHEN 'overcharge' THEN amount WHEN 'settle' THEN -amount
          WHEN 'credit' THEN -amount ELSE 0 END) FROM entry WHERE order_key = NEW.order_key), 0);
    END;
    """

  private static let refunds = """
    -- One row for each refund that a vendor names; one that cannot be booked says why not.
    CREATE TABLE refund (
      vendor TEXT NOT NULL,
      id TEXT NOT NULL CHECK (length(id) BETWEEN 1 AND 200),
      vendor_order_id TEXT NOT NULL,
      amount INTEGER NOT NULL,
      currency TEXT NOT NULL,
      order_key TEXT REFERENCES purchase_order (key),
      entry INTEGER UNIQUE REFERENCES entry (seq),
      obstacle TEXT CHECK (length(obstacle) > 0),
      at TEXT NOT NULL \(isTime("at")),
      actor TEXT NOT NULL \(isName("actor")),
      PRIMARY KEY (vendor, id),
      CHECK ((entry IS NULL) = (obstacle IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER refund_start BEFORE INSERT ON refund WHEN NEW.entry IS NOT NULL BEGIN
      SELECT RAISE(ABORT, 'refund: its entry is another') WHERE NOT EXISTS (
        SELECT 1 FROM entry WHERE seq = NEW.entry AND operation = 'refund'
          AND order_key = NEW.order_key AND amount = NEW.amount);
    END;
    \(neverChanged("refund", "refunds"))
    """
}
