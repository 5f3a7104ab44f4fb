"""A small report made by hand: one finding of every sort, and one site that could not be read.

``python tests/reports/report_cases.py`` writes the snapshots anew; read the difference before you commit it.
"""

from __future__ import annotations

from pathlib import Path

from plan.findings import (
    Clause,
    Finding,
    InputFile,
    PackRef,
    Problem,
    Report,
    SiteResult,
    Software,
    Status,
    Strength,
    reason,
)
from plan.messages import Bilingual, Message
from plan.reports import render

SNAPSHOTS = Path(__file__).resolve().parents[1] / "snapshots"

PACK = PackRef(
    id="qinhuangdao", version="1.0.0", sha256="ab" * 32, title=Bilingual("秦皇岛市", "Qinhuangdao")
)
DOCUMENT = "中共秦皇岛市委办公厅 秦皇岛市人民政府办公厅关于加强和改进城市社区居民委员会建设工作的意见"
ON = "2026-11-22"


def clause(article: str, quote: str, **more: str | None) -> Clause:
    values: dict[str, str | None] = {"effective": None, "evidence": "seed"} | more
    return Clause(
        document=DOCUMENT,
        number="秦办发〔2011〕27号",
        article=article,
        quote=quote,
        effective=values["effective"],
        repealed=values.get("repealed"),
        evidence=str(values["evidence"]),
    )


AREA = Finding(
    rule="QHD-07",
    title=Bilingual("社区工作和服务用房面积（每百户）", "area of community rooms per 100 households"),
    strength=Strength.MUST,
    status=Status.NOT_MET,
    clause=clause(
        "六(一)",
        "每百户20平方米的标准提供城市社区居民委员会工作和服务用房,按户数计算不足300平方米的,按不少于300平方米提供",
    ),
    measured=280.0,
    required=300.0,
    unit="m2",
    features=("R1", "R2"),
    geometry={
        "type": "Polygon",
        "coordinates": [[[119.6, 39.9], [119.7, 39.9], [119.7, 40.0], [119.6, 39.9]]],
    },
    remedy=Bilingual("再增加 20 平方米用房。", "Add 20 m² of rooms."),
    estimated=True,
)
FLOOR = Finding(
    rule="QHD-09",
    title=Bilingual("社区用房所在楼层", "floors of community rooms"),
    strength=Strength.MUST,
    status=Status.UNDETERMINED,
    clause=clause("六(一)", "不得安排在地下室和三层以上", effective="2011-06-01"),
    measured="3",
    required=None,
    unit="floor",
    features=tuple(f"R{n}" for n in range(1, 21)),
    reason=reason("ambiguous_clause", Message("status.undetermined")),
    subject="C1",
)
GATE = Finding(
    rule="QHD-10",
    title=Bilingual("用房靠近主要出入口", "rooms near a main gate"),
    strength=Strength.SHOULD,
    status=Status.NOT_MET,
    clause=clause("六(二)", "", evidence="practice", effective="2012-01-01", repealed="2030-01-01"),
    measured=299.9996,
    required=300.0,
    unit="m",
)
PLAZA = Finding(
    rule="QHD-11",
    title=Bilingual("居民活动场地", "ground for residents"),
    strength=Strength.MUST,
    status=Status.MET,
    clause=clause("七", "人均不少于0.5平方米", evidence="verified-1src"),
    measured=1280.5,
    required=1200,
    unit="m2",
    geometry={"type": "Point", "coordinates": (119.65, 39.95)},
)
PHASE = Finding(
    rule="QHD-12",
    title=Bilingual("首期建设养老设施", "elderly facilities in the first phase"),
    strength=Strength.MAY,
    status=Status.NOT_APPLICABLE,
    clause=clause("八", "分期开发的,应在首期建设"),
)
REPAIRED = Problem(
    id="PLAN-GEOM-001",
    severity="warning",
    effect="repaired",
    message=Bilingual("2 个面自相交，已修复。", "2 polygons cross themselves; repaired."),
    cure=Bilingual("请在 CAD 中核对这些面。", "Check these polygons in CAD."),
    path="yard.gpkg",
    layer="rooms",
    rows=(1, 2, 3, 7),
    features=("R1", "R2"),
)
BROKEN = Problem(
    id="PLAN-FILE-003",
    severity="error",
    effect="refused",
    message=Bilingual("文件不完整。", "The file is cut off."),
    cure=Bilingual("请重新复制。", "Copy it again."),
    path="broken.gpkg",
)


SOFTWARE = (Software(name="estate-plan", version="1.2.3"), Software(name="GEOS", version="3.99.0"))


def report(*findings: Finding, site: str = "海阳里小区") -> Report:
    return Report(
        site=site,
        pack=PACK,
        findings=findings or (AREA, FLOOR, GATE, PLAZA, PHASE),
        inputs=(InputFile(path="yard.gpkg", sha256="cd" * 32),),
        on=ON,
        estimates=("households",),
        problems=(REPAIRED,),
        software=SOFTWARE,
    )


def one(*findings: Finding) -> tuple[SiteResult, ...]:
    return (SiteResult.of(report(*findings)),)


FAILED = SiteResult(
    name="红旗里",
    pack=PACK,
    on=ON,
    error=Bilingual("broken.gpkg 无法读取。", "broken.gpkg cannot be read."),
    problems=(BROKEN,),
    inputs=(InputFile(path="broken.gpkg", sha256="ef" * 32),),
    software=SOFTWARE,
)
BOTH = (*one(), FAILED)


def snapshots() -> dict[str, bytes]:
    """The documents that are kept, by file name."""
    kept = {}
    for format_, ending in (("html", "html"), ("json", "json"), ("csv", "csv"), ("text", "txt")):
        for lang in ("zh", "en"):
            document = render(BOTH, format_, lang=lang)
            assert isinstance(document, str)
            kept[f"report.{lang}.{ending}"] = document.encode("utf-8")
    return kept


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for name, document in snapshots().items():
        (SNAPSHOTS / name).write_bytes(document)
