"""The house: a file imports only from lower floors, and rooms of one floor never from each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

# From the ground up. A room may import from the rows above it in this list, and from itself.
FLOORS = (
    ("errors",),
    ("messages",),
    ("glance",),
    (
        "findings",
        "files",
        "text_safety",
        "tables",
        "surfaces",
        "uses",
        "words",
        "solver",
        "jit",
        "crew",
        "steps",
        "quantities",
        "categories",
    ),
    ("problems", "diagnosis", "known_problems", "ledger", "likeness", "page_templates", "tool", "watch"),
    ("contract",),
    ("rules", "schema", "crs", "location"),
    ("shapes", "columns"),
    ("validation",),
    ("site",),
    ("cad",),
    ("readers", "network", "households", "whereabouts", "stages"),
    ("access", "doctor", "rooms", "parking", "elevators", "fire_access", "districts"),
    ("checks",),
    ("programme", "compliance", "batch", "maps", "reports", "reach", "examples"),
    ("summaries", "console", "gates", "stalls", "service_rooms", "retrofit", "room_uses", "overview"),
    ("dossier", "proposing"),
    ("cartography", "study"),
    ("handout", "paper", "drawings"),
    ("package", "export"),
    ("hearing",),
    ("cli",),
    ("start",),
    ("__init__",),
    ("__main__",),
)
FLOOR = {room: number for number, row in enumerate(FLOORS) for room in row}


def modules(package: Path) -> list[Path]:
    return sorted(package.rglob("*.py"))


def room_of(package: Path, module: Path) -> str:
    return module.relative_to(package).parts[0].removesuffix(".py")


def imported_rooms(source: str) -> set[str]:
    """Rooms of `plan` that a module imports anywhere, inside functions too."""
    rooms: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = (
                [f"{node.module}.{a.name}" for a in node.names]
                if node.module == "plan"
                else [node.module or ""]
            )
        else:
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "plan":
                rooms.add(parts[1] if len(parts) > 1 else "__init__")
    return rooms


def wrong_imports(room: str, source: str) -> set[str]:
    return {
        other for other in imported_rooms(source) if other != room and FLOOR.get(other, 99) >= FLOOR[room]
    }


def test_every_room_has_a_floor(root: Path) -> None:
    package = root / "plan"
    assert {room_of(package, m) for m in modules(package)} <= set(FLOOR)


def test_imports_go_down_only(root: Path) -> None:
    package = root / "plan"
    wrong = {
        str(m.relative_to(package)): sorted(found)
        for m in modules(package)
        if (found := wrong_imports(room_of(package, m), m.read_text(encoding="utf-8")))
    }
    assert wrong == {}


@pytest.mark.parametrize(
    ("room", "source"),
    [
        ("errors", "from plan.messages import Message"),
        ("network", "import plan.access"),
        ("access", "def f():\n    from plan.rooms import place_rooms"),
        ("maps", "from plan import reports"),
    ],
)
def test_an_upward_or_sibling_import_is_seen(room: str, source: str) -> None:
    assert wrong_imports(room, source)


def test_a_downward_import_is_fine() -> None:
    assert (
        wrong_imports("checks", "from plan.access import walk_times\nfrom plan.rules import load_pack")
        == set()
    )


def test_the_law_loads_without_geometry() -> None:
    code = (
        "import sys\n"
        "class Block:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in {'geopandas', 'shapely', 'pandas', 'numpy', 'pyproj', 'osmnx', 'folium'}:\n"
        "            raise ImportError(name)\n"
        "sys.meta_path.insert(0, Block())\n"
        "from plan.rules import load_pack\n"
        "print(load_pack('qinhuangdao').rule('QHD-07').kind.minimum_m2)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "300.0", done.stderr
