// Neural: see the architecture.
