// SPDX-License-Identifier: Apache-2.0

import GRDB

/// The tables of money and the rules that the database itself holds them to.
///
/// One row of `entry` moves one amount between two accounts of one budget, so the books balance by
/// construction. No row is ever changed: each carries both balances that it leaves behind and the
/// hash of the row before it. Swift checks the same rules first, for good messages; these triggers
/// are the net under it.
enum LedgerSchema {
  /// `FOVL`: says that a database file is one of ours.
  static let applicationID: Int32 = 0x464F_564C
  /// The version of the tables.
  static let version = 2

  /// Makes the tables in an empty database, in one transaction.
  static func create(in database: Database) throws {
    try database.inTransaction(.exclusive) {
      try database.execute(sql: money + orders + afterTheOrder)
      try database.execute(sql: "PRAGMA application_id = \(applicationID)")
      try database.execute(sql: "PRAGMA user_version = \(version)")
      return .commit
    }
  }

  /// Brings the tables of an earlier version up to this one, in one transaction.
  static func migrate(_ database: Database, from earlier: Int) throws {
    try database.inTransaction(.exclusive) {
      if earlier < 2 { try database.execute(sql: afterTheOrder) }
      try database.execute(sql: "PRAGMA user_version = \(version)")
      return .commit
    }
  }

  /// The text of every table, index, view and trigger, by name: equal exactly when nobody has
  /// dropped or changed one.
  static func objects(of database: Database) throws -> [String: String] {
    let rows = try Row.fetchAll(
      database, sql: "SELECT type || ' ' || name, sql FROM sqlite_schema WHERE sql IS NOT NULL")
    return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
  }

  static func isTime(_ column: String) -> String {
    "CHECK (\(column) GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:"
      + "[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z')"
  }

  // A field of the hashed text: nothing in it may look like the separator or a new line.
  static func isName(_ column: String) -> String {
    "CHECK (length(\(column)) BETWEEN 1 AND 64 AND \(column) NOT GLOB '*[|' || char(10) || ']*')"
  }

  static func neverChanged(_ table: String, _ what: String) -> String {
    """
    CREATE TRIGGER \(table)_no_update BEFORE UPDATE ON \(table) BEGIN
      SELECT RAISE(ABORT, 'ledger: \(what) are never changed'); END;
    \(neverDeleted(table, what))
    """
  }

  static func neverDeleted(_ table: String, _ what: String) -> String {
    """
    CREATE TRIGGER \(table)_no_delete BEFORE DELETE ON \(table) BEGIN
      SELECT RAISE(ABORT, 'ledger: \(what) are never deleted'); END;
    """
  }

  /// How an entry of an order changes what the order holds.
  static let heldByEntry = """
    CASE operation WHEN 'hold' THEN amount WHEN 'capture' THEN -amount
        WHEN 'release' THEN -amount ELSE 0 END
    """
  /// How an entry of an order changes what was paid for it.
  static let capturedByEntry = """
    CASE operation WHEN 'capture' THEN amount WHEN 'settle' THEN amount
        WHEN 'refund' THEN -amount ELSE 0 END
    """

