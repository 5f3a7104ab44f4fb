"""Place elevators at 1,000 stairs: ``python tests/benchmarks/elevators_siting.py [--stairs N]``.

Prints a Markdown table of CPU seconds. The town is drawn from a seed: slabs at any angle, plain, stepped and with a wing;
a lane, four pipes, trees and a way to each door. The peer is the same code one stair at a time.
"""

from __future__ import annotations

import argparse
import time

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from shapely import affinity

from plan.elevators import Costs, ElevatorSizes, Limits, Slide, place_elevators
from plan.elevators.candidates import templates
from plan.elevators.judging import judge
from plan.elevators.stairs import stairs_of
from plan.elevators.surroundings import origin_of, surroundings_of
from plan.site import Site
from plan.validation import validate

CRS = pyproj.CRS.from_epsg(4548)
LIMITS = Limits(fire_lane_m=4.0, separation_m=6.0, lane_to_facade_m=5.0)
PLAIN = [(0, 0), (50, 0), (50, 11), (0, 11)]
STEPPED = [(0, 0), (50, 0), (50, 11), (38, 11), (38, 12.2), (26, 12.2), (26, 11), (0, 11)]
WINGED = [(0, 0), (40, 0), (40, -10), (50, -10), (50, 11), (0, 11)]
EACH = 4  # stairs of a slab
SAMPLE = 40  # stairs of the peer


def town(stairs):
    """Draw a town of so many stairs."""
    dice = np.random.default_rng(7)
    layers = {
        name: [] for name in ("buildings", "entrances", "fire_lanes", "utilities", "obstacles", "walkways")
    }
    for number in range(-(-stairs // EACH)):
        row, column = divmod(number, 16)
        place = (500_000 + 75 * column, 2_900_000 + 45 * row)
        turn = float(dice.uniform(-12, 12))
        outline = shapely.Polygon((PLAIN, STEPPED, WINGED)[number % 3])

        def put(shape, place=place, turn=turn):
            return affinity.translate(affinity.rotate(shape, turn, origin=(25, 5)), *place)

        house = f"B{number:04d}"
        layers["buildings"].append({"building_id": house, "floors": 6, "geometry": put(outline)})
        for k in range(EACH):
            x = 6 + 12.5 * k
            y = outline.intersection(shapely.LineString([(x, -20), (x, 30)])).bounds[3]
            stair = {"entrance_id": f"D{number:04d}{k}", "kind": "stairwell", "building_id": house}
            layers["entrances"].append(
                stair | {"stairwell_id": f"{house}-{k}", "geometry": put(shapely.Point(x, y))}
            )
            way = put(shapely.LineString([(x, y), (x, 17)]))
            layers["walkways"].append(
                {"way_id": f"W{number:04d}{k}", "kind": "path", "width_m": 1.5, "geometry": way}
            )
        middle = put(shapely.LineString([(-8, 18), (60, 18)]))
        width = 4.0 + 2 * (number % 2)
        layers["fire_lanes"].append({"lane_id": f"L{house}", "width_m": width, "geometry": middle})
        layers["walkways"].append({"way_id": f"R{house}", "kind": "path", "width_m": 4.0, "geometry": middle})
        for off, clear in ((1.6, 1.5), (3.0, 2.5), (4.5, 1.0), (7.0, 0.5)):
            pipe = put(shapely.LineString([(0, 11 + off), (50, 11 + off)]))
            row_ = {"utility_id": f"U{house}{off}", "kind": "gas", "clearance_m": clear, "geometry": pipe}
            layers["utilities"].append(row_)
        for k in range(6):
            spot = put(shapely.Point(float(dice.uniform(0, 50)), float(dice.uniform(13, 16))))
            tree = {"obstacle_id": f"T{house}{k}", "kind": "tree", "radius_m": 1.2, "removable": bool(k % 2)}
            layers["obstacles"].append(tree | {"cost_cny": 2000.0, "geometry": spot})
    layers["parcels"] = [{"parcel_id": "P1", "geometry": shapely.box(499_900, 2_899_900, 501_400, 2_903_000)}]
    return Site(name="town", layers={n: frame(n, rows) for n, rows in layers.items()}, crs=CRS)


def frame(name, rows):
    """Return rows as a layer."""
    columns = [c for c in rows[0] if c != "geometry"]
    table = {c: [row[c] for row in rows] for c in columns}
    return validate(name, gpd.GeoDataFrame(table, geometry=[row["geometry"] for row in rows], crs=CRS))[0]


def spent(step):
    """Return what a step gives, and its CPU seconds."""
    start = time.process_time()
    return step(), time.process_time() - start


def main():
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stairs", type=int, default=1000)
    count = parser.parse_args().stairs
    site, small = town(count), town(8)
    place_elevators(small, limits=LIMITS)  # what is loaded once
    origin = origin_of(site)
    tried = templates(sizes=ElevatorSizes(), slide=Slide())
    around, t_around = spent(lambda: surroundings_of(site, origin=origin))
    stairs, t_stairs = spent(lambda: stairs_of(site, origin=origin, min_storeys=4))
    judged, t_judged = spent(lambda: judge(list(stairs), around, tried, LIMITS, Costs()))
    placed, t_placed = spent(lambda: place_elevators(site, limits=LIMITS))
    part = list(stairs)[:: max(len(stairs) // SAMPLE, 1)][:SAMPLE]
    _, t_peer = spent(lambda: [judge([stair], around, tried, LIMITS, Costs()) for stair in part])
    peer = t_peer / len(part) * len(stairs)
    print(f"{len(stairs):,} stairs, {len(judged.code):,} positions, {placed.measures['placed']:,} placed\n")
    print("| step | CPU s |\n|---|--:|")
    print(f"| surroundings | {t_around:.2f} |")
    print(f"| façades of the stairs | {t_stairs:.2f} |")
    print(f"| positions, clearances and what makes way | {t_judged:.2f} |")
    print(f"| the whole, with choice and reasons | {t_placed:.2f} |")
    print(f"| positions and clearances one stair at a time (from {len(part)}) | {peer:.1f} |")
    print(f"\nOne stair at a time takes {peer / t_judged:.1f} times as long.")


if __name__ == "__main__":
    main()
