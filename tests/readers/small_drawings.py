"""Small drawings: squares and houses at a place in China, written, and what is told of them."""

from __future__ import annotations

import ezdxf

from plan.readers import inspect_sources, read_site

X, Y = 500_000.0, 2_905_000.0
CRS = "EPSG:4548"


def square(x, y, size, *, k=1.0):
    return [
        ((X + a) * k, (Y + b) * k) for a, b in ((x, y), (x + size, y), (x + size, y + size), (x, y + size))
    ]


def drawing(*, units=6, version="R2010"):
    return ezdxf.new(version, units=units)


def house(doc, *, x=0.0, k=1.0, layer="建筑", name="1号楼", floors="6F"):
    space = doc.modelspace()
    space.add_lwpolyline(square(x, 0, 20, k=k), close=True, dxfattribs={"layer": layer})
    for text, dy in ((name, 12), (floors, 6)):
        if text:
            space.add_text(text, height=k).set_placement(((X + x + 10) * k, (Y + dy) * k))


def box(doc, layer, corners, *, k=1.0, space=None, east=X, north=Y):
    x0, y0, x1, y1 = corners
    points = [((east + a) * k, (north + b) * k) for a, b in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
    where = doc.modelspace() if space is None else space
    return where.add_lwpolyline(points, close=True, dxfattribs={"layer": layer})


def told(path, **options):
    return {p.id: p for p in inspect_sources(path, **{"crs": CRS, **options}).problems}


def site(path, **options):
    return read_site(path, **{"crs": CRS, **options})


def saved(doc, tmp_path, name="a.dxf"):
    doc.saveas(tmp_path / name)
    return tmp_path / name
