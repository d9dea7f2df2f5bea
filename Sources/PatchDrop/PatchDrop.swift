// PatchDrop: see the architecture.
