// Fovea: see the architecture.
