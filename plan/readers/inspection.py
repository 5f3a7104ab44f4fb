"""What was found in files, before anything is judged: layers, systems, encodings, columns and problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plan.crs import short_name
from plan.findings import InputFile, Problem
from plan.readers.assemble import Judged
from plan.readers.naming import LayerMapping
from plan.readers.raw import RawLayer
from plan.schema import LAYERS
from plan.text_safety import plain
from plan.validation import match_table

__all__ = ["Inspection", "LayerSeen", "see"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerSeen:
    """A layer as it lies in a file.

    Parameters
    ----------
    path, source_layer : str
        Where it is, and what it is called there.
    name : str
        The layer of the contract that it is; empty when that cannot be told.
    rows : int
        How many rows it has.
    geometry : tuple of str
        The kinds of shapes in it, sorted.
    crs, encoding : str
        As the file names them or as decided; empty when there is none.
    matched : mapping of str to str
        From columns of the file to columns of the contract.
    unmatched : tuple of str
        Columns of the file that the contract does not know; they are kept.
    """

    path: str
    source_layer: str
    name: str
    rows: int
    geometry: tuple[str, ...]
    crs: str
    encoding: str
    matched: Mapping[str, str]
    unmatched: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Inspection:
    """What ``plan inspect`` found.

    Parameters
    ----------
    files : tuple of InputFile
        The files and their SHA-256.
    layers : tuple of LayerSeen
        All layers, known or not.
    problems : tuple of Problem
        All problems, each with its cure.
    judged : Judged
        The layers in the form of the contract, for whoever looks further.
    """

    files: tuple[InputFile, ...]
    layers: tuple[LayerSeen, ...]
    problems: tuple[Problem, ...]
    judged: Judged

    def to_dict(self, lang: str = "zh") -> dict[str, Any]:
        """Return it as plain data, ``plan.inspect/1``.

        Parameters
        ----------
        lang : {"zh", "en"}, default "zh"
            The language of messages and cures.
        """
        return {
            "schema": "plan.inspect/1",
            "files": [{"path": file.path, "sha256": file.sha256} for file in self.files],
            "layers": [
                {
                    "path": layer.path,
                    "source_layer": layer.source_layer,
                    "layer": layer.name or None,
                    "rows": layer.rows,
                    "geometry": list(layer.geometry),
                    "crs": layer.crs or None,
                    "encoding": layer.encoding or None,
                    "columns": dict(layer.matched),
                    "unmatched": list(layer.unmatched),
                }
                for layer in self.layers
            ],
            "problems": [problem.to_dict(lang) for problem in self.problems],
        }


def see(layer: RawLayer, mapping: LayerMapping) -> LayerSeen:
    """Describe a layer as it was found."""
    frame = layer.frame
    names = layer.columns
    matched: dict[str, str] = {}
    if layer.name:
        said = mapping.columns.get(layer.name, {})
        matched = {plain(name): said[name] for name in names if name in said}
        for ours, theirs in match_table(LAYERS[layer.name], frame).items():
            if ours not in matched.values():
                matched[plain(theirs)] = ours
    return LayerSeen(
        path=layer.path,
        source_layer=plain(layer.source_layer),
        name=layer.name,
        rows=len(frame),
        geometry=tuple(sorted({str(t) for t in frame.geometry.geom_type.dropna().unique()})),
        crs="" if frame.crs is None else short_name(frame.crs),
        encoding=layer.encoding,
        matched=matched,
        unmatched=tuple(plain(name) for name in names if plain(name) not in matched),
    )
