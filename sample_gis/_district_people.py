"""Who lives in the district, where its rooms and facilities are."""

from __future__ import annotations

import shapely
from _district import BLOCK_H, BLOCK_W, EAST, LEVELS, NORTH, Drawing, Rows, bend, bent, fence_of, start
from _district_tables import CANDIDATES, CELLS, COMMON, COMMUNITIES, EXISTING, FACILITIES, STREET_NAMES
from _draw import Slab, at, flat_area, people, shift
from shapely import Point, Polygon


def build() -> Rows:
    """Draw the whole district and return its layers in EPSG:4548."""
    d = start()
    _rooms(d)
    _households(d)
    _communities(d)
    _facilities(d)
    d.layers["walkways"] = d.ways.rows()
    for rows in d.layers.values():
        for row in rows:
            if "geometry" in row:
                row["geometry"] = shift(row["geometry"], EAST, NORTH)  # type: ignore[arg-type]
    return d.layers


def _rooms(d: Drawing) -> None:
    """Put the rooms into ground floors; a unit that is a room or a shop houses nobody on that floor."""

    def place(estate: int, number: int, units: int, share: float) -> tuple[Slab, Polygon, float]:
        house = d.homes[estate][number - 1]
        width = sum(house.widths[:units])
        shape = house.box(0.3, 0.3, width * share, house.depth - 0.3)
        return house, shape, round(shape.area * 0.96, 0)

    for estate, number, units, share, use, functions, handed, name in EXISTING:
        house, shape, area = place(estate, number, units, share)
        d.shops |= {(house.building_id, k, 1) for k in range(1, units + 1)}
        d.layer("rooms").append(
            {
                "room_id": f"R{len(d.layer('rooms')) + 1:02d}",
                "floor": 1,
                "area_m2": area,
                "building_id": house.building_id,
                "use": use,
                "state": "existing",
                "mode": None,
                "cost_cny": None,
                "functions": functions,
                "handed_over_on": handed,
                "name": name,
                "geometry": shape,
            }
        )
    for k, (estate, number, units, floor, use, mode, price, functions) in enumerate(CANDIDATES, start=1):
        house, shape, area = place(estate, number, units, 0.98)
        d.shops |= {(house.building_id, stairwell, floor) for stairwell in range(1, units + 1)}
        d.layer("rooms").append(
            {
                "room_id": f"C{k:02d}",
                "floor": floor,
                "area_m2": area,
                "building_id": house.building_id,
                "use": use,
                "state": "candidate",
                "mode": mode,
                "cost_cny": area * price,
                "functions": functions,
                "handed_over_on": None,
                "name": None,
                "geometry": shape,
            }
        )


def _households(d: Drawing) -> None:
    for cell in CELLS:
        homes = cell.homes
        if homes is None:
            continue
        for house in d.homes[cell.number]:
            for k in range(1, homes.units + 1):
                for floor in range(1, house.floors + 1):
                    if (house.building_id, k, floor) in d.shops:
                        continue
                    for flat in range(1, homes.flats + 1):
                        area = flat_area(homes.unit * 2 / homes.flats, homes.depth, d.dice)
                        who = people(area, d.dice)
                        d.layer("households").append(
                            {
                                "household_id": f"{house.building_id}-{k}-{floor:02d}{flat:02d}",
                                "building_id": house.building_id,
                                "stairwell_id": f"{house.building_id}-{k}",
                                "floor": floor,
                                "area_m2": area,
                                "persons": who["persons"],
                                "elderly": who["elderly"],
                                "children": who["children"],
                            }
                        )


def _communities(d: Drawing) -> None:
    residents: dict[str, int] = {}
    names = {f"E{cell.number:02d}": cell.community for cell in CELLS}
    for row in d.layer("households"):
        name = names[str(row["building_id"]).split("-")[0]]
        residents[name] = residents.get(name, 0) + int(str(row["persons"]))
    for community_id, name, x0, y0, x1, y1, people_of, budget in COMMUNITIES:
        west, east = x0 * BLOCK_W, x1 * BLOCK_W
        south, north = LEVELS[y0], LEVELS[y1] + BLOCK_H
        roles = (
            "windows",
            "staff",
            "committee",
            "party_mass_worker",
            "graduate",
            "social_worker",
            "organisation",
            "party_member",
        )
        d.layer("communities").append(
            {
                "community_id": community_id,
                "name": name,
                "residents": residents[community_id],
                **dict(zip(roles, people_of, strict=True)),
                "budget_cny": budget,
                "geometry": Polygon(
                    bent([(west, south), (east, south), (east, north), (west, north), (west, south)])
                ),
            }
        )


def _facilities(d: Drawing) -> None:
    def add(category: str, name: str, spot: Point, area: float | None, capacity: int | None) -> None:
        d.layer("facilities").append(
            {
                "facility_id": f"Y{len(d.layer('facilities')) + 1:03d}",
                "category": category,
                "name": name,
                "area_m2": area,
                "capacity": capacity,
                "geometry": spot,
            }
        )

    for category, name, column, row, area, capacity in FACILITIES:
        level = LEVELS[min(int(row), 2)] + (row - min(int(row), 2)) * BLOCK_H
        add(category, name, Point(bend(column * BLOCK_W, level)), area, capacity)
    park = next(cell for cell in CELLS if cell.land_use == "park")
    add("park", park.name, Polygon(fence_of(park).coords), round(Polygon(fence_of(park).coords).area), None)  # type: ignore[arg-type]
    built = shapely.union_all([row["geometry"] for row in d.layer("buildings")])  # type: ignore[misc]
    keys = [key for key in d.streets if key[0] in "hvm"]
    taken: dict[str, list[Point]] = {}
    for category, word, count, area in COMMON:
        done = 0
        while done < count:
            key = d.dice.pick(keys)
            line = d.streets[key]
            along = d.dice.between(30.0, line.length - 30.0)
            a, b = line.interpolate(along), line.interpolate(along + 1.0)
            aside = d.dice.pick([-1, 1]) * (14.5 if key[0] in "hv" else 9.5)
            spot = Point(at(a.x - (b.y - a.y) * aside, a.y + (b.x - a.x) * aside))
            near = any(spot.distance(other) < 130.0 for other in taken.get(category, []))
            if near or spot.distance(built) < 2.0 or not -120 < spot.x < 1720 or not -120 < spot.y < 1300:
                continue
            taken.setdefault(category, []).append(spot)
            done += 1
            add(category, f"{STREET_NAMES[key]}{word}{done}", spot, area, None)
