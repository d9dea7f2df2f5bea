// Service: see the architecture.
