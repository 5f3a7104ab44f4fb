"""Live OpenStreetMap: without a network, against a server of our own on this machine, and with no server at all."""

from __future__ import annotations

import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import geopandas as gpd
import pytest
import shapely

from plan.errors import InputError, UnavailableError, UsageError
from plan.readers import overpass
from plan.readers._osm_collect import Collector
from plan.readers.overpass import is_overpass, read_overpass

BOX = (116.34, 39.95, 116.36, 39.97)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.mark.parametrize("area", [BOX, "osm:116.34,39.95,116.36,39.97", "osm:福建省三明市"])
def test_without_a_server_the_cure_is_a_file(area):
    with pytest.raises(UnavailableError) as caught:
        read_overpass(area, url=f"http://127.0.0.1:{free_port()}/api", connect_s=1)
    english = caught.value.message.to("en")
    assert "needs the internet" in english
    assert "plan import FILE" in english
    assert "互联网" in str(caught.value)


@pytest.mark.parametrize(
    "area",
    [
        "osm:",
        "osm:1,2,3",
        "osm:116.36,39.95,116.34,39.97",
        "osm:116,39,116.2,100",
        "osm:nan,1,2,3",
        (1, 2, 3),
    ],
)
def test_a_box_that_makes_no_sense_is_refused_before_anything_is_asked(area):
    with pytest.raises(UsageError, match="西界"):
        read_overpass(area, url="http://127.0.0.1:1/api")


def test_a_box_that_is_too_large_is_refused():
    with pytest.raises(UsageError, match=r"0\.5"):
        read_overpass("osm:116,39,116.6,39.1", url="http://127.0.0.1:1/api")


@pytest.mark.parametrize(
    ("source", "expected"), [("osm:三明", True), ("OSM:1,2,3,4", True), ("a.osm", False)]
)
def test_what_asks_for_live_data(source, expected):
    assert is_overpass(source) is expected


ELEMENTS = [
    {"type": "node", "id": 1, "lat": 39.960, "lon": 116.350, "tags": {"entrance": "main"}},
    {"type": "node", "id": 2, "lat": 39.960, "lon": 116.351},
    {"type": "node", "id": 3, "lat": 39.961, "lon": 116.351},
    {"type": "node", "id": 4, "lat": 39.961, "lon": 116.350},
    {"type": "node", "id": 5, "lat": 39.962, "lon": 116.352, "tags": {"amenity": "bank", "name": "工商银行"}},
    {
        "type": "way",
        "id": 10,
        "nodes": [1, 2, 3, 4, 1],
        "tags": {"building": "apartments", "building:levels": "6"},
    },
    {"type": "way", "id": 11, "nodes": [1, 5], "tags": {"highway": "steps", "oneway:foot": "-1"}},
    {"type": "way", "id": 12, "nodes": [2, 5], "tags": {"highway": "motorway"}},
]


class Overpass(BaseHTTPRequestHandler):
    elements = ELEMENTS

    def answer(self, text, kind):
        body = text.encode()
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.answer(
            "Connected as: 1\nCurrent time: 2026\nRate limit: 0\n\n2 slots available now.\n", "text/plain"
        )

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(json.dumps({"elements": self.elements}), "application/json")

    def log_message(self, *args):
        """Say nothing."""


@pytest.fixture
def server():
    class Ours(Overpass):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Ours) as running:
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        try:
            yield Ours, f"http://127.0.0.1:{running.server_address[1]}/api"
        finally:
            running.shutdown()
            thread.join()


def test_an_area_becomes_the_layers_of_a_file(server):
    raw = read_overpass(BOX, url=server[1])
    found = {layer.name: layer.frame for layer in raw.layers}
    assert set(found) == {"buildings", "entrances", "facilities", "walkways"}
    assert found["buildings"][["building_id", "floors", "use"]].iloc[0].tolist() == ["w10", 6, "apartments"]
    assert found["entrances"][["entrance_id", "building_id", "main"]].iloc[0].tolist() == ["n1", "w10", True]
    assert found["walkways"]["way_id"].tolist() == ["w11"]
    assert found["walkways"].geometry.iloc[0].coords[0] == (116.352, 39.962)
    assert found["facilities"]["name"].tolist() == ["工商银行"]
    assert raw.attribution.startswith("© OpenStreetMap contributors")
    assert raw.layers[0].path == "osm:116.34,39.95,116.36,39.97"


def test_the_settings_of_osmnx_are_as_before(server, tmp_path, monkeypatch):
    import osmnx

    monkeypatch.chdir(tmp_path)
    before = {
        name: getattr(osmnx.settings, name) for name in ("overpass_url", "requests_timeout", "use_cache")
    }
    resolve = socket.getaddrinfo
    read_overpass(BOX, url=server[1])
    assert {name: getattr(osmnx.settings, name) for name in before} == before
    assert socket.getaddrinfo is resolve
    assert not list(tmp_path.iterdir())  # no cache was left behind


def test_an_area_with_nothing_in_it_is_an_input_error(server):
    server[0].elements = []
    with pytest.raises(InputError) as caught:
        read_overpass(BOX, url=server[1])
    assert [p.id for p in caught.value.problems] == ["PLAN-DATA-001"]


def test_relations_and_absent_shapes_from_osmnx():
    frame = gpd.GeoDataFrame(
        {"building": ["yes", "yes"], "name": [None, "环形楼"]},
        geometry=[None, shapely.box(0, 0, 3, 3) - shapely.box(1, 1, 2, 2)],
        index=[("way", 1), ("relation", 2)],
        crs=4326,
    )
    collector = Collector()
    overpass._sort(frame, collector)
    (row,) = collector.finish()["buildings"]
    assert (row["building_id"], row["name"], row["geometry"].area) == ("r2", "环形楼", 8)
    assert collector.broken == ["w1"]
