"""Every real file of the field through ``plan inspect`` and ``plan import``, each in a process of its own: what is told, what comes out.

    python tests/benchmarks/real_files.py [NAME ...] [--keep FOLDER] [--write FILE]

The exit codes are those of the two commands, the CPU seconds those of each, the megabytes the larger of both. Rows are those
that the source holds and those of the site that is written; where the two differ and no problem names the layer, rows
were lost without a word, and the line says so. Exit code 1 when that happens, when anything like a traceback is printed, or past
the limits.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pyogrio

sys.path.insert(0, str(Path(__file__).resolve().parent))

from bad_inputs import ran

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared" / "data"
LIMIT_S = 60.0
LIMIT_MB = 2048
NOT_USED = ("PLAN-LAYER-001", "PLAN-CAD-004")  # layers that are told to be left out
DRAWING = "ezdxf_houses_of_parliament_georeferenced.dxf"
# What a planner would write beside the drawing: its one layer is called 0, which says nothing.
MAPPING = """[[dxf]]
match = "0"
layer = "buildings"
set = { use = "office" }
"""
# A file as a bureau has it, and what has to be said of it on the command line.
ARGUMENTS = {
    "gbk_shp_nanshan/建筑.shp": (),
    "gbk_shp_nanshan/小区_cgcs2000.shp": (),
    "gbk_shp_nanshan": (),
    DRAWING: (),
    f"{DRAWING} --mapping": ("--mapping", "{mapping}"),
    "hefei_hfut_buildings.geojson": (),
    "hefei_hfut_roads.geojson": (),
    "wuhan_guanggu_buildings_height.gpkg": (),
}


def inputs(names):
    """Return what goes in: a title, the path and the words of the command line; all, or those that contain a name."""
    every = list(ARGUMENTS) + sorted(path.name for path in SHARED.glob("*.osm.pbf"))
    return [title for title in every if not names or any(name in title for name in names)]


def of_file(title, folder):
    """Run both commands; return the cells of the line, and what is wrong."""
    mapping = folder / "layers.toml"
    mapping.write_text(MAPPING, encoding="utf-8")
    words = [word.format(mapping=mapping) for word in ARGUMENTS.get(title, ())]
    source = str(SHARED / title.split(" --", 1)[0])
    output = folder / f"{title.replace('/', '_').replace(' ', '')}.site.gpkg"
    said, talk, inspected, _, first_s, first_mb = ran(
        "inspect", source, "--format", "json", "--lang", "en", *words
    )
    _, talk2, imported, _, second_s, second_mb = ran(
        "import", source, "-o", str(output), "--lang", "en", *words
    )
    told = json.loads(said) if said else {"problems": [], "layers": []}
    (folder / f"{output.name}.json").write_text(said, encoding="utf-8")
    held = {layer["layer"] or layer["source_layer"]: layer["rows"] for layer in told["layers"]}
    written, shapeless = rows_of(output) if output.exists() else ({}, {})
    named = {p["layer"] for p in told["problems"] if p["effect"] != "noted" or p["id"] in NOT_USED}
    unsaid = sorted(
        name for name, rows in held.items() if written and written.get(name, 0) < rows and name not in named
    )
    unsaid += sorted(f"{name} (shapes)" for name in shapeless if name not in named)
    wrong = [f"rows of {', '.join(unsaid)} are lost without a word"] if unsaid else []
    wrong += ["a traceback"] if "Traceback" in talk + talk2 else []
    wrong += (
        ["past the limits"] if max(first_s, second_s) > LIMIT_S or max(first_mb, second_mb) > LIMIT_MB else []
    )
    ids = Counter(problem["id"].removeprefix("PLAN-") for problem in told["problems"])
    layers = "; ".join(
        f"{name} {shown(held.get(name), written.get(name), shapeless.get(name))}"
        for name in {**held, **written}
    )
    findings = ", ".join(f"{key}{f' ×{count}' if count > 1 else ''}" for key, count in sorted(ids.items()))
    cells = [
        title, f"{inspected} {imported}", f"{first_s:.1f} {second_s:.1f}", f"{max(first_mb, second_mb):.0f}",
        findings or "–", layers or "–", "; ".join(wrong) or "–",
    ]  # fmt: skip
    return cells, bool(wrong)


def rows_of(path):
    """Return the layers of a site file with their rows, and how many of these have no shape."""
    rows, shapeless = {}, {}
    for name, kind in pyogrio.list_layers(path):
        if kind:
            frame = pyogrio.read_dataframe(path, layer=name, columns=[])
            rows[name] = len(frame)
            if frame.geometry.isna().any():
                shapeless[name] = int(frame.geometry.isna().sum())
    return rows, shapeless


def shown(held, written, shapeless):
    """Return rows of a layer, those of the source first where they are not those of the site."""
    rows = f"{written}" if held == written else f"{'–' if held is None else held} → {written or 0}"
    return f"{rows} ({shapeless} without shape)" if shapeless else rows


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*")
    parser.add_argument("--keep", type=Path, help="where sites and findings stay")
    parser.add_argument("--write", type=Path)
    given = parser.parse_args()
    lines = [
        "| file | exit | CPU s | MB | problems | layers: rows | wrong |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    print("\n".join(lines), flush=True)
    failed = 0
    with tempfile.TemporaryDirectory() as name:
        folder = given.keep or Path(name)
        folder.mkdir(parents=True, exist_ok=True)
        for title in inputs(given.names):
            cells, wrong = of_file(title, folder)
            failed += wrong
            lines.append(f"| {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    if given.write:
        given.write.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
