"""The contract of the layers holds together."""

from __future__ import annotations

import re

import pytest

from plan.categories import CATEGORIES, category_of
from plan.schema import LAYERS, layer_of
from plan.uses import ROOM_USES, SERVICE_USES


@pytest.mark.parametrize("layer", LAYERS.values(), ids=lambda layer: layer.name)
class TestLayer:
    def test_has_an_id_first(self, layer):
        assert layer.columns[0].type == "id"
        assert layer.columns[0].required
        assert layer.id_column.endswith("_id")

    def test_names_are_plain_and_its_own(self, layer):
        names = [c.name for c in layer.columns]
        assert len(set(names)) == len(names)
        assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)

    def test_is_found_by_each_of_its_names(self, layer):
        for name in (layer.name, layer.zh, *layer.aliases, f" {layer.name.upper()} "):
            assert layer_of(name) is layer

    def test_choices_are_told_apart(self, layer):
        for column in layer.columns:
            words = [w.casefold() for value, aliases in column.choices for w in (value, *aliases)]
            assert len(set(words)) == len(words), column.name
            assert bool(words) == (column.type == "enum")

    def test_numbers_carry_their_unit_in_the_name(self, layer):
        endings = {"m": "_m", "m2": "_m2", "CNY": "_cny", "degree": "_deg"}
        for column in layer.columns:
            if column.unit in endings:
                assert column.name.endswith(endings[column.unit])

    def test_columns_are_found_by_name(self, layer):
        assert layer.column(layer.id_column) is layer.columns[0]
        with pytest.raises(KeyError):
            layer.column("no_such_column")


def test_no_layer_is_guessed():
    assert layer_of("Layer0") is None
    assert layer_of("") is None


def test_service_rooms_are_rooms():
    assert set(SERVICE_USES) <= set(ROOM_USES)


def test_categories_are_found_by_each_of_their_names():
    for category in CATEGORIES.values():
        for name in (category.id, category.zh, category.en, *category.aliases):
            assert category_of(name) == category.id
    assert category_of("火星基地") is None