  private static let money = """
    CREATE TABLE budget (
      id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64 AND id NOT GLOB '*[^a-z0-9-]*'),
      currency TEXT NOT NULL CHECK (length(currency) = 3 AND currency NOT GLOB '*[^A-Z]*'),
      exponent INTEGER NOT NULL CHECK (exponent BETWEEN 0 AND 3),
      created_at TEXT NOT NULL \(isTime("created_at")),
      created_by TEXT NOT NULL \(isName("created_by"))
    ) STRICT, WITHOUT ROWID;
    \(neverChanged("budget", "budgets"))

    -- owner: minus what was granted; free + held + spent + disputed = granted.
    CREATE TABLE account (
      id TEXT PRIMARY KEY,
      budget TEXT NOT NULL REFERENCES budget (id),
      kind TEXT NOT NULL CHECK (kind IN ('owner', 'free', 'held', 'spent', 'disputed')),
      UNIQUE (budget, kind),
      CHECK (id = budget || ':' || kind)
    ) STRICT, WITHOUT ROWID;
    \(neverChanged("account", "accounts"))
    CREATE TRIGGER budget_accounts AFTER INSERT ON budget BEGIN
      INSERT INTO account SELECT NEW.id || ':' || kinds.column1, NEW.id, kinds.column1
        FROM (VALUES ('owner'), ('free'), ('held'), ('spent'), ('disputed')) AS kinds;
    END;

    CREATE TABLE operation_rule (
      operation TEXT, from_kind TEXT, to_kind TEXT,
      PRIMARY KEY (operation, from_kind, to_kind)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO operation_rule VALUES ('grant', 'owner', 'free'), ('reduce', 'free', 'owner'),
      ('hold', 'free', 'held'), ('capture', 'held', 'spent'), ('release', 'held', 'free'),
      ('refund', 'spent', 'free'), ('overcharge', 'free', 'disputed'),
      ('settle', 'disputed', 'spent'), ('credit', 'disputed', 'free');
    CREATE TRIGGER operation_rule_no_insert BEFORE INSERT ON operation_rule BEGIN
      SELECT RAISE(ABORT, 'ledger: rules are fixed'); END;
    \(neverChanged("operation_rule", "rules"))

    CREATE TABLE entry (
      seq INTEGER PRIMARY KEY,
      operation TEXT NOT NULL,
      order_key TEXT CHECK (order_key IS NULL OR length(order_key) = 36)
        REFERENCES purchase_order (key),
      item INTEGER CHECK (item IS NULL OR item >= 0),
      from_account TEXT NOT NULL REFERENCES account (id),
      to_account TEXT NOT NULL REFERENCES account (id),
      amount INTEGER NOT NULL CHECK (amount <= 1000000000000
        AND amount >= iif(operation IN ('hold', 'capture', 'release'), 0, 1)),
      from_after INTEGER NOT NULL CHECK (abs(from_after) <= 1000000000000),
      to_after INTEGER NOT NULL CHECK (abs(to_after) <= 1000000000000),
      at TEXT NOT NULL \(isTime("at")),
      actor TEXT NOT NULL \(isName("actor")),
      prev BLOB NOT NULL CHECK (length(prev) = 32),
      hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
      CHECK ((operation IN ('grant', 'reduce')) = (order_key IS NULL)),
      CHECK (operation = 'capture' OR item IS NULL),
      CHECK (operation <> 'capture' OR item IS NOT NULL),
      CHECK (from_account <> to_account)
    ) STRICT;
    CREATE INDEX entry_from ON entry (from_account, seq);
    CREATE INDEX entry_to ON entry (to_account, seq);
    CREATE INDEX entry_order ON entry (order_key) WHERE order_key IS NOT NULL;
    CREATE UNIQUE INDEX one_hold ON entry (order_key) WHERE operation = 'hold';
    CREATE UNIQUE INDEX one_capture ON entry (order_key, item) WHERE operation = 'capture';

    CREATE VIEW balance (account, budget, kind, amount) AS
      SELECT a.id, a.budget, a.kind, coalesce(
        (SELECT iif(e.from_account = a.id, e.from_after, e.to_after) FROM entry e WHERE e.seq = max(
          coalesce((SELECT max(seq) FROM entry WHERE from_account = a.id), 0),
          coalesce((SELECT max(seq) FROM entry WHERE to_account = a.id), 0))), 0) FROM account a;
    CREATE VIEW head (seq, hash) AS SELECT coalesce(max(seq), 0),
      coalesce((SELECT hash FROM entry ORDER BY seq DESC LIMIT 1), zeroblob(32)) FROM entry;
    CREATE VIEW order_money (order_key, held, captured) AS SELECT order_key,
      sum(\(heldByEntry)),
      sum(\(capturedByEntry))
      FROM entry WHERE order_key IS NOT NULL GROUP BY order_key;

    CREATE TRIGGER entry_check BEFORE INSERT ON entry BEGIN
      SELECT RAISE(ABORT, 'ledger: sequence is not the next one')
        WHERE NEW.seq IS NOT (SELECT seq + 1 FROM head);
      SELECT RAISE(ABORT, 'ledger: prev is not the head hash')
        WHERE NEW.prev IS NOT (SELECT hash FROM head);
      SELECT RAISE(ABORT, 'ledger: hash does not match the row') WHERE NEW.hash IS NOT
        sha256(NEW.prev, printf('%d|%s|%s|%s|%s|%s|%d|%d|%d|%s|%s', NEW.seq, NEW.operation,
          coalesce(NEW.order_key, ''), coalesce(NEW.item, ''), NEW.from_account, NEW.to_account,
          NEW.amount, NEW.from_after, NEW.to_after, NEW.at, NEW.actor));
      SELECT RAISE(ABORT, 'ledger: accounts do not fit the operation, or are of two budgets')
        WHERE NOT EXISTS (SELECT 1 FROM account f JOIN account t ON t.budget = f.budget
          JOIN operation_rule r ON r.from_kind = f.kind AND r.to_kind = t.kind
          WHERE f.id = NEW.from_account AND t.id = NEW.to_account AND r.operation = NEW.operation);
      SELECT RAISE(ABORT, 'ledger: the order is of another budget') WHERE NEW.order_key IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM purchase_order o JOIN account f ON f.budget = o.budget
          WHERE o.key = NEW.order_key AND f.id = NEW.from_account);
      SELECT RAISE(ABORT, 'ledger: order already has a hold') WHERE NEW.operation = 'hold'
        AND EXISTS (SELECT 1 FROM entry WHERE operation = 'hold' AND order_key = NEW.order_key);
      SELECT RAISE(ABORT, 'ledger: the order holds nothing')
        WHERE NEW.operation IN ('capture', 'release') AND NOT EXISTS (
          SELECT 1 FROM entry WHERE operation = 'hold' AND order_key = NEW.order_key);
      SELECT RAISE(ABORT, 'ledger: more than the order still holds')
        WHERE NEW.operation IN ('capture', 'release') AND NEW.amount > (
          SELECT held FROM order_money WHERE order_key = NEW.order_key);
      SELECT RAISE(ABORT, 'ledger: item is already captured') WHERE NEW.operation = 'capture'
        AND EXISTS (SELECT 1 FROM entry WHERE operation = 'capture'
          AND order_key = NEW.order_key AND item = NEW.item);
      SELECT RAISE(ABORT, 'ledger: more than was captured for the order')
        WHERE NEW.operation = 'refund' AND NEW.amount > coalesce((
          SELECT captured FROM order_money WHERE order_key = NEW.order_key), 0);
      SELECT RAISE(ABORT, 'ledger: from_after or to_after is wrong') WHERE NEW.from_after IS NOT
          (SELECT amount - NEW.amount FROM balance WHERE account = NEW.from_account)
        OR NEW.to_after IS NOT
          (SELECT amount + NEW.amount FROM balance WHERE account = NEW.to_account);
      -- No account but owner falls under 0: spent + held + disputed never exceed what was granted.
      SELECT RAISE(ABORT, 'ledger: over the limit') WHERE NEW.from_after < 0
        AND (SELECT kind FROM account WHERE id = NEW.from_account) <> 'owner';
    END;
    \(neverChanged("entry", "rows"))

    """

