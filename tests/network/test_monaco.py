"""The four pairs that GraphHopper publishes for Monaco, on foot, by shortest distance."""

from __future__ import annotations

import csv

import geopandas as gpd
import numpy as np
import osmium
import pandas as pd
import pyproj
import pytest
import shapely

from plan.access import walk_distances
from plan.network import WalkNetwork
from plan.network.noding import node_lines
from plan.network.walls import Obstructions
from plan.readers.osm import read_osm
from plan.site import Site

# The published figures are metres on a sphere (GraphHopper's DistanceCalcEarth: haversine, R = 6371000 m); on the
# ellipsoid the same east-west path is 0.15 % longer. A transverse Mercator of that sphere through the middle of
# Monaco keeps its lengths to a few parts in a million.
SPHERE = pyproj.CRS.from_proj4("+proj=longlat +R=6371000 +no_defs")
LOCAL = pyproj.CRS.from_proj4("+proj=tmerc +lat_0=43.735 +lon_0=7.42 +k=1 +R=6371000 +units=m +no_defs")
NOT_FOR_WALKING = {"motorway", "motorway_link", "construction", "proposed", "raceway", "bus_guideway"}
TOLERANCE = 0.001  # 0.1 % of the distance

pytestmark = pytest.mark.real


def ratios(network, shared):
    """Return our metres as a share of the published ones, for the four pairs."""
    with (shared / "data/expected/graphhopper_monaco_foot.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    found = []
    for row in rows:
        ends = gpd.GeoDataFrame(
            {"category": ["end", "end"]},
            geometry=gpd.points_from_xy(
                [float(row["from_lon"]), float(row["to_lon"])], [float(row["from_lat"]), float(row["to_lat"])]
            ),
            crs=SPHERE,
        ).to_crs(LOCAL)
        # GraphHopper measures from the snapped places: the straight paths to them do not count.
        snapped = network.snap(ends.geometry.to_numpy())
        legs = dict(zip(snapped.owner.tolist(), snapped.leg_m.tolist(), strict=True))
        metres = walk_distances(network, ends.iloc[:1], ends.iloc[1:], max_m=float("inf"))
        found.append((metres.loc[0, "end"] - legs[0] - legs[1]) / float(row["expected_m_2d"]))
    return found


def test_from_frames_of_all_highways(shared):
    project = pyproj.Transformer.from_crs(SPHERE, LOCAL, always_xy=True)
    lines = []
    for way in osmium.FileProcessor(str(shared / "data" / "hilly_monaco.osm.pbf")).with_locations():
        if not way.is_way() or "highway" not in way.tags or way.tags["highway"] in NOT_FOR_WALKING:
            continue
        spots = [(node.lon, node.lat) for node in way.nodes if node.location.valid()]
        if len(spots) > 1:
            lines.append(shapely.LineString(np.column_stack(project.transform(*np.transpose(spots)))))
    none = np.zeros(0, dtype=object)
    noded = node_lines(np.array(lines), Obstructions(walls=none, buildings=none), join_m=0)
    nodes = pd.DataFrame(noded.xy, columns=["x", "y"])
    edges = gpd.GeoDataFrame({"u": noded.u, "v": noded.v}, geometry=noded.geometry, crs=LOCAL)
    network = WalkNetwork.from_frames(nodes, edges.assign(length_m=edges.length))
    assert ratios(network, shared) == pytest.approx([1.0] * 4, abs=TOLERANCE)


def test_from_the_walkways_that_the_reader_gives(shared):
    raw = read_osm(shared / "data" / "hilly_monaco.osm.pbf")
    layers = {
        layer.name: layer.frame for layer in raw.layers if layer.name in ("walkways", "barriers", "entrances")
    }
    # Who computed the expected lengths walks along the edges of squares, and not across.
    ways = layers["walkways"]
    layers["walkways"] = ways[~ways["way_id"].str.contains("/across")]
    on_sphere = {name: f.set_crs(SPHERE, allow_override=True).to_crs(LOCAL) for name, f in layers.items()}
    network = WalkNetwork.from_site(Site(name="Monaco", layers=on_sphere, crs=LOCAL))
    assert ratios(network, shared) == pytest.approx([1.0] * 4, abs=TOLERANCE)
