"""Files of other programs that a bureau has: refused by name, with the way from them to a form that is read."""

from __future__ import annotations

from pathlib import PurePath
from typing import Final

from plan.messages import Message
from plan.problems import ProblemList
from plan.text_safety import plain

__all__ = ["FOREIGN", "refuse_foreign"]

# Ending: what the file is, and how it becomes one that is read (a text in ``plan/texts/readers.toml``).
FOREIGN: Final = {
    ".kml": ("KML", "gis"),
    ".kmz": ("KMZ", "gis"),
    ".gpx": ("GPX", "gis"),
    ".gml": ("GML", "gis"),
    ".tab": ("MapInfo TAB", "gis"),
    ".mif": ("MapInfo MIF", "gis"),
    ".mid": ("MapInfo MID", "gis"),
    ".fgb": ("FlatGeobuf", "gis"),
    ".topojson": ("TopoJSON", "gis"),
    ".e00": ("ArcInfo E00", "gis"),
    ".gdb": ("Esri File Geodatabase", "gis"),
    ".wkt": ("WKT", "gis"),
    ".mdb": ("Esri Personal Geodatabase / Access", "access"),
    ".accdb": ("Access", "access"),
    ".udb": ("SuperMap UDB", "supermap"),
    ".udd": ("SuperMap UDD", "supermap"),
    ".udbx": ("SuperMap UDBX", "supermap"),
    ".sdb": ("SuperMap SDB", "supermap"),
    ".smwu": ("SuperMap SMWU", "supermap"),
    ".wp": ("MapGIS WP", "mapgis"),
    ".wl": ("MapGIS WL", "mapgis"),
    ".wt": ("MapGIS WT", "mapgis"),
    ".hdf": ("MapGIS HDF", "mapgis"),
    ".vct": ("VCT", "vct"),
    ".dgn": ("MicroStation DGN", "cad"),
    ".dwf": ("DWF", "cad"),
    ".rvt": ("Revit RVT", "cad"),
    ".skp": ("SketchUp SKP", "cad"),
    ".3dm": ("Rhino 3DM", "cad"),
    ".ifc": ("IFC", "cad"),
    ".pdf": ("PDF", "picture"),
    ".jpg": ("JPEG", "picture"),
    ".jpeg": ("JPEG", "picture"),
    ".png": ("PNG", "picture"),
    ".bmp": ("BMP", "picture"),
    ".tif": ("TIFF", "picture"),
    ".tiff": ("TIFF", "picture"),
    ".ofd": ("OFD", "picture"),
    ".doc": ("Word DOC", "document"),
    ".docx": ("Word DOCX", "document"),
    ".wps": ("WPS", "document"),
    ".ppt": ("PowerPoint PPT", "document"),
    ".pptx": ("PowerPoint PPTX", "document"),
    ".qgz": ("QGIS QGZ", "project"),
    ".qgs": ("QGIS QGS", "project"),
    ".mxd": ("ArcMap MXD", "project"),
    ".aprx": ("ArcGIS Pro APRX", "project"),
    ".lyr": ("ArcMap LYR", "project"),
    ".lyrx": ("ArcGIS Pro LYRX", "project"),
}
_TAB: Final = b"!table"  # how a TAB of MapInfo begins; others of that ending are lists
_GEOPACKAGE: Final = (b"GPKG", b"GP10", b"GP11")  # at byte 68 of SQLite (OGC 12-128r18, 1.1.1)


def refuse_foreign(path: PurePath, head: bytes, found: ProblemList) -> bool:
    """Refuse a file of another program; tell whether it was one.

    Parameters
    ----------
    path : pathlib.PurePath
        The file, or the folder of a geodatabase.
    head : bytes
        Its first bytes.
    found : ProblemList
        Where the refusal is noted.
    """
    suffix = path.suffix.casefold()
    known = FOREIGN.get(suffix)
    if known is None or head[68:72] in _GEOPACKAGE or (suffix == ".tab" and not head.startswith(_TAB)):
        return False
    kind, way = known
    message = Message(f"readers.foreign_{way}", name=plain(path.name), kind=kind)
    found.add("PLAN-FILE-008", "error", "refused", message)
    return True
