"""Shapefiles: the encoding is decided over all bytes, a lying .cpg is noticed, cut names are mended."""

from __future__ import annotations

import shutil
import struct

import pytest
from small_files import write_shapefile

from plan.errors import InputError, UsageError
from plan.problems import ProblemList
from plan.readers import inspect_sources, read_site
from plan.readers.dbf import read_dbf
from plan.readers.encodings import codec_name, decide, decode_value

ID = (b"bld_id", b"C", 10, 0)
FLOORS = (b"floors", b"N", 5, 0)
NAME = (b"name", b"C", 20, 0)


@pytest.fixture
def shapefile(tmp_path):
    def write(fields, rows, *, stem="buildings", **options):
        return write_shapefile(tmp_path, stem, fields, rows, **options)

    return write


def problems_of(source, **options):
    return [(p.id, p.severity, p.effect) for p in inspect_sources(source, **options).problems]


def names(path, **options):
    return read_site(path, **options).layer("buildings")["name"].tolist()


class TestEncoding:
    def test_gbk_without_a_cpg(self, shapefile):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "1号楼"), ("B2", "7", "幸福里")], encoding="gbk")
        assert names(path) == ["1号楼", "幸福里"]
        assert problems_of(path) == [("PLAN-ENC-001", "info", "repaired")]

    def test_utf8_without_a_cpg(self, shapefile):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "1号楼")])
        assert names(path) == ["1号楼"]
        assert problems_of(path) == [("PLAN-ENC-001", "info", "noted")]

    def test_a_true_cpg(self, shapefile):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "1号楼")], encoding="gbk", cpg="GBK")
        assert names(path) == ["1号楼"]
        assert problems_of(path) == [("PLAN-ENC-001", "info", "noted")]

    @pytest.mark.parametrize("cpg", ["UTF-8", "ISO-8859-1", "klingon"])
    def test_a_lying_cpg(self, shapefile, cpg):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "1号楼")], encoding="gbk", cpg=cpg)
        assert names(path) == ["1号楼"]
        assert problems_of(path) == [("PLAN-ENC-002", "warning", "repaired")]

    def test_utf8_under_a_cpg_of_gbk(self, shapefile):
        # GBK reads these bytes too, as six other characters.
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "幸福里一号")], cpg="936")
        assert names(path) == ["幸福里一号"]
        assert problems_of(path) == [("PLAN-ENC-002", "warning", "repaired")]

    def test_plain_ascii_needs_no_decision(self, shapefile):
        assert problems_of(shapefile([ID, FLOORS, NAME], [("B1", "6", "No 1")])) == []

    def test_a_character_cut_at_the_end_of_its_field(self, shapefile):
        # "幸福里" takes 9 bytes in UTF-8; the field has 8.
        path = shapefile([ID, FLOORS, (b"name", b"C", 8, 0)], [("B1", "6", "幸福里")])
        assert names(path) == ["幸福"]

    def test_an_encoding_that_the_user_names_wins(self, shapefile):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "社區")], encoding="big5")
        assert names(path, encoding="Big5") == ["社區"]

    def test_an_encoding_that_cannot_be_is_refused(self, shapefile):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", "1号楼")], encoding="gbk")
        with pytest.raises(InputError) as caught:
            read_site(path, encoding="UTF-8")
        assert [p.id for p in caught.value.problems] == ["PLAN-ENC-002"]
        with pytest.raises(UsageError):
            read_site(path, encoding="klingon")

    def test_text_in_no_encoding_is_refused(self, shapefile):
        path = shapefile([ID, FLOORS, NAME], [("B1", "6", b"\xff\xfe\xfa\x20\xff")])
        assert ("PLAN-ENC-002", "error", "refused") in problems_of(path)

    @pytest.mark.parametrize(
        ("said", "name"),
        [("936", "GB18030"), ("gb2312", "GB18030"), ("65001", "UTF-8"), ("utf8", "UTF-8"), ("ANSI 936", "GB18030"),
         ("Big5", "BIG5"), ("klingon", None), ("", None)],
    )  # fmt: skip
    def test_names_of_encodings(self, said, name):
        assert codec_name(said) == name

    def test_all_rows_decide_not_the_first(self):
        found = ProblemList()
        values = [("甲".encode(), False), ("乙".encode("gbk") + b"\xc4", False), ("楼".encode("gbk"), False)]
        assert decide(values, declared=None, given=None, found=found) is None
        assert decode_value("甲".encode()[:2], "UTF-8", full=True) == ""
        assert decode_value("甲".encode()[:2], "UTF-8") is None


