from __future__ import annotations

import re
from pathlib import Path

import folium
import pytest

from plan.errors import OutputError
from plan.maps import offline


def made() -> folium.Map:
    return offline.new_map(location=[30.0, 110.0], zoom_start=16)


def test_a_rendered_map_links_to_nothing() -> None:
    html = offline.render(made())
    assert "L.map(" in html
    assert not re.search(r"<(?:script|link|img)[^>]+(?:src|href)=", html)
    assert "sourceMappingURL" not in html
    assert all(u.startswith(("data:", "#")) for u in re.findall(r"url\(([^)]*)\)", html))


def test_scripts_close_only_where_the_document_closes_them() -> None:
    html = offline.render(made())
    assert html.lower().count("<script") == html.lower().count("</script")


def test_folium_keeps_its_own_links() -> None:
    before = (list(folium.Map.default_js), list(folium.Map.default_css))
    offline.render(made())
    assert (list(folium.Map.default_js), list(folium.Map.default_css)) == before
    assert len(before[0]) > 1


def test_the_same_map_gives_the_same_bytes() -> None:
    assert offline.render(made()) == offline.render(made())


def test_an_unknown_link_is_refused() -> None:
    tiles = made()
    tiles.add_js_link("other", "https://example.org/other.js")
    with pytest.raises(OutputError, match=r"example\.org"):
        offline.render(tiles)
    # The link stayed with that map's own class.
    offline.render(made())


def test_a_picture_from_the_network_is_refused() -> None:
    from branca.element import Element

    page = made()
    page.get_root().html.add_child(Element('<img src="https://example.org/a.png">'))
    with pytest.raises(OutputError, match=r"example\.org"):
        offline.render(page)


@pytest.mark.parametrize("name", ["leaflet/leaflet.css", "page/page.css"])
def test_style_sheets_hold_their_pictures(name: str) -> None:
    text = offline.style_text(name)
    assert "images/" not in text
    assert "</" not in text.replace("<\\/", "")


def test_every_part_of_the_page_is_in_it() -> None:
    folder = Path(offline.__file__).parent / "assets" / "page"
    script, style = offline.page_script(), offline.page_style()
    parts = sorted(folder.iterdir())
    assert {p.suffix for p in parts} == {".js", ".css"}
    for part in parts:
        text = part.read_text(encoding="utf-8").strip()
        assert text in (script if part.suffix == ".js" else style), part.name
