"""The list of households that lies beside a bureau's site plan; and the same households as rows of ours.

The workbook has a title over all columns, a line of who filled it in, names of houses in four ways and merged over their
rows, doors that repeat from house to house, numbers as text, units in the head, votes in Chinese, sums and a signature.
"""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import openpyxl

HEAD = ["序号", "楼号", "单 元", "室号", "楼层", "建筑面积（㎡）", "业主姓名", "人口", "60岁以上", "意愿"]
HOUSES = {"1号楼": "1号楼", "二号楼": "2号楼", "3#": "3号楼", "第十幢": "10号楼"}  # on the list: on the plan
VOTES = {"同意": "yes", "反对": "no", "弃权": "abstain"}


def rows():
    """Return the households: name of the house on the list, stairwell, floor, door and figures."""
    out = []
    for name in HOUSES:
        for stair in (1, 2):
            for floor in (1, 2, 3):
                n = len(out)
                out.append(
                    {
                        "house": name,
                        "stair": stair,
                        "floor": floor,
                        "door": f"{floor}0{stair}",
                        "area": 60.5 + n,
                        "owner": f"业主{n}",
                        "persons": n % 4 + 1,
                        "elderly": n % 3,
                        "vote": list(VOTES)[n % 3],
                    }
                )
    return out


def write_list(path: Path) -> Path:
    """Write the workbook."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "住户清单"
    sheet.append(["幸福小区住户登记表"])
    sheet.append(["填表单位：幸福社区居委会", None, None, None, None, None, None, "2026年5月"])
    sheet.append(HEAD)
    sheet.merge_cells("A1:J1")
    first: dict[str, int] = {}
    for n, row in enumerate(rows(), start=1):
        at = n + 3
        new = row["house"] not in first
        first.setdefault(row["house"], at)
        area = row["area"] if n % 2 else str(row["area"])
        stair = f"{row['stair']}单元" if n % 2 else f"{'一二'[row['stair'] - 1]}单元"
        sheet.append(
            [n, row["house"] if new else None, stair, int(row["door"]), row["floor"], area, row["owner"],
             row["persons"], row["elderly"], row["vote"]]
        )  # fmt: skip
    ends = [*list(first.values())[1:], len(rows()) + 4]
    for start, end in zip(first.values(), ends, strict=True):
        sheet.merge_cells(f"B{start}:B{end - 1}")
    sheet.append(["合计", None, None, None, None, f"=SUM(F4:F{sheet.max_row})"])
    sheet.append(["制表人：张三", None, None, None, "审核：李四"])
    book.create_sheet("Sheet2")
    book.save(path)
    return path


def households() -> gpd.GeoDataFrame:
    """Return the same households as a layer."""
    table = [
        {
            "household_id": f"{HOUSES[row['house']].removesuffix('号楼')}-{row['stair']}-{row['door']}",
            "building_id": HOUSES[row["house"]],
            "stairwell_id": f"{row['stair']}",
            "floor": row["floor"],
            "area_m2": row["area"],
            "persons": row["persons"],
            "elderly": row["elderly"],
            "owner_id": row["owner"],
            "vote": VOTES[row["vote"]],
        }
        for row in rows()
    ]
    return gpd.GeoDataFrame(table, geometry=[None] * len(table))