  private static let finalStates =
    "('settled', 'settled_in_part', 'cancelled', 'refused', 'failed')"

  private static let orders = """
    CREATE TABLE purchase_order (
      key TEXT PRIMARY KEY CHECK (length(key) = 36),
      job TEXT NOT NULL CHECK (length(job) = 36),
      budget TEXT NOT NULL REFERENCES budget (id),
      vendor TEXT NOT NULL,
      draft TEXT NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('drafted', 'quoted', 'held', 'submitting', 'in_doubt',
        'accepted', 'running', 'delivering', 'settled', 'settled_in_part', 'cancelling',
        'cancelled', 'refused', 'failed', 'parked')),
      quote_price INTEGER,
      quote_currency TEXT,
      quote_valid_until TEXT \(isTime("quote_valid_until")),
      quote_document BLOB,
      vendor_order_id TEXT,
      parked_reason TEXT,
      parked_remedy TEXT,
      created_at TEXT NOT NULL \(isTime("created_at")),
      updated_at TEXT NOT NULL \(isTime("updated_at")),
      UNIQUE (vendor, vendor_order_id),
      CHECK ((state = 'parked') = (parked_reason IS NOT NULL)),
      CHECK ((parked_reason IS NULL) = (parked_remedy IS NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX order_job ON purchase_order (job);
    CREATE TRIGGER order_start BEFORE INSERT ON purchase_order WHEN NEW.state <> 'drafted' BEGIN
      SELECT RAISE(ABORT, 'order: starts as drafted'); END;
    CREATE TRIGGER order_move BEFORE UPDATE ON purchase_order BEGIN
      SELECT RAISE(ABORT, 'order: what was ordered never changes') WHERE NEW.key <> OLD.key
        OR NEW.job <> OLD.job OR NEW.budget <> OLD.budget OR NEW.vendor <> OLD.vendor
        OR NEW.draft <> OLD.draft OR NEW.created_at <> OLD.created_at;
      SELECT RAISE(ABORT, 'order: has ended') WHERE OLD.state IN \(finalStates);
      SELECT RAISE(ABORT, 'order: the vendor''s id never changes')
        WHERE OLD.vendor_order_id IS NOT NULL AND NEW.vendor_order_id IS NOT OLD.vendor_order_id;
      SELECT RAISE(ABORT, 'order: has no hold') WHERE NEW.state IN ('held', 'submitting',
          'in_doubt', 'accepted', 'running', 'delivering', 'settled', 'settled_in_part',
          'cancelling')
        AND NOT EXISTS (SELECT 1 FROM entry WHERE operation = 'hold' AND order_key = NEW.key);
      SELECT RAISE(ABORT, 'order: has no attempt') WHERE NEW.state IN ('submitting', 'in_doubt',
          'accepted', 'running', 'delivering', 'settled', 'settled_in_part')
        AND NOT EXISTS (SELECT 1 FROM attempt WHERE order_key = NEW.key);
      SELECT RAISE(ABORT, 'order: still holds money') WHERE NEW.state IN \(finalStates)
        AND coalesce((SELECT held FROM order_money WHERE order_key = NEW.key), 0) <> 0;
      SELECT RAISE(ABORT, 'order: still claims patches') WHERE NEW.state IN \(finalStates)
        AND EXISTS (SELECT 1 FROM patch_claim WHERE order_key = NEW.key AND state = 'held');
      SELECT RAISE(ABORT, 'order: has an item that is not captured') WHERE NEW.state = 'settled'
        AND EXISTS (SELECT 1 FROM order_item WHERE order_key = NEW.key AND state <> 'captured');
    END;
    \(neverDeleted("purchase_order", "orders"))

    -- A body may have left for the vendor once its attempt is here; one key never has two bodies.
    CREATE TABLE attempt (
      order_key TEXT NOT NULL REFERENCES purchase_order (key),
      number INTEGER NOT NULL CHECK (number >= 1),
      body_sha256 TEXT NOT NULL CHECK (length(body_sha256) = 64),
      at TEXT NOT NULL \(isTime("at")),
      PRIMARY KEY (order_key, number)
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER attempt_check BEFORE INSERT ON attempt BEGIN
      SELECT RAISE(ABORT, 'attempt: number is not the next one') WHERE NEW.number IS NOT
        (SELECT count(*) + 1 FROM attempt WHERE order_key = NEW.order_key);
      SELECT RAISE(ABORT, 'attempt: the key was used for another body') WHERE EXISTS (
        SELECT 1 FROM attempt WHERE order_key = NEW.order_key AND body_sha256 <> NEW.body_sha256);
    END;
    \(neverChanged("attempt", "attempts"))

    CREATE TABLE order_item (
      order_key TEXT NOT NULL REFERENCES purchase_order (key),
      number INTEGER NOT NULL CHECK (number >= 0),
      state TEXT NOT NULL CHECK (state IN ('pending', 'stored', 'captured', 'failed')),
      path TEXT,
      sha256 TEXT CHECK (length(sha256) = 64),
      byte_count INTEGER CHECK (byte_count > 0),
      charge INTEGER CHECK (charge >= 0),
      PRIMARY KEY (order_key, number),
      CHECK (state NOT IN ('stored', 'captured')
        OR (path IS NOT NULL AND sha256 IS NOT NULL AND byte_count IS NOT NULL)),
      CHECK ((state = 'captured') = (charge IS NOT NULL))
    ) STRICT, WITHOUT ROWID;
    CREATE TRIGGER item_move BEFORE UPDATE ON order_item BEGIN
      SELECT RAISE(ABORT, 'item: is captured and never changes') WHERE OLD.state = 'captured';
      SELECT RAISE(ABORT, 'item: is not the same item')
        WHERE NEW.order_key <> OLD.order_key OR NEW.number <> OLD.number;
      SELECT RAISE(ABORT, 'item: captured without its entry, or not stored')
        WHERE NEW.state = 'captured' AND (OLD.state <> 'stored' OR NOT EXISTS (
          SELECT 1 FROM entry WHERE operation = 'capture' AND order_key = NEW.order_key
            AND item = NEW.number AND amount = NEW.charge));
    END;
    \(neverDeleted("order_item", "items"))

    -- One product over one lattice of patches; a patch is a column and a row of it.
    CREATE TABLE layer (
      id INTEGER PRIMARY KEY,
      vendor TEXT NOT NULL, product TEXT NOT NULL, acquisition TEXT NOT NULL,
      lattice TEXT NOT NULL,
      UNIQUE (vendor, product, acquisition, lattice)
    ) STRICT;
    \(neverChanged("layer", "layers"))

    -- A patch is claimed by at most one live order. A released claim frees it, a bought one never.
    CREATE TABLE patch_claim (
      order_key TEXT NOT NULL, item INTEGER NOT NULL,
      layer INTEGER NOT NULL REFERENCES layer (id),
      patch_column INTEGER NOT NULL, patch_row INTEGER NOT NULL,
      state TEXT NOT NULL CHECK (state IN ('held', 'bought', 'released')),
      PRIMARY KEY (order_key, item, layer, patch_column, patch_row),
      FOREIGN KEY (order_key, item) REFERENCES order_item (order_key, number)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX patch_once ON patch_claim (layer, patch_column, patch_row)
      WHERE state <> 'released';
    CREATE TRIGGER claim_start BEFORE INSERT ON patch_claim BEGIN
      SELECT RAISE(ABORT, 'claim: starts as held, with a hold in the ledger')
        WHERE NEW.state <> 'held' OR NOT EXISTS (
          SELECT 1 FROM entry WHERE operation = 'hold' AND order_key = NEW.order_key);
      SELECT RAISE(ABORT, 'claim: patch already claimed or bought') WHERE EXISTS (
        SELECT 1 FROM patch_claim WHERE layer = NEW.layer AND patch_column = NEW.patch_column
          AND patch_row = NEW.patch_row AND state <> 'released');
    END;
    CREATE TRIGGER claim_move BEFORE UPDATE ON patch_claim BEGIN
      SELECT RAISE(ABORT, 'claim: only held to bought, or held to released')
        WHERE OLD.state <> 'held' OR NEW.state NOT IN ('bought', 'released')
          OR NEW.order_key <> OLD.order_key OR NEW.item <> OLD.item OR NEW.layer <> OLD.layer
          OR NEW.patch_column <> OLD.patch_column OR NEW.patch_row <> OLD.patch_row;
      SELECT RAISE(ABORT, 'claim: its item is not captured') WHERE NEW.state = 'bought'
        AND NOT EXISTS (SELECT 1 FROM entry WHERE operation = 'capture'
          AND order_key = NEW.order_key AND item = NEW.item);
      SELECT RAISE(ABORT, 'claim: its item is captured') WHERE NEW.state = 'released'
        AND EXISTS (SELECT 1 FROM entry WHERE operation = 'capture'
          AND order_key = NEW.order_key AND item = NEW.item);
    END;
    \(neverDeleted("patch_claim", "claims"))
    """
}
