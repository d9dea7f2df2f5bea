// Wire: see the architecture.
