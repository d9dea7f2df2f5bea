#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes etc/demo: a small scene of EuroSAT validation chips laid side by side.

usage: Tests/Scripts/make_demo.py PATCHWORK [OUT]

PATCHWORK holds eurosat_hr.tif, eurosat_truth.tif and eurosat_chips.tsv, the larger patchwork of
the same set. The same input gives the same pixels. Needs python3-gdal and python3-numpy.
"""

import csv
import hashlib
import os
import sys

import numpy
from osgeo import gdal

gdal.UseExceptions()

SIDE = 12  # chips along the scene
CHIP = 64  # pixels along a chip
ZOOM = 8  # HR pixels along an LR pixel
PIXEL_METRES = 10
# No multiple of the chip's 640 m, as no scene's corner is.
CORNER = (640130, 5330410)
TITLE = "EuroSAT validation chips side by side, not a real place"
ATTRIBUTION = (
    "EuroSAT, Helber et al. 2019, MIT licence; contains modified Copernicus Sentinel data"
)


def digest(row):
    return hashlib.sha256(row["source"].encode()).hexdigest()


def choose(path):
    """144 chips, 14 or 15 of each class, in an order that only their names decide."""
    with open(path, newline="") as file:
        rows = sorted(csv.DictReader(file, delimiter="\t"), key=digest)
    classes = sorted({int(row["class_index"]) for row in rows})
    total = SIDE * SIDE
    chosen = []
    for index in classes:
        count = total // len(classes) + (index < total % len(classes))
        chosen += [row for row in rows if int(row["class_index"]) == index][:count]
    return sorted(chosen, key=digest)


def create(path, pixels, pixel_metres, crs, options):
    bands, height, width = pixels.shape
    dataset = gdal.GetDriverByName("GTiff").Create(
        path, width, height, bands, gdal.GDT_Byte, options
    )
    dataset.SetProjection(crs)
    dataset.SetGeoTransform((CORNER[0], pixel_metres, 0, CORNER[1], 0, -pixel_metres))
    dataset.SetMetadataItem("TITLE", TITLE)
    dataset.SetMetadataItem("ATTRIBUTION", ATTRIBUTION)
    dataset.WriteArray(pixels)
    return dataset


def main():
    source = sys.argv[1]
    out = sys.argv[2] if len(sys.argv) > 2 else "etc/demo"
    os.environ["GDAL_PAM_ENABLED"] = "NO"
    big = gdal.Open(os.path.join(source, "eurosat_hr.tif"))
    big_truth = gdal.Open(os.path.join(source, "eurosat_truth.tif"))
    crs = big.GetProjection()

    high = numpy.empty((3, SIDE * CHIP, SIDE * CHIP), numpy.uint8)
    truth = numpy.empty((1, SIDE, SIDE), numpy.uint8)
    for place, row in enumerate(choose(os.path.join(source, "eurosat_chips.tsv"))):
        y, x = divmod(place, SIDE)
        high[:, y * CHIP : (y + 1) * CHIP, x * CHIP : (x + 1) * CHIP] = big.ReadAsArray(
            int(row["col"]) * CHIP, int(row["row"]) * CHIP, CHIP, CHIP
        )
        truth[0, y, x] = int(row["class_index"])

    # The integer mean of each block, rounded half up.
    side = SIDE * CHIP // ZOOM
    sums = high.astype(numpy.uint32).reshape(3, side, ZOOM, side, ZOOM).sum(axis=(2, 4))
    low = ((sums + ZOOM * ZOOM // 2) // (ZOOM * ZOOM)).astype(numpy.uint8)

    tiled = ["TILED=YES", "PHOTOMETRIC=RGB"]
    create(
        os.path.join(out, "eurosat_hr.tif"), high, PIXEL_METRES, crs,
        tiled + ["COMPRESS=WEBP", "WEBP_LOSSLESS=YES"],
    )
    create(
        os.path.join(out, "eurosat_lr.tif"), low, PIXEL_METRES * ZOOM, crs,
        tiled + ["BLOCKXSIZE=32", "BLOCKYSIZE=32", "COMPRESS=DEFLATE", "PREDICTOR=2"],
    )
    dataset = create(
        os.path.join(out, "eurosat_truth.tif"), truth, PIXEL_METRES * CHIP, crs,
        ["COMPRESS=DEFLATE", "PHOTOMETRIC=PALETTE"],
    )
    for key, value in big_truth.GetMetadata().items():
        if key.startswith("CLASS_"):
            dataset.SetMetadataItem(key, value)
    dataset.GetRasterBand(1).SetColorTable(big_truth.GetRasterBand(1).GetColorTable())


if __name__ == "__main__":
    main()
