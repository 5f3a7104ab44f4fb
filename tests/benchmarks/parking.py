"""Lay out lots with published or computed counts: ``python tests/benchmarks/parking.py [--small] [--write FILE]``.

Prints a Markdown table: what was published, the goal, the stalls found, their bound, the CPU seconds of the process,
and what the independent check says. The lots lie in ``../shared/instances/parking`` beside the repository.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry import LineString, box, shape

from plan.parking import StallSpec, faultless, place_stalls, practical_bound, verify

LOTS = Path(__file__).resolve().parents[3] / "shared" / "instances" / "parking"
SECONDS = 55.0  # of search; bounds and the check come on top
HEAD = "| lot | published | goal | stalls | proven bound | rule of thumb | CPU s | check |"
RULE = "|---|--:|--:|--:|--:|--:|--:|---|"


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A lot, what was published of it, and what is wanted."""

    name: str
    file: str
    published: str = "–"
    goal: int | None = None
    gates: tuple[LineString, ...] | None = None  # instead of those drawn
    small: bool = False


def single_gate():
    """Return an opening of 6 m in the middle of the edge that is open as a whole."""
    gate = drawn("dtu_engelsborgvej")["gate"][0]
    middle = gate.length / 2
    return LineString([gate.interpolate(middle - 3), gate.interpolate(middle + 3)])


INSTANCES = (
    Instance(name="dtu_engelsborgvej", file="dtu_engelsborgvej", published="139", goal=145),
    Instance(name="dtu_engelsborgvej, one gate of 6 m", file="dtu_engelsborgvej", gates=()),
    Instance(name="dtu_ikea", file="dtu_ikea", published="332 (316 at 2.8 m)", goal=345),
    Instance(name="dtu_stadeskrog", file="dtu_stadeskrog", published="76 as built", goal=80),
    Instance(
        name="rect_ilp_120x120",
        file="rect_ilp_120x120",
        published="613",
        goal=613,
        # The two end roads lead out, and nothing else does.
        gates=(LineString([(0, 0), (0, 7)]), LineString([(0, 113), (0, 120)])),
    ),
    Instance(name="est01 strip 9.6 x 60", file="est01_strip_9x60", goal=19, small=True),
    Instance(name="est02 strip 12.2 x 70", file="est02_strip_12x70", goal=31, small=True),
    Instance(name="est03 strip 15.1 x 72", file="est03_strip_15x72", goal=41, small=True),
    Instance(name="est04 strip 18 x 64", file="est04_strip_18x64", goal=52, small=True),
    Instance(name="est06 L", file="est06_L"),
    Instance(name="est07 courtyard", file="est07_courtyard"),
    Instance(name="est08 lane 6.6 x 110", file="est08_lane_6p5x110", goal=15, small=True),
    Instance(name="est09 T", file="est09_T"),
    Instance(name="est11 U", file="est11_U"),
    Instance(name="est12 fire lane", file="est12_firelane_24x75"),
)


def drawn(file):
    """Return the shapes of a lot by their role, and its parameters."""
    data = json.loads((LOTS / f"{file}.geojson").read_text(encoding="utf-8"))
    roles = {"site": [], "obstacle": [], "firelane": [], "gate": [], "params": data["params"]}
    for feature in data["features"]:
        roles[feature["properties"]["role"]].append(shape(feature["geometry"]))
    return roles


def stalls_of(params):
    return StallSpec.of(
        width_m=params["stall_w"],
        length_m=params["stall_l"],
        aisles_m={float(angle): width for angle, width in params["aisle"].items()},
        lane_m=params["cross"],
        two_way_m=params.get("two_way", 6.0),
    )


def row(instance, seconds):
    """Lay out one lot, and return its row of the table."""
    roles = drawn(instance.file)
    spec = stalls_of(roles["params"])
    gates = roles["gate"]
    if instance.gates is not None:
        gates = list(instance.gates) or [single_gate()]
    ground = {"gates": gates, "obstacles": roles["obstacle"], "fire_lanes": roles["firelane"]}
    begun = time.process_time()
    placement = place_stalls(
        roles["site"][0], **ground, stall=spec, angles_deg=None, time_limit_s=seconds, seed=1
    )
    cpu = time.process_time() - begun
    faults = verify(
        roles["site"][0],
        placement.features,
        placement.measures["aisles"],
        **ground,
        turning_places=placement.measures["turning_places"],
        stall=spec,
    )
    told = ", ".join(
        f"{count} {kind}" for kind, count in sorted(Counter(f.kind.value for f in faults).items())
    )
    verdict = ("proven" if faultless(faults) else "**not proven**") + (f" ({told})" if told else "")
    thumb = practical_bound(
        roles["site"][0],
        obstacles=roles["obstacle"],
        fire_lanes=roles["firelane"],
        stall=spec,
        angles_deg=sorted({r.angle_deg for r in spec.rows}),
    )
    count = len(placement.features)
    goal = "–" if instance.goal is None else f"≥ {instance.goal}"
    shown = f"{count}" if instance.goal is None or count >= instance.goal else f"{count} (not met)"
    bound = placement.measures["upper_bound"]
    return (
        f"| {instance.name} | {instance.published} | {goal} | {shown} | {bound} | {thumb.stalls} "
        f"| {cpu:.0f} | {verdict} |"
    )


def warm_up():
    """Have the machine code made or loaded, so that the first lot does not pay for it."""
    gate = LineString([(0, 5), (0, 11)])
    spec = StallSpec.of(width_m=2.4, length_m=5.0, aisles_m={45: 3.5, 90: 6.0})
    place_stalls(box(0, 0, 40, 30), gates=[gate], stall=spec, angles_deg=(45, 90), iterations=20)


def main():
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="the strips only, ten seconds each")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of search for each lot")
    parser.add_argument("--only", default="", help="lots whose name contains this")
    parser.add_argument("--write", type=Path, help="write the table to a file, too")
    options = parser.parse_args()
    warm_up()
    lines = [HEAD, RULE]
    print("\n".join(lines), flush=True)
    for instance in INSTANCES:
        if options.only in instance.name and (instance.small or not options.small):
            lines.append(row(instance, 10.0 if options.small else options.seconds))
            print(lines[-1], flush=True)
    if options.write:
        options.write.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
