PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE budget (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 64 AND id NOT GLOB '*[^a-z0-9-]*'),
  currency TEXT NOT NULL CHECK (length(currency) = 3 AND currency NOT GLOB '*[^A-Z]*'),
  exponent INTEGER NOT NULL CHECK (exponent BETWEEN 0 AND 3),
  created_at TEXT NOT NULL CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  created_by TEXT NOT NULL CHECK (length(created_by) BETWEEN 1 AND 64 AND created_by NOT GLOB '*[|' || char(10) || ']*')
) STRICT, WITHOUT ROWID;
INSERT INTO budget VALUES('b','EUR',2,'2026-01-02T03:04:05.000Z','test');
CREATE TABLE account (
  id TEXT PRIMARY KEY,
  budget TEXT NOT NULL REFERENCES budget (id),
  kind TEXT NOT NULL CHECK (kind IN ('owner', 'free', 'held', 'spent', 'disputed')),
  UNIQUE (budget, kind),
  CHECK (id = budget || ':' || kind)
) STRICT, WITHOUT ROWID;
INSERT INTO account VALUES('b:disputed','b','disputed');
INSERT INTO account VALUES('b:free','b','free');
INSERT INTO account VALUES('b:held','b','held');
INSERT INTO account VALUES('b:owner','b','owner');
INSERT INTO account VALUES('b:spent','b','spent');
CREATE TABLE operation_rule (
  operation TEXT, from_kind TEXT, to_kind TEXT,
  PRIMARY KEY (operation, from_kind, to_kind)
) STRICT, WITHOUT ROWID;
INSERT INTO operation_rule VALUES('capture','held','spent');
INSERT INTO operation_rule VALUES('credit','disputed','free');
INSERT INTO operation_rule VALUES('grant','owner','free');
INSERT INTO operation_rule VALUES('hold','free','held');
INSERT INTO operation_rule VALUES('overcharge','free','disputed');
INSERT INTO operation_rule VALUES('reduce','free','owner');
INSERT INTO operation_rule VALUES('refund','spent','free');
INSERT INTO operation_rule VALUES('release','held','free');
INSERT INTO operation_rule VALUES('settle','disputed','spent');
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
  at TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  actor TEXT NOT NULL CHECK (length(actor) BETWEEN 1 AND 64 AND actor NOT GLOB '*[|' || char(10) || ']*'),
  prev BLOB NOT NULL CHECK (length(prev) = 32),
  hash BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  CHECK ((operation IN ('grant', 'reduce')) = (order_key IS NULL)),
  CHECK (operation = 'capture' OR item IS NULL),
  CHECK (operation <> 'capture' OR item IS NOT NULL),
  CHECK (from_account <> to_account)
) STRICT;
INSERT INTO entry VALUES(1,'grant',NULL,NULL,'b:owner','b:free',10000,-10000,10000,'2026-01-02T03:04:05.000Z','test',X'0000000000000000000000000000000000000000000000000000000000000000',X'4ed0ac773d7128af5f06e71cf23bec3c1516a28d7f53733d2f060242ce698679');
INSERT INTO entry VALUES(2,'hold','9e613de3-997e-414e-9b67-252788e3b115',NULL,'b:free','b:held',900,9100,900,'2026-01-02T03:04:05.000Z','test',X'4ed0ac773d7128af5f06e71cf23bec3c1516a28d7f53733d2f060242ce698679',X'4fdd89525d51fe9f52c6eab6ff5bc5a7c7f165fbac88a0a658379d9b3bcaf77d');
INSERT INTO entry VALUES(3,'capture','9e613de3-997e-414e-9b67-252788e3b115',0,'b:held','b:spent',300,600,300,'2026-01-02T03:04:05.000Z','test',X'4fdd89525d51fe9f52c6eab6ff5bc5a7c7f165fbac88a0a658379d9b3bcaf77d',X'6a7baf346a7be3a70232483e9019f93d5065ab674906e5ea43dc602bd4cfaed2');
INSERT INTO entry VALUES(4,'capture','9e613de3-997e-414e-9b67-252788e3b115',1,'b:held','b:spent',350,250,650,'2026-01-02T03:04:05.000Z','test',X'6a7baf346a7be3a70232483e9019f93d5065ab674906e5ea43dc602bd4cfaed2',X'5ec2ef988d230c3bbc1df43132a349c1dbfbd8de0e1b156d936c1c1fa408d778');
INSERT INTO entry VALUES(5,'release','9e613de3-997e-414e-9b67-252788e3b115',NULL,'b:held','b:free',250,0,9350,'2026-01-02T03:04:05.000Z','test',X'5ec2ef988d230c3bbc1df43132a349c1dbfbd8de0e1b156d936c1c1fa408d778',X'a90c6c437c373216842e1e4e08b9d6464dbc44c7b1391a05c0899a684c6d76b8');
INSERT INTO entry VALUES(6,'hold','ba67df68-8981-4833-bd2d-3e2e1a442cb2',NULL,'b:free','b:held',500,8850,500,'2026-01-02T03:04:05.000Z','test',X'a90c6c437c373216842e1e4e08b9d6464dbc44c7b1391a05c0899a684c6d76b8',X'9364f3f389c114528a53ab80c9766e4a99b666fedca480937e51c4ac1de19a57');
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
  quote_valid_until TEXT CHECK (quote_valid_until GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  quote_document BLOB,
  vendor_order_id TEXT,
  parked_reason TEXT,
  parked_remedy TEXT,
  created_at TEXT NOT NULL CHECK (created_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  updated_at TEXT NOT NULL CHECK (updated_at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  UNIQUE (vendor, vendor_order_id),
  CHECK ((state = 'parked') = (parked_reason IS NOT NULL)),
  CHECK ((parked_reason IS NULL) = (parked_remedy IS NULL))
) STRICT, WITHOUT ROWID;
INSERT INTO purchase_order VALUES('9e613de3-997e-414e-9b67-252788e3b115','b3957a96-8bcd-478c-af89-8634976fb783','b','vendor','{"grid":{"chip_pixels":64,"lattice":{"chip_side_micrometres":640000000,"crs":"EPSG:32632","origin_x_micrometres":0,"origin_y_micrometres":0},"patch_grid":4,"zoom":8},"product":{"item":"mosaic","product":"hr","vendor":"vendor"},"rectangles":[{"column":0,"column_count":2,"row":0,"row_count":1},{"column":0,"column_count":2,"row":1,"row_count":1}]}','settled',NULL,NULL,NULL,NULL,'v-9e613de3-997e-414e-9b67-252788e3b115',NULL,NULL,'2026-01-02T03:04:05.000Z','2026-01-02T03:04:05.000Z');
INSERT INTO purchase_order VALUES('ba67df68-8981-4833-bd2d-3e2e1a442cb2','b3957a96-8bcd-478c-af89-8634976fb783','b','vendor','{"grid":{"chip_pixels":64,"lattice":{"chip_side_micrometres":640000000,"crs":"EPSG:32632","origin_x_micrometres":0,"origin_y_micrometres":0},"patch_grid":4,"zoom":8},"product":{"item":"mosaic","product":"hr","vendor":"vendor"},"rectangles":[{"column":0,"column_count":2,"row":4,"row_count":1}]}','delivering',NULL,NULL,NULL,NULL,'v-ba67df68-8981-4833-bd2d-3e2e1a442cb2',NULL,NULL,'2026-01-02T03:04:05.000Z','2026-01-02T03:04:05.000Z');
CREATE TABLE attempt (
  order_key TEXT NOT NULL REFERENCES purchase_order (key),
  number INTEGER NOT NULL CHECK (number >= 1),
  body_sha256 TEXT NOT NULL CHECK (length(body_sha256) = 64),
  at TEXT NOT NULL CHECK (at GLOB '[0-9][0-9][0-9][0-9]-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9].[0-9][0-9][0-9]Z'),
  PRIMARY KEY (order_key, number)
) STRICT, WITHOUT ROWID;
INSERT INTO attempt VALUES('9e613de3-997e-414e-9b67-252788e3b115',1,'0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a','2026-01-02T03:04:05.000Z');
INSERT INTO attempt VALUES('ba67df68-8981-4833-bd2d-3e2e1a442cb2',1,'0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a','2026-01-02T03:04:05.000Z');
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
INSERT INTO order_item VALUES('9e613de3-997e-414e-9b67-252788e3b115',0,'captured','deliveries/9e613de3-997e-414e-9b67-252788e3b115/0.tif','0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',10,300);
INSERT INTO order_item VALUES('9e613de3-997e-414e-9b67-252788e3b115',1,'captured','deliveries/9e613de3-997e-414e-9b67-252788e3b115/1.tif','0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a',10,350);
INSERT INTO order_item VALUES('ba67df68-8981-4833-bd2d-3e2e1a442cb2',0,'pending',NULL,NULL,NULL,NULL);
CREATE TABLE layer (
  id INTEGER PRIMARY KEY,
  vendor TEXT NOT NULL, product TEXT NOT NULL, acquisition TEXT NOT NULL,
  lattice TEXT NOT NULL,
  UNIQUE (vendor, product, acquisition, lattice)
) STRICT;
INSERT INTO layer VALUES(1,'vendor','hr','mosaic','EPSG:32632 640000000 0 0 4');
CREATE TABLE patch_claim (
  order_key TEXT NOT NULL, item INTEGER NOT NULL,
  layer INTEGER NOT NULL REFERENCES layer (id),
  patch_column INTEGER NOT NULL, patch_row INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('held', 'bought', 'released')),
  PRIMARY KEY (order_key, item, layer, patch_column, patch_row),
  FOREIGN KEY (order_key, item) REFERENCES order_item (order_key, number)
) STRICT, WITHOUT ROWID;
INSERT INTO patch_claim VALUES('9e613de3-997e-414e-9b67-252788e3b115',0,1,0,0,'bought');
INSERT INTO patch_claim VALUES('9e613de3-997e-414e-9b67-252788e3b115',0,1,1,0,'bought');
INSERT INTO patch_claim VALUES('9e613de3-997e-414e-9b67-252788e3b115',1,1,0,1,'bought');
INSERT INTO patch_claim VALUES('9e613de3-997e-414e-9b67-252788e3b115',1,1,1,1,'bought');
INSERT INTO patch_claim VALUES('ba67df68-8981-4833-bd2d-3e2e1a442cb2',0,1,0,4,'held');
INSERT INTO patch_claim VALUES('ba67df68-8981-4833-bd2d-3e2e1a442cb2',0,1,1,4,'held');
CREATE TRIGGER budget_no_update BEFORE UPDATE ON budget BEGIN
  SELECT RAISE(ABORT, 'ledger: budgets are never changed'); END;
CREATE TRIGGER budget_no_delete BEFORE DELETE ON budget BEGIN
  SELECT RAISE(ABORT, 'ledger: budgets are never deleted'); END;
CREATE TRIGGER account_no_update BEFORE UPDATE ON account BEGIN
  SELECT RAISE(ABORT, 'ledger: accounts are never changed'); END;
CREATE TRIGGER account_no_delete BEFORE DELETE ON account BEGIN
  SELECT RAISE(ABORT, 'ledger: accounts are never deleted'); END;
CREATE TRIGGER budget_accounts AFTER INSERT ON budget BEGIN
  INSERT INTO account SELECT NEW.id || ':' || kinds.column1, NEW.id, kinds.column1
    FROM (VALUES ('owner'), ('free'), ('held'), ('spent'), ('disputed')) AS kinds;
END;
CREATE TRIGGER operation_rule_no_insert BEFORE INSERT ON operation_rule BEGIN
  SELECT RAISE(ABORT, 'ledger: rules are fixed'); END;
CREATE TRIGGER operation_rule_no_update BEFORE UPDATE ON operation_rule BEGIN
  SELECT RAISE(ABORT, 'ledger: rules are never changed'); END;
CREATE TRIGGER operation_rule_no_delete BEFORE DELETE ON operation_rule BEGIN
  SELECT RAISE(ABORT, 'ledger: rules are never deleted'); END;
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
  sum(CASE operation WHEN 'hold' THEN amount WHEN 'capture' THEN -amount
    WHEN 'release' THEN -amount ELSE 0 END),
  sum(CASE operation WHEN 'capture' THEN amount WHEN 'settle' THEN amount
    WHEN 'refund' THEN -amount ELSE 0 END)
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
END
;
CREATE TRIGGER entry_no_update BEFORE UPDATE ON entry BEGIN
  SELECT RAISE(ABORT, 'ledger: rows are never changed'); END;
CREATE TRIGGER entry_no_delete BEFORE DELETE ON entry BEGIN
  SELECT RAISE(ABORT, 'ledger: rows are never deleted'); END;
CREATE INDEX order_job ON purchase_order (job);
CREATE TRIGGER order_start BEFORE INSERT ON purchase_order WHEN NEW.state <> 'drafted' BEGIN
  SELECT RAISE(ABORT, 'order: starts as drafted'); END;
CREATE TRIGGER order_move BEFORE UPDATE ON purchase_order BEGIN
  SELECT RAISE(ABORT, 'order: what was ordered never changes') WHERE NEW.key <> OLD.key
    OR NEW.job <> OLD.job OR NEW.budget <> OLD.budget OR NEW.vendor <> OLD.vendor
    OR NEW.draft <> OLD.draft OR NEW.created_at <> OLD.created_at;
  SELECT RAISE(ABORT, 'order: has ended') WHERE OLD.state IN ('settled', 'settled_in_part', 'cancelled', 'refused', 'failed');
  SELECT RAISE(ABORT, 'order: the vendor''s id never changes')
    WHERE OLD.vendor_order_id IS NOT NULL AND NEW.vendor_order_id IS NOT OLD.vendor_order_id;
  SELECT RAISE(ABORT, 'order: has no hold') WHERE NEW.state IN ('held', 'submitting',
      'in_doubt', 'accepted', 'running', 'delivering', 'settled', 'settled_in_part',
      'cancelling')
    AND NOT EXISTS (SELECT 1 FROM entry WHERE operation = 'hold' AND order_key = NEW.key);
  SELECT RAISE(ABORT, 'order: has no attempt') WHERE NEW.state IN ('submitting', 'in_doubt',
      'accepted', 'running', 'delivering', 'settled', 'settled_in_part')
    AND NOT EXISTS (SELECT 1 FROM attempt WHERE order_key = NEW.key);
  SELECT RAISE(ABORT, 'order: still holds money') WHERE NEW.state IN ('settled', 'settled_in_part', 'cancelled', 'refused', 'failed')
    AND coalesce((SELECT held FROM order_money WHERE order_key = NEW.key), 0) <> 0;
  SELECT RAISE(ABORT, 'order: still claims patches') WHERE NEW.state IN ('settled', 'settled_in_part', 'cancelled', 'refused', 'failed')
    AND EXISTS (SELECT 1 FROM patch_claim WHERE order_key = NEW.key AND state = 'held');
  SELECT RAISE(ABORT, 'order: has an item that is not captured') WHERE NEW.state = 'settled'
    AND EXISTS (SELECT 1 FROM order_item WHERE order_key = NEW.key AND state <> 'captured');
END;
CREATE TRIGGER purchase_order_no_delete BEFORE DELETE ON purchase_order BEGIN
  SELECT RAISE(ABORT, 'ledger: orders are never deleted'); END;
CREATE TRIGGER attempt_check BEFORE INSERT ON attempt BEGIN
  SELECT RAISE(ABORT, 'attempt: number is not the next one') WHERE NEW.number IS NOT
    (SELECT count(*) + 1 FROM attempt WHERE order_key = NEW.order_key);
  SELECT RAISE(ABORT, 'attempt: the key was used for another body') WHERE EXISTS (
    SELECT 1 FROM attempt WHERE order_key = NEW.order_key AND body_sha256 <> NEW.body_sha256);
END;
CREATE TRIGGER attempt_no_update BEFORE UPDATE ON attempt BEGIN
  SELECT RAISE(ABORT, 'ledger: attempts are never changed'); END;
CREATE TRIGGER attempt_no_delete BEFORE DELETE ON attempt BEGIN
  SELECT RAISE(ABORT, 'ledger: attempts are never deleted'); END;
CREATE TRIGGER item_move BEFORE UPDATE ON order_item BEGIN
  SELECT RAISE(ABORT, 'item: is captured and never changes') WHERE OLD.state = 'captured';
  SELECT RAISE(ABORT, 'item: is not the same item')
    WHERE NEW.order_key <> OLD.order_key OR NEW.number <> OLD.number;
  SELECT RAISE(ABORT, 'item: captured without its entry, or not stored')
    WHERE NEW.state = 'captured' AND (OLD.state <> 'stored' OR NOT EXISTS (
      SELECT 1 FROM entry WHERE operation = 'capture' AND order_key = NEW.order_key
        AND item = NEW.number AND amount = NEW.charge));
END;
CREATE TRIGGER order_item_no_delete BEFORE DELETE ON order_item BEGIN
  SELECT RAISE(ABORT, 'ledger: items are never deleted'); END;
CREATE TRIGGER layer_no_update BEFORE UPDATE ON layer BEGIN
  SELECT RAISE(ABORT, 'ledger: layers are never changed'); END;
CREATE TRIGGER layer_no_delete BEFORE DELETE ON layer BEGIN
  SELECT RAISE(ABORT, 'ledger: layers are never deleted'); END;
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
CREATE TRIGGER patch_claim_no_delete BEFORE DELETE ON patch_claim BEGIN
  SELECT RAISE(ABORT, 'ledger: claims are never deleted'); END;
COMMIT;
