// SPDX-License-Identifier: Apache-2.0

// The parts that another program may want, under one name. The daemon is one user of them.
@_exported public import Acquisition
@_exported public import PatchDrop
@_exported public import Planning
@_exported public import Raster
