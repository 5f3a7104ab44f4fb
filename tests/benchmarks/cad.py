"""Measure sites drawn as DXF and read again: ``python tests/benchmarks/cad.py`` prints rows of a Markdown table.

Every row states what differs after the round trip, layers apart: ids, columns, values, and the largest difference of an
area. A bureau's drawing (GBK, millimetres, arcs, blocks) is compared with its GeoPackage twin in the last row.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from plan.cad import site_dxf
from plan.files import write_text
from plan.readers import read_site

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "cad"))
import bureau_drawing as bureau  # noqa: E402 - beside the tests, where it is drawn for

HEAD = (
    "| site | layer | rows | ids differ | columns differ | values differ | largest difference of area, mm2 per m2 |\n"
    "|---|---|---|---|---|---|---|"
)
ROUND_TRIP = 1.0  # mm2 per m2 that areas may differ by


def compare(title, before, after, *, columns=None):
    """Print a row for each layer; return the largest difference of an area, mm2 per m2."""
    worst = 0.0
    for name, frame in before.layers.items():
        key = frame.columns[0]
        one, other = frame.sort_values(key), after.layers[name].sort_values(key)
        names = [c for c in one.columns if c != "geometry"]
        ids = sum(a != b for a, b in zip(one[key], other[key], strict=True))
        lost = len(set(names) - set(other.columns)) + (
            0 if columns else len(set(other.columns) - set(one.columns))
        )
        shared = [c for c in names if c in other.columns]
        left, right = (
            f[shared].round(9).astype(object).where(f[shared].notna(), None).to_numpy() for f in (one, other)
        )
        values = int((left != right).sum())
        area = one.area.to_numpy()
        off = [abs(a - b) / a * 1e6 for a, b in zip(area, other.area, strict=True) if a > 0]
        worst = max([worst, *off])
        print(f"| {title} | {name} | {len(one)} | {ids} | {lost} | {values} | {max(off, default=0.0):.3g} |")
    return worst


def main():
    """Print the table, and what the round trip cost."""
    print(HEAD)
    worst = {}
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.dxf"
        for name in ("old_estate", "new_estate", "district"):
            site = read_site(ROOT / "sample_gis" / f"{name}.gpkg")
            start = time.process_time()
            site_dxf(site, path)
            wrote = time.process_time()
            again = read_site(path)
            costs.append((name, path.stat().st_size / 1e6, wrote - start, time.process_time() - wrote))
            worst[name] = compare(name, site, again)
        bureau.draw(path)
        write_text(Path(folder) / "m.toml", bureau.MAPPING)
        for name, frame in bureau.twin().items():
            frame.to_file(Path(folder) / "twin.gpkg", layer=name, engine="pyogrio")
        drawn = read_site(path, crs=bureau.CRS, mapping=Path(folder) / "m.toml")
        compare("a bureau's", read_site(Path(folder) / "twin.gpkg"), drawn, columns=True)
    print("\n| site | MB | write, CPU s | read, CPU s |\n|---|---|---|---|")
    for name, size, write, read in costs:
        print(f"| {name} | {size:.1f} | {write:.1f} | {read:.1f} |")
    return 0 if max(worst.values()) <= ROUND_TRIP else 1


if __name__ == "__main__":
    sys.exit(main())
