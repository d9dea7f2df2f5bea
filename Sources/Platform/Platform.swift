// Platform: see the architecture.
