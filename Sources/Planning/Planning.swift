// Planning: see the architecture.
