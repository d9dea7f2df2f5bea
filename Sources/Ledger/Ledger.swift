// Ledger: see the architecture.
