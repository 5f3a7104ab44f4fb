"""The long picture for phones."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from plan.paper import long_picture_of, write_long_picture
from plan.paper.palette import with_palette
from plan.paper.picture import HIGHEST_PX, WIDTH_PX, height_px


def png(pixels: np.ndarray) -> bytes:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def test_the_picture_fits_a_phone(dossier, tmp_path):
    path = tmp_path / "long.png"
    assert write_long_picture(dossier, path) == ()
    data = path.read_bytes()
    with Image.open(io.BytesIO(data)) as shown:
        assert shown.size == (WIDTH_PX, height_px(data))
        assert shown.mode == "P"
        colours = np.unique(np.array(shown.convert("RGB")).reshape(-1, 3), axis=0)
        assert 50 < len(colours) <= 256
    assert 1000 < height_px(data) <= HIGHEST_PX
    assert len(data) < 1_500_000
    assert long_picture_of(dossier).data == data


def test_names_are_never_markup(hostile):
    assert long_picture_of(hostile).missing == ()


def test_flat_colours_stay_what_they_are():
    pixels = np.zeros((4, 6, 3), dtype=np.uint8)
    pixels[:, :3] = (200, 30, 7)
    pixels[2:, 3:] = (255, 255, 255)
    with Image.open(io.BytesIO(with_palette(png(pixels)))) as shown:
        assert np.array_equal(np.array(shown.convert("RGB")), pixels)


def test_many_colours_become_the_nearest():
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
    pixels[:32] = (0, 81, 140)  # frequent
    with Image.open(io.BytesIO(with_palette(png(pixels)))) as shown:
        made = np.array(shown.convert("RGB"))
        assert len(np.unique(made.reshape(-1, 3), axis=0)) <= 256
    assert (made[:32] == (0, 81, 140)).all()


def test_what_is_transparent_is_white():
    pixels = np.zeros((2, 2, 4), dtype=np.uint8)
    pixels[0] = (10, 20, 30, 255)
    with Image.open(io.BytesIO(with_palette(png(pixels)))) as shown:
        made = np.array(shown.convert("RGB"))
    assert (made[0] == (10, 20, 30)).all()
    assert (made[1] == 255).all()
