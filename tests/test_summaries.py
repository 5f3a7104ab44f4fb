from __future__ import annotations

import plan
from plan.service_rooms import rejected_table, rooms_table


def test_the_rows_of_the_rooms_add_up_to_the_total(sample_gis) -> None:
    site = plan.read_site(sample_gis / "old_estate.gpkg")
    placed = plan.place_rooms(site, pack=plan.load_pack("sanming"))
    table = rooms_table(placed)
    assert [row[4] for row in table.rows] == ["新选", "新选", "原有", "原有", "原有"]
    assert sum(float(row[3] or 0) for row in table.rows) == placed.measures["total_m2"] == 654
    assert table.notes[0] == "计入：原有 158 平方米 + 新选 496 平方米 = 654 平方米。"
    assert "R03" in table.notes[1]
    rows = rejected_table(placed).rows
    assert len(rows) == 12
    assert all(row[-1] for row in rows)
