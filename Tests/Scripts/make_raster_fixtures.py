#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Makes Tests/RasterTests/Fixtures from etc/demo/eurosat_hr.tif, with GDAL's own tools.

usage: Tests/Scripts/make_raster_fixtures.py   (in the root of the repository)

For each raster that is read in a test, NAME.raw holds what gdal_translate reads (band after band)
and NAME.mask.raw the mask that it sees. Needs gdal-bin, python3-gdal and python3-numpy.
"""

import os
import subprocess

import numpy
from osgeo import gdal, osr

gdal.UseExceptions()
gdal.SetConfigOption("GDAL_TIFF_INTERNAL_MASK", "YES")
# For the tools that are started here too.
os.environ["GDAL_PAM_ENABLED"] = "NO"

OUT = "Tests/RasterTests/Fixtures"
WIDTH, HEIGHT = 45, 33
PLACE = (640130, 10, 0, 5330410, 0, -10)
TILES = ["TILED=YES", "BLOCKXSIZE=16", "BLOCKYSIZE=32"]


def write(name, pixels, place=PLACE, epsg=32632, options=(), nodata=None, alpha=False, mask=None):
    types = {"uint8": gdal.GDT_Byte, "uint16": gdal.GDT_UInt16, "float32": gdal.GDT_Float32}
    bands, height, width = pixels.shape
    path = os.path.join(OUT, name)
    options = list(options) + (["ALPHA=YES"] if alpha else [])
    dataset = gdal.GetDriverByName("GTiff").Create(
        path, width, height, bands, types[pixels.dtype.name], options
    )
    if epsg:
        system = osr.SpatialReference()
        system.ImportFromEPSG(epsg)
        dataset.SetSpatialRef(system)
    if place:
        dataset.SetGeoTransform(place)
    if nodata is not None:
        dataset.GetRasterBand(1).SetNoDataValue(nodata)
    if mask is not None:
        dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.WriteArray(pixels)
    if mask is not None:
        dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask)
    return dataset


def expect(name):
    """Stores what GDAL's own tool reads of a fixture."""
    source = os.path.join(OUT, name)
    for suffix, bands in [(".raw", []), (".mask.raw", ["-b", "mask"])]:
        raw = os.path.join(OUT, os.path.splitext(name)[0] + suffix)
        subprocess.run(
            ["gdal_translate", "-q", "-of", "ENVI", "-co", "INTERLEAVE=BSQ", *bands, source, raw],
            check=True,
        )
        for side in (".hdr", ".aux.xml", ".msk"):
            for path in (raw + side, os.path.splitext(raw)[0] + side):
                if os.path.exists(path):
                    os.remove(path)


def main():
    os.makedirs(OUT, exist_ok=True)
    rgb = gdal.Open("etc/demo/eurosat_hr.tif").ReadAsArray(40, 50, WIDTH, HEIGHT)
    rows, columns = numpy.mgrid[0:HEIGHT, 0:WIDTH]
    inside = columns + rows > 20
    collar = numpy.where(inside, numpy.maximum(rgb, 1), 0).astype(numpy.uint8)
    # Dark in one band, yet a pixel with values.
    collar[0, 30, 40] = 0
    values = rgb.astype(numpy.float32) / 7
    holes = numpy.where(inside, values, numpy.nan).astype(numpy.float32)
    holes[1, 20, 30] = numpy.inf

    deflate = ["COMPRESS=DEFLATE", "PREDICTOR=2"]
    rgb_options = ["PHOTOMETRIC=RGB"] + deflate
    write("rgb.tif", rgb, options=TILES + rgb_options)
    write("collar.tif", collar, options=rgb_options, nodata=0)
    write("mask.tif", rgb, options=rgb_options, mask=inside * numpy.uint8(255))
    write("alpha.tif", numpy.concatenate([rgb, inside[None] * numpy.uint8(255)]),
          options=rgb_options, alpha=True)
    write("float.tif", holes, nodata=float("nan"),
          options=["COMPRESS=DEFLATE", "BIGTIFF=YES", "ENDIANNESS=BIG"])
    for name in ("rgb.tif", "collar.tif", "mask.tif", "alpha.tif", "float.tif"):
        expect(name)

    # Refused: each for one reason.
    grey = rgb[:1]
    write("degrees.tif", grey, place=(10.9, 1e-4, 0, 48.1, 0, -1e-4), epsg=4326)
    write("mercator.tif", grey, place=(1213000, 10, 0, 6130000, 0, -10), epsg=3857)
    write("feet.tif", grey, place=(980000, 10, 0, 200000, 0, -10), epsg=2263)
    write("rotated.tif", grey, place=(640130, 8, 6, 5330410, 6, -8))
    write("south_up.tif", grey, place=(640130, 10, 0, 5330410, 0, 10))
    write("oblong.tif", grey, place=(640130, 10, 0, 5330410, 0, -20))
    write("no_place.tif", grey, place=None)
    write("no_crs.tif", grey, epsg=None)
    write("far.tif", grey, place=(9e7, 10, 0, 9e7, 0, -10))
    write("uint16.tif", grey.astype(numpy.uint16))
    write("empty.tif", numpy.zeros_like(grey), nodata=0)
    # GDAL opens this file when someone counts overviews; it lies in the raster's own folder.
    dataset = write("overview_file.tif", rgb, options=rgb_options)
    dataset.SetMetadataItem("OVERVIEW_FILE", ":::BASE:::overview.tif", "OVERVIEWS")
    del dataset

    jpeg = os.path.join(OUT, "chip.jpg")
    source = os.path.join(OUT, "rgb.tif")
    subprocess.run(["gdal_translate", "-q", "-of", "JPEG", source, jpeg], check=True)
    expect("chip.jpg")
    os.remove(os.path.join(OUT, "chip.mask.raw"))


if __name__ == "__main__":
    main()
