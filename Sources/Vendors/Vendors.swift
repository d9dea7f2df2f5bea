// Vendors: see the architecture.
