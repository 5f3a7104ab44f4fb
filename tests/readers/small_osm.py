"""Small maps of OpenStreetMap, written as text so that they can be counted by hand."""

from __future__ import annotations


def xml(*things):
    return "<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'>" + "".join(things) + "</osm>"


def tagged(tags):
    return "".join(f"<tag k='{k}' v='{v}'/>" for k, v in tags.items())


def node(number, x=0, y=0, **tags):
    """A node `x` east and `y` north of a corner in Beijing, in units of 0.0001 degrees (about 10 m)."""
    return f"<node id='{number}' version='1' lon='{116 + x * 1e-4:.7f}' lat='{40 + y * 1e-4:.7f}'>{tagged(tags)}</node>"


def way(number, refs, tags):
    return (
        f"<way id='{number}' version='1'>"
        + "".join(f"<nd ref='{r}'/>" for r in refs)
        + tagged(tags)
        + "</way>"
    )


def relation(number, members, tags):
    inside = "".join(f"<member type='way' ref='{ref}' role='{role}'/>" for ref, role in members)
    return f"<relation id='{number}' version='1'>{inside}{tagged(tags)}</relation>"


def square(first, x=0, y=0, size=4):
    """Four nodes numbered from `first`, and the ring over them."""
    corners = [(x, y), (x + size, y), (x + size, y + size), (x, y + size)]
    nodes = [node(first + i, *corner) for i, corner in enumerate(corners)]
    return nodes, [first, first + 1, first + 2, first + 3, first]


def layers(raw):
    return {layer.name: layer.frame for layer in raw.layers}


def only(frame):
    assert len(frame) == 1
    return frame.iloc[0]


def line(read, **tags):
    """The layers of a single way of three nodes."""
    return layers(read(node(1), node(2, 1), node(3, 2), way(9, [1, 2, 3], tags), node(8, 9, amenity="bank")))


def building(read, **tags):
    nodes, ring = square(1)
    return layers(read(*nodes, way(9, ring, tags)))["buildings"]