class TestColumns:
    def test_numbers_dates_and_flags(self, shapefile):
        fields = [
            ID,
            FLOORS,
            (b"h", b"N", 8, 2),
            (b"built_on", b"D", 8, 0),
            (b"lift", b"L", 1, 0),
            (b"long", b"N", 18, 0),
        ]
        rows = [
            ("B1", "6", "18.50", "20170711", "T", "370102001001000123"),
            ("B2", "*****", "", "00000000", "?", ""),
        ]
        frame = read_site(shapefile(fields, rows)).layer("buildings")
        assert frame["floors"].tolist()[0] == 6
        assert frame["floors"].isna().tolist() == [False, True]
        assert frame["h"].tolist()[0] == 18.5
        assert frame["built_on"].tolist() == ["2017-07-11", None]
        assert frame["lift"].tolist() == [True, None]
        assert int(frame["long"].iloc[0]) == 370102001001000123

    def test_a_name_cut_at_ten_bytes_is_completed(self, shapefile):
        path = shapefile([(b"building_i", b"C", 10, 0), FLOORS], [("B1", "6")])
        site = read_site(path)
        assert site.layer("buildings")["building_id"].tolist() == ["B1"]
        assert [(p.id, p.severity, p.effect) for p in site.problems] == [
            ("PLAN-SCHEMA-002", "warning", "repaired")
        ]

    def test_a_name_cut_inside_a_character_is_told(self, shapefile):
        cut = "社区服务用房".encode()[:10]
        path = shapefile([ID, FLOORS, NAME, (cut, b"N", 5, 0)], [("B1", "6", "甲", "1")])
        site = read_site(path)
        assert "PLAN-SCHEMA-002" in [p.id for p in site.problems]
        assert "社区服" in site.layer("buildings").columns

    def test_a_table_cut_short(self, shapefile, tmp_path):
        path = shapefile([ID, FLOORS], [("B1", "6"), ("B2", "6")])
        dbf = tmp_path / "buildings.dbf"
        dbf.write_bytes(dbf.read_bytes()[:-10])
        assert problems_of(path) == [("PLAN-FILE-001", "error", "refused")]

    @pytest.mark.parametrize("data", [b"", b"x" * 31, b"\x03" + b"\xff" * 200])
    def test_a_table_that_is_none(self, tmp_path, data):
        found = ProblemList()
        (tmp_path / "a.dbf").write_bytes(data)
        assert read_dbf(tmp_path / "a.dbf", declared=None, given=None, found=found) is None
        assert [p.id for p in found.problems] == ["PLAN-FILE-001"]


