// Transfer: see the architecture.
