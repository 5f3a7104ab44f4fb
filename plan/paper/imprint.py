"""What stands on every sheet about itself: title, review number, maker, data, system, day, rules."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any

from plan.crs import spoken_name
from plan.dossier import Dossier, Imprint
from plan.findings import InputFile, PackRef
from plan.maps.words import Words as MapWords
from plan.messages import Message, translate
from plan.site import Site

__all__ = ["dossier_imprint", "imprint_data"]


def imprint_data(
    *,
    lang: str,
    title: str,
    imprint: Imprint | None = None,
    site: Site | None = None,
    pack: PackRef | None = None,
    on: str = "",
    inputs: tuple[InputFile, ...] = (),
) -> dict[str, Any]:
    """Return the title block as plain data.

    Parameters
    ----------
    lang : {"zh", "en"}
        The language.
    title : str
        Whose sheets these are.
    imprint : Imprint, optional
        What the user says about them; what is not said shows as not given, never as a guess.
    site : Site, optional
        Where system and attribution come from.
    pack : PackRef, optional
        The rules.
    on : str
        ISO date for which the rules were taken.
    inputs : tuple of InputFile
        The files; named where the user names no source.

    Returns
    -------
    dict
        ``title``, and ``cells``: heads and texts in order.
    """
    words, told = MapWords(lang=lang), imprint or Imprint()
    nothing = translate(Message("paper.not_given"), lang)
    files = "、".join(PurePath(file.path).name for file in (inputs or (() if site is None else site.inputs)))
    cells = [
        ("review_number", told.review_number or words.text("meta.not_reviewed")),
        ("made_by", told.made_by or nothing),
        ("dated", told.dated or nothing),
        ("source", told.source or files or nothing),
    ]
    if site is not None:
        cells.append(("crs", translate(spoken_name(site.crs), lang)))
    if pack is not None:
        name = f"{translate(pack.title, lang) or pack.id}（{pack.id} {pack.version}）"
        cells.append(("pack", f"{name} {on}".strip()))
    shown = [[_head(words, key), text] for key, text in cells]
    if site is not None and site.attribution:
        shown.append([translate(Message("paper.attribution"), lang), site.attribution])
    return {"title": told.title or title, "cells": shown}


def dossier_imprint(dossier: Dossier) -> dict[str, Any]:
    """Return the title block of a hearing, in its language; see :func:`imprint_data`."""
    return imprint_data(
        lang=dossier.lang,
        title=dossier.site.title,
        imprint=dossier.imprint,
        site=dossier.site,
        pack=dossier.pack.ref,
        on=dossier.pack.on or "",
    )


def _head(words: MapWords, key: str) -> str:
    return translate(Message("paper.dated"), words.lang) if key == "dated" else words.text(f"meta.{key}")
