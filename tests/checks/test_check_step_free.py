"""Routes without steps: what breaks one is named, and one may be longer."""

from __future__ import annotations

from cases import MET, NOT_MET, UNDETERMINED
from cases_of_walking import STEP_FREE, ramped
from small_sites import judged, layer, line, site

from plan.rules import kinds


def test_a_route_without_steps_names_the_steps_and_slopes_that_break_it():
    found = judged(ramped("steps"), STEP_FREE)
    assert (found.status, found.features) == (NOT_MET, ("W2",))
    assert found.geometry is not None
    assert found.geometry["type"] == "LineString"
    assert (found.measured, found.required) == (0, 1)
    steep = judged(ramped("path", slope=-0.081), STEP_FREE)
    assert (steep.status, steep.features) == (NOT_MET, ("W2",))
    # Without a limit slopes are not judged, and need not be known.
    assert judged(ramped("path", slope=None), kinds.StepFree(categories=("clinic",))).status is MET
    open_ = judged(ramped(None), STEP_FREE)
    assert "W2" in open_.reason.to("en")


def test_a_route_without_steps_may_be_longer():
    assert judged(ramped("steps", around=True), STEP_FREE).status is MET


def test_a_route_without_steps_needs_ways_a_gate_and_something_to_go_to():
    assert judged(ramped("path"), kinds.StepFree(categories=("market",))).status is UNDETERMINED
    nowhere = site(walkways=[{"way_id": "W", "kind": "path", "geometry": line((0, 0), (9, 0))}])
    assert judged(nowhere, STEP_FREE).status is UNDETERMINED
    undrawn = ramped("path").with_layer(
        "entrances", layer("entrances", [{"entrance_id": "G", "kind": "gate", "main": True}])
    )
    assert "F1" in judged(undrawn, STEP_FREE).reason
