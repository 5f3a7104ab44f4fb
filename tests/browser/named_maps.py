"""Maps in which every field of text holds a name that the test chose."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import pyproj
from shapely.geometry import LineString, Point, box, mapping

from plan.crs import to_wgs84
from plan.findings import Clause, Finding, InputFile, PackRef, Report, Status, Strength, reason
from plan.maps import hearing_map
from plan.site import Placement, Site

CRS = pyproj.CRS("EPSG:4547")
X, Y = 500_000.0, 3_300_000.0
ORDINARY = [
    "堃园1号楼",
    "12号楼",
    "喆景苑",
    "养老服务站",
    "六（一）",
    "秦办发〔2011〕27号",
    "每百户≥20㎡–不少于300㎡",
]


def frame(rows: list[dict[str, Any]]) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(rows, geometry="geometry", crs=CRS)


def square(x: float, y: float, w: float = 20, h: float = 12) -> Any:
    return box(X + x, Y + y, X + x + w, Y + y + h)


def at(x: float, y: float) -> Point:
    return Point(X + x, Y + y)


def site_named(names: list[str], **more: Any) -> Site:
    """Give every field that holds text one of the names, and the names to many buildings."""

    def name(n: int) -> str:
        return names[n % len(names)]

    n = max(len(names), 4)
    layers = {
        "parcels": frame(
            [
                {
                    "parcel_id": name(0),
                    "name": name(1),
                    "land_use": name(2),
                    "geometry": square(-20, -20, 260, 160),
                }
            ]
        ),
        "buildings": frame(
            [
                {
                    "building_id": f"{name(i)}" if i < len(names) else f"B{i}",
                    "floors": 6,
                    "use": name(i + 3),
                    "geometry": square(10 + 45 * (i % 5), 35 * (i // 5)),
                }
                for i in range(n)
            ]
        ),
        "households": frame(
            [
                {
                    "household_id": f"H{i}",
                    "building_id": name(i),
                    "owner_id": "SECRET-OWNER",
                    "vote": "no",
                    "geometry": None,
                }
                for i in range(n)
            ]
        ),
        "rooms": frame(
            [
                {
                    "room_id": f"R{i}",
                    "floor": 1,
                    "area_m2": 80.0,
                    "name": name(i),
                    "use": name(i),
                    "functions": name(i),
                    "state": "existing",
                    "building_id": name(i),
                    "geometry": square(12 + 45 * i, 2, 8, 8),
                }
                for i in range(3)
            ]
        ),
        "facilities": frame(
            [
                {
                    "facility_id": name(i),
                    "category": name(i + 5) if i else "clinic",
                    "name": name(i + 2),
                    "geometry": at(5 + 30 * i, 110),
                }
                for i in range(4)
            ]
        ),
        "walkways": frame(
            [
                {
                    "way_id": "W1",
                    "kind": "street",
                    "name": name(6),
                    "geometry": LineString([at(-10, -8), at(230, -8)]),
                }
            ]
        ),
        "entrances": frame(
            [
                {
                    "entrance_id": name(7),
                    "kind": "gate",
                    "name": name(8),
                    "opens": name(9),
                    "geometry": at(100, -20),
                }
            ]
        ),
        "remarks": frame([{"remark_id": "M1", "kind": name(3), "text": name(6), "geometry": at(60, 60)}]),
        "obstacles": frame([{"obstacle_id": "X1", "kind": name(4), "radius_m": 2.0, "geometry": at(80, 90)}]),
    }
    return Site(name=name(0), layers=layers, crs=CRS, attribution=name(5), **more)


def report_named(names: list[str], site: Site) -> Report:
    def name(n: int) -> str:
        return names[n % len(names)]

    clause = Clause(document=name(0), number=name(1), article=name(2), quote=name(6), effective=name(3))
    where = mapping(to_wgs84(site.layer("rooms")).geometry.iloc[0])
    findings = [
        Finding(
            rule=name(i),
            title=name(i + 6),
            strength=Strength.MUST,
            status=status,
            clause=clause,
            measured=name(i + 7),
            required=name(i + 2),
            unit=name(i + 3),
            features=("R0", name(i)),
            geometry=where if i % 2 == 0 else None,
            reason=reason("missing_data", name(6)),
            remedy=name(7),
            subject=name(i),
        )
        for i, status in enumerate(Status)
    ]
    return Report(
        site=name(0),
        pack=PackRef(id=name(1), version=name(2), sha256="0" * 64, title=name(6)),
        findings=tuple(findings),
        inputs=(InputFile(path=name(4), sha256="0" * 64),),
        on=name(3),
    )


def hostile_map(names: list[str], **options: Any) -> Any:
    site = site_named(names, estimates=("households",))
    rooms = site.layer("rooms")
    placement = Placement(
        features=rooms.iloc[:1].assign(state="candidate"),
        rejected=rooms.iloc[1:2].assign(reason=names[6 % len(names)]),
        measures={},
    )
    reach = pd.DataFrame(
        {"clinic": [3.0], names[0]: [12.0]},
        index=pd.Index([site.layer("buildings")["building_id"].iloc[0]], name="building_id"),
    )
    isochrones = frame(
        [{"origin": names[0], "minutes": m, "geometry": at(100, 50).buffer(20 * m)} for m in (5, 10)]
    )
    return hearing_map(
        site,
        report_named(names, site),
        reach=reach,
        isochrones=isochrones,
        placement=placement,
        title=names[6 % len(names)],
        made_by=names[0],
        source=names[1 % len(names)],
        review_number=names[2 % len(names)],
        **options,
    )


def judged_map() -> Any:
    """Return a map with a finding about the whole community, one about three rooms and one about a building."""
    site = site_named(ORDINARY)
    whole = box(X - 20, Y - 20, X + 240, Y + 140)
    community = frame([{"community_id": "S1", "name": "青山社区", "geometry": whole}])
    site = site.with_layer("communities", community)
    clause = Clause(
        document="《措施》", number="", article="三", quote="不少于600平方米", effective="2020-12-01"
    )
    outline = mapping(gpd.GeoSeries([whole], crs=CRS).to_crs("EPSG:4326").iloc[0])
    rooms = mapping(to_wgs84(site.layer("rooms")).geometry.union_all())
    given = {"strength": Strength.SHOULD, "status": Status.NOT_MET, "clause": clause}
    findings = (
        Finding(rule="A", title="社区工作经费", features=("S1",), geometry=outline, measured=80_000, **given),
        Finding(
            rule="B",
            title="用房总面积",
            features=("R0", "R1", "R2"),
            geometry=rooms,
            measured=654.0,
            unit="m2",
            **given,
        ),
        Finding(rule="C", title="消防车道净宽度", features=("R1",), measured=3.2, unit="m", **given),
    )
    pack = PackRef(id="p", version="1", sha256="0" * 64, title="规则")
    return hearing_map(site, Report(site="样本", pack=pack, findings=findings))