class TestParts:
    @pytest.mark.parametrize("suffix", [".shx", ".dbf"])
    def test_a_missing_part(self, shapefile, tmp_path, suffix):
        path = shapefile([ID, FLOORS], [("B1", "6")])
        (tmp_path / f"buildings{suffix}").unlink()
        assert problems_of(path) == [("PLAN-FILE-005", "error", "refused")]

    def test_no_prj(self, shapefile):
        path = shapefile([ID, FLOORS], [("B1", "6")], prj=False)
        assert problems_of(path) == [("PLAN-CRS-001", "error", "refused")]
        site = read_site(path, crs="EPSG:4548")
        assert site.crs.to_epsg() == 4548
        assert [p.id for p in site.problems] == ["PLAN-CRS-013"]

    def test_rows_and_shapes_that_do_not_belong_together(self, shapefile):
        boxes = [(500000, 4058000, 500010, 4058010)] * 3
        path = shapefile([ID, FLOORS], [("B1", "6"), ("B2", "6")], boxes=boxes)
        assert problems_of(path) == [("PLAN-FILE-006", "error", "refused")]

    def test_shapes_cut_short(self, shapefile):
        path = shapefile([ID, FLOORS], [("B1", "6"), ("B2", "6")])
        path.write_bytes(path.read_bytes()[:-40])
        assert problems_of(path) == [("PLAN-FILE-001", "error", "refused")]

    def test_something_else_called_shp(self, shapefile):
        path = shapefile([ID, FLOORS], [("B1", "6")])
        path.write_bytes(b"not a shapefile at all" * 20)
        assert problems_of(path) == [("PLAN-FILE-001", "error", "refused")]

    def test_endings_in_capitals(self, shapefile, tmp_path):
        path = shapefile([ID, FLOORS], [("B1", "6")])
        folder = tmp_path / "upper"
        folder.mkdir()
        for part in tmp_path.glob("buildings.*"):
            shutil.copy(part, folder / part.name.replace(part.suffix, part.suffix.upper()))
        assert len(read_site(folder).layer("buildings")) == 1
        assert path.exists()

    def test_all_parts_are_inputs(self, shapefile):
        path = shapefile([ID, FLOORS], [("B1", "6")])
        inputs = read_site(path).inputs
        assert [i.path.rsplit(".", 1)[1] for i in inputs] == ["dbf", "prj", "shp", "shx"]
        assert all(i.path.startswith(str(path.parent)) for i in inputs)


@pytest.mark.real
def test_real_gbk_drawings(shared):
    folder = shared / "data" / "gbk_shp_nanshan"
    site = read_site(folder / "建筑.shp")
    frame = site.layer("buildings")
    assert len(frame) == 228
    assert frame["名称"].tolist()[:3] == ["本原设计研究中心", "六合苑", "师范学院A楼"]
    both = read_site(folder)
    assert (len(both.layer("buildings")), len(both.layer("parcels"))) == (228, 28)
    assert both.layer("parcels")["name"].tolist()[:3] == ["钻石楼", "14栋", "9栋"]
    assert both.crs.to_epsg() == 4547
    # 4490 and 4326 in one folder are told, and so is the missing .cpg.
    assert {"PLAN-CRS-010", "PLAN-ENC-001"} <= {p.id for p in both.problems}
    assert not [p for p in both.problems if p.effect == "refused"]


def test_a_broken_prj_is_told_and_no_traceback(shapefile, tmp_path):
    path = shapefile([ID, FLOORS], [("B1", "6")])
    prj = tmp_path / "buildings.prj"
    prj.write_bytes(prj.read_bytes()[:30] + b"\xff\xfe" + prj.read_bytes()[32:])
    found = problems_of(path)
    assert found
    assert "refused" in {effect for _, _, effect in found}


