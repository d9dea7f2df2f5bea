// Raster: see the architecture.
