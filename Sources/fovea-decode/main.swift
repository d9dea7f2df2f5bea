// SPDX-License-Identifier: Apache-2.0

import Raster

// Started by RasterDecoder alone, which also ends it.
Zygote.serve()
