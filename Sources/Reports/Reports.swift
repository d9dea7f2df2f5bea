// Reports: see the architecture.
