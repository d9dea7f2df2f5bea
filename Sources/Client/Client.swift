// Client: see the architecture.
