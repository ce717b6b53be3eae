"""Refreshes are scarce: 32 in 24 hours are never exceeded, and the last ones are spread."""

from hypothesis import given
from hypothesis import strategies as st

from qs_pipeline.quicksight.quota import DAY, next_refresh

NOW = 1_000_000.0


def test_while_there_is_plenty_a_change_is_refreshed_at_once() -> None:
    assert next_refresh([NOW - n for n in range(23)], NOW, per_day=32) == NOW


def test_the_last_ones_keep_a_distance_so_that_changes_are_taken_together() -> None:
    used = [NOW - 60 - n for n in range(24)]
    assert next_refresh(used, NOW, per_day=32) == NOW - 60 + DAY / 32
    assert next_refresh(used, NOW, per_day=32, urgent=True) == NOW, "a person may use them up"


def test_when_all_are_used_the_oldest_has_to_leave_the_window() -> None:
    used = [NOW - 100 * n for n in range(32)]
    for urgent in (True, False):
        assert next_refresh(used, NOW, per_day=32, urgent=urgent) == NOW - 3_100 + DAY


def test_what_is_older_than_a_day_does_not_count() -> None:
    assert next_refresh([NOW - DAY - n for n in range(40)], NOW, per_day=32) == NOW


def test_a_refusal_is_believed_for_an_hour_whatever_is_remembered() -> None:
    assert next_refresh([], NOW, per_day=32, refused=NOW - 600) == NOW + 3_000
    assert next_refresh([], NOW, per_day=32, refused=NOW - 3_600) == NOW
    assert next_refresh([NOW - 300], NOW, per_day=32, refused=NOW - 600) == NOW, "one succeeded since"


@given(
    st.lists(st.floats(0, 2 * DAY), min_size=1, max_size=120),
    st.integers(1, 40),
    st.booleans(),
)
def test_no_window_of_a_day_ever_holds_more_than_is_allowed(
    changes: list[float],
    per_day: int,
    urgent: bool,  # noqa: FBT001 - drawn
) -> None:
    done: list[float] = []
    for change in sorted(changes):
        at = next_refresh(done, max([change, *done]), per_day=per_day, urgent=urgent)
        done.append(at)
        assert sum(at - DAY + 1e-6 < each <= at for each in done) <= per_day, "but for what a float rounds"
