// Acquisition: see the architecture.
