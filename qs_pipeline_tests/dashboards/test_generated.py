"""Whatever definition the service model allows: what pruning leaves of it is sound, final, and grows with the data.

``PRUNE_EXAMPLES`` asks for more than a few; ``make prune-long`` asks for ten thousand.
"""

import os

from hypothesis import given, settings
from hypothesis import strategies as st

from qs_pipeline.dashboards.definition import ROOT, Definition, JsonObject, objects, visual_body
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.dashboards.validate import problems
from qs_pipeline.service_model import violations
from qs_pipeline_tests.dashboards.generated import COLUMNS, DATA_SETS, Maker

_some = settings(max_examples=int(os.environ.get("PRUNE_EXAMPLES", "60")), deadline=None)
_places = [(data_set, column) for data_set in DATA_SETS for column in COLUMNS]
_present = st.sets(st.sampled_from(_places)).map(
    lambda kept: {
        name: [column for one, column in sorted(kept) if one == name] for name in DATA_SETS if name in dict(kept)
    }
)


def _dangling(content: JsonObject, columns: dict[str, list[str]]) -> list[str]:
    found = [str(one) for one in problems(Definition(content=content), columns)]
    return [one for one in found if "is given before" not in one]


def _visuals(definition: Definition) -> set[str]:
    return {visual_body(visual)["VisualId"] for sheet in definition.sheets for visual in objects(sheet.get("Visuals"))}


@_some
@given(seed=st.integers(0, 2**32), columns=_present)
def test_nothing_dangles_and_pruning_again_changes_nothing(seed: int, columns: dict[str, list[str]]) -> None:
    content = Maker(seed).definition()
    assert violations(ROOT, content) == []
    pruned = prune(Definition(content=content), columns)
    if not pruned.is_empty:
        assert _dangling(pruned.definition.content, columns) == []
    again = prune(pruned.definition, columns)
    assert again.definition.content == pruned.definition.content
    assert again.report == ()


@_some
@given(seed=st.integers(0, 2**32), fewer=_present, more=_present)
def test_more_data_never_shows_less(seed: int, fewer: dict[str, list[str]], more: dict[str, list[str]]) -> None:
    both = {
        name: sorted({*fewer.get(name, ()), *more.get(name, ())}) for name in DATA_SETS if name in fewer or name in more
    }
    definition = Definition(content=Maker(seed).definition())
    assert _visuals(prune(definition, fewer).definition) <= _visuals(prune(definition, both).definition)
