"""The people of the old estate and the land they live on."""

from __future__ import annotations

from _draw import flat_area, people
from _old_estate import EAST_WALL, NORTH_WALL, WEST_WALL, Drawing
from shapely import Point


def settle(d: Drawing) -> None:
    """Fill the flats: who lives there, who owns them, and how the owners voted on an elevator."""
    dice = d.dice
    owners: list[str] = []
    for building in d.slabs.values():
        if "use" in building.attributes:
            continue
        stairwells = [(s, t) for k, (s, t) in enumerate(building.doors) if k < len(building.widths)]
        for k, (s, t) in enumerate(stairwells, start=1):
            mood = dice.pick(["strong", "strong", "strong", "just", "just", "mixed", "mixed", "hopeless"])
            yes = {"strong": 0.9, "just": 0.72, "mixed": 0.55, "hopeless": 0.25}[mood]
            for floor in range(1, building.floors + 1):
                for side in (1, 2):
                    if (building.building_id, k, floor, side) in d.taken:
                        continue
                    if building.attributes["row"] == 0 and floor == 1:
                        continue  # shops
                    number = len(d.layer("households")) + 1
                    again = bool(owners) and dice.chance(0.04)
                    owners.append(dice.pick(owners) if again and owners else f"O{number:04d}")
                    area = flat_area(
                        building.widths[k - 1] * (1.1 if (side + k) % 2 else 0.9), building.depth, dice
                    )
                    share = yes - 0.45 if floor == 1 else yes + 0.04 * (floor - 4)
                    throw = dice.between(0, 1)
                    left = max(1.0 - share, 0.0)
                    vote = "yes"
                    if throw >= share:
                        rest = (throw - share) / left
                        vote = (
                            "no"
                            if rest < (0.75 if floor == 1 else 0.4)
                            else "absent"
                            if rest < 0.75
                            else "abstain"
                        )
                    d.layer("households").append(
                        {
                            "household_id": f"{building.building_id}-{k}-{floor}0{side}",
                            "building_id": building.building_id,
                            "stairwell_id": f"{building.building_id}-{k}",
                            "floor": floor,
                            "area_m2": area,
                            **people(area, dice),
                            "owner_id": owners[-1],
                            "vote": vote,
                            "geometry": Point(building.xy(s, t)),
                        }
                    )


def lay_out(d: Drawing) -> None:
    """Draw the parcel, the community and the open spaces."""
    # In front of the shops the estate ends at the sidewalk; elsewhere at its wall.
    south = [(WEST_WALL, -5.0), (EAST_WALL, -5.0)]
    estate = d.hill.ring([*south, (EAST_WALL, NORTH_WALL), (WEST_WALL, NORTH_WALL)])
    d.layer("parcels").append(
        {
            "parcel_id": "P1", "name": "青山新村", "estate_id": "E1", "land_use": "residential", "status": "existing",
            "built_on": "1996-06-01", "occupancy": 0.93, "geometry": estate,
        }
    )  # fmt: skip
    d.layer("communities").append({"community_id": "S1", "name": "青山社区", "residents": sum(int(str(h["persons"])) for h in d.layer("households")),
        "windows": 1, "staff": 7, "committee": 5, "party_mass_worker": 1, "graduate": 2, "social_worker": 1, "organisation": 6,
        "party_member": 186, "budget_cny": 80000.0, "geometry": d.hill.ring(
        [(-30.0, -22.0), (345.0, -22.0), (345.0, 278.0), (-30.0, 278.0)]
    )})  # fmt: skip
    spaces = [
        ("青山广场", "paving", [(97.0, 71.0), (126.0, 67.0), (150.0, 66.5), (150.0, 81.5), (127.0, 82.5), (101.0, 82.0)]),
        ("东坡空地", "gravel", [(226.0, 66.0), (262.0, 64.0), (300.0, 66.0), (302.0, 73.0), (262.0, 82.0), (244.0, 79.5), (224.0, 79.0)]),
        ("西坡菜地", "soil", [(14.0, 99.0), (58.0, 97.0), (80.0, 99.0), (84.0, 112.0), (50.0, 110.0), (42.0, 106.0), (14.0, 104.0)]),
        ("锅炉房旧址", "concrete", [(226.0, 163.0), (252.0, 160.0), (298.0, 162.0), (300.0, 169.0), (262.0, 176.0), (228.0, 176.0)]),
        ("顶坪", "gravel", [(256.0, 232.0), (300.0, 231.0), (306.0, 246.0), (270.0, 243.0)]),
    ]  # fmt: skip
    for number, (name, surface, points) in enumerate(spaces, start=1):
        d.layer("open_spaces").append(
            {"space_id": f"A{number}", "name": name, "surface": surface, "geometry": d.hill.ring(points)}
        )
