"""Draw the three sample estates; the same files, byte for byte, on every run.

python sample_gis/make.py [--out DIR]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import _district  # noqa: E402 - the drawings lie beside this script
import _district_people  # noqa: E402
import _new_estate  # noqa: E402
import _old_estate  # noqa: E402
import _old_estate_yard  # noqa: E402
from _files import write_dem, write_gpkg  # noqa: E402


def make(out: Path) -> list[Path]:
    """Write every sample file into a folder and return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    old, dem = out / "old_estate.gpkg", out / "old_estate_dem.tif"
    write_gpkg(old, _old_estate_yard.build(), epsg=_old_estate.EPSG)
    heights, west, north, cell = _old_estate.terrain()
    write_dem(dem, heights, west=west, north=north, cell=cell, epsg=_old_estate.EPSG)
    new = out / "new_estate.gpkg"
    write_gpkg(new, _new_estate.build(), epsg=_new_estate.EPSG)
    district = out / "district.gpkg"
    write_gpkg(district, _district_people.build(), epsg=_district.EPSG)
    return [old, dem, new, district]


def main() -> None:
    """Read the command line, draw, and name the files."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--out", type=Path, default=HERE, help="folder for the files (default: beside this script)"
    )
    for path in make(parser.parse_args().out):
        print(f"{path} {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
