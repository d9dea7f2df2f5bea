// Purchasing: see the architecture.