class TestRings:
    """Outer rings run clockwise, holes the other way (ESRI Shapefile Technical Description, p. 8)."""

    @staticmethod
    def box(x, size, *, outline):
        ring = [(x, 0), (x, size), (x + size, size), (x + size, 0), (x, 0)]
        return [(500_000 + a, 4_058_000 + b) for a, b in (ring if outline else ring[::-1])]

    def write(self, shapefile, *rings):
        path = shapefile([ID, FLOORS], [("B1", "6")])
        points = [p for ring in rings for p in ring]
        starts = [sum(map(len, rings[:i])) for i in range(len(rings))]
        body = struct.pack("<i4d2i", 5, 500_000, 4_058_000, 500_200, 4_058_100, len(rings), len(points))
        body += struct.pack(f"<{len(rings)}i", *starts) + b"".join(struct.pack("<2d", *p) for p in points)
        head = bytearray(path.read_bytes()[:100])
        head[24:28] = struct.pack(">i", (108 + len(body)) // 2)
        path.write_bytes(bytes(head) + struct.pack(">2i", 1, len(body) // 2) + body)
        index = path.with_suffix(".shx")
        index.write_bytes(index.read_bytes()[:100] + struct.pack(">2i", 50, len(body) // 2))
        return path

    def test_a_hole_is_a_hole(self, shapefile):
        path = self.write(shapefile, self.box(0, 20, outline=True), self.box(5, 5, outline=False))
        assert read_site(path).layer("buildings").area.tolist() == [375.0]

    def test_a_file_whose_rings_all_run_the_wrong_way(self, shapefile):
        path = self.write(shapefile, self.box(0, 20, outline=False), self.box(50, 10, outline=False))
        assert read_site(path).layer("buildings").area.tolist() == [500.0]

    def test_a_hole_that_lies_in_no_outline_is_no_ground(self, shapefile):
        path = self.write(shapefile, self.box(0, 20, outline=True), self.box(50, 10, outline=False))
        assert ("PLAN-GEOM-007", "error", "degraded") in problems_of(path)
        assert read_site(path).layer("buildings").geometry.isna().all()


def test_a_cpg_that_names_utf_16_is_no_error(shapefile):
    path = shapefile([ID, FLOORS, NAME], [("B1", "6", "1号楼")], encoding="gbk", cpg="UTF-16")
    assert names(path) == ["1号楼"]


def test_a_system_with_a_chinese_name_in_gbk(shapefile):
    path = shapefile([ID, FLOORS], [("B1", "6")])
    prj = path.with_suffix(".prj")
    name = '"CGCS2000_3_Degree_GK_CM_117E"'
    assert name in prj.read_text()
    prj.write_bytes(prj.read_text().replace(name, '"秦皇岛独立坐标"').encode("gbk"))
    site = read_site(path)
    assert site.crs.name == "秦皇岛独立坐标"
    assert site.layer("buildings").area.tolist() == pytest.approx([100.0])


@pytest.mark.parametrize(("encoding", "most"), [("gbk", 11), ("utf-8", 14)])
def test_values_cut_inside_a_character_before_the_end_of_their_field(shapefile, encoding, most):
    cut = "幸福里小区一号楼".encode(encoding)[:most]
    path = shapefile([ID, FLOORS, NAME], [("B1", "6", cut), ("B2", "6", "二号楼".encode(encoding))])
    kept = cut.decode(encoding, "ignore")
    assert names(path) == [kept, "二号楼"]
    assert ("PLAN-ENC-004", "warning", "repaired") in problems_of(path)


def test_numbers_that_were_too_wide_are_told(shapefile):
    path = shapefile([ID, FLOORS], [("B1", "***"), ("B2", "6")])
    (problem,) = inspect_sources(path).problems
    assert (problem.id, problem.effect, problem.rows, problem.column) == (
        "PLAN-ATTR-002",
        "degraded",
        (1,),
        "floors",
    )


def renumbered(path, numbers):
    """Write other numbers into the heads of the shapes."""
    index = struct.iter_unpack(">2i", path.with_suffix(".shx").read_bytes()[100:])
    data = bytearray(path.read_bytes())
    for number, (offset, _) in zip(numbers, index, strict=True):
        struct.pack_into(">i", data, offset * 2, number)
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("numbers", "rows"),
    [((1, 2, 3), None), ((0, 1, 2), None), ((0, 0, 0), None), ((1, 2, 9), None), ((2, 1, 3), (1, 2))],
    ids=str,
)
def test_shapes_that_say_another_row(tmp_path, numbers, rows):
    """Some programs count from 0 or not at all; what contradicts itself gives areas to other houses."""
    path = write_shapefile(tmp_path, "建筑", [(b"ID", b"C", 10, 0)], [["B1"], ["B2"], ["B3"]])
    renumbered(path, numbers)
    refused = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    assert [(p.id, p.rows) for p in refused] == ([] if rows is None else [("PLAN-FILE-006", rows)])


def test_an_index_that_names_a_shape_twice(tmp_path):
    path = write_shapefile(tmp_path, "建筑", [(b"ID", b"C", 10, 0)], [["B1"], ["B2"], ["B3"]])
    index = path.with_suffix(".shx")
    data = bytearray(index.read_bytes())
    data[108:116] = data[100:108]
    index.write_bytes(data)
    (problem,) = [p for p in inspect_sources(path).problems if p.effect == "refused"]
    assert (problem.message.key, problem.rows) == ("readers.shx_order", (1, 2))
