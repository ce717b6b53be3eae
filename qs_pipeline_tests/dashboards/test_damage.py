"""Whatever is wrong in a definition, looking at it ends in an answer, and what pruning leaves does not dangle."""

import json
from collections.abc import Iterator
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qs_pipeline.dashboards.definition import Definition
from qs_pipeline.dashboards.prune import prune
from qs_pipeline.dashboards.validate import problems

Columns = dict[str, list[str]]
Place = tuple[str | int, ...]

_quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_junk = st.sampled_from([None, 3, True, "x", [], {}, [7], {"a": 1}])


def _places(value: object, path: Place = ()) -> Iterator[tuple[Place, object]]:
    if path:
        yield path, value
    steps: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, inner in steps:
        yield from _places(inner, (*path, step))


def _with(definition: Definition, place: Place, value: object) -> Definition:
    content: Any = json.loads(json.dumps(definition.content))
    around = content
    for step in place[:-1]:
        around = around[step]
    around[place[-1]] = value
    return Definition(content=content)


@_quick
@given(data=st.data())
def test_junk_in_any_place_is_a_problem_or_harmless_and_never_a_traceback(
    small: Definition, stalls: Columns, data: st.DataObject
) -> None:
    place, _ = data.draw(st.sampled_from(list(_places(small.content))))
    spoilt = _with(small, place, data.draw(_junk))
    assert all(problem.message for problem in problems(spoilt, stalls))
    prune(spoilt, {"crates": stalls["crates"]})


@_quick
@given(data=st.data())
def test_a_misspelt_name_in_any_place_does_not_outlive_pruning(
    small: Definition, stalls: Columns, data: st.DataObject
) -> None:
    texts = [(place, text) for place, text in _places(small.content) if isinstance(text, str)]
    place, text = data.draw(st.sampled_from(texts))
    pruned = prune(_with(small, place, f"{text}x"), stalls).definition
    enums = ("none of the values", "does not match")
    assert [str(one) for one in problems(pruned, stalls) if not any(said in one.message for said in enums)] == []
    assert prune(pruned, stalls).report == ()
