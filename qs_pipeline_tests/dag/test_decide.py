"""When an assessment is asked for, as sentences about a pure function."""

import itertools
from collections.abc import Callable, Collection

import pytest

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.decide import Cursor, Decision, Patience, Seen, Waiting, decide
from qs_pipeline.dag.selection import change, change_in_words, touched_tables
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UploadedFile, fingerprint

ONE = AssessmentId("2002")


def upload(name: str, etag: str = "a", at: str = "2026-01-01T00:00:00+00:00") -> UploadedFile:
    return UploadedFile(key=f"assessments/2002/{name}.csv", etag=etag, size=1, last_modified=at)


FILES = {"Locations": upload("Locations"), "RD_I_Ration_Costs": upload("RD_I_Ration_Costs")}
PRINT = fingerprint(FILES.values())
LATER = {**FILES, "Locations": upload("Locations", "b")}


def look(
    files: dict[str, UploadedFile] = FILES,
    *,
    now: float = 100,
    waiting: dict[str, Waiting] | None = None,
    receipts: dict[str, str] | None = None,
    busy: tuple[str, ...] = (),
    again: Callable[[Collection[AssessmentId]], Seen] | None = None,
) -> Decision:
    return decide(
        seen={ONE: files},
        receipts=receipts or {},
        busy=busy,
        waiting=waiting or {},
        now=now,
        patience=Patience(),
        look_again=again,
    )


def test_the_first_look_only_remembers() -> None:
    first = look()
    assert not first.requests
    assert first.waiting == {ONE: Waiting(fingerprint=PRINT, since=100)}


def test_two_looks_that_see_the_same_ask_for_a_run() -> None:
    second = look(now=105, waiting=dict(look().waiting))
    assert [request.run_key for request in second.requests] == [f"2002:{PRINT}:100:1"]


def test_both_looks_can_be_in_one_tick() -> None:
    asked: list[Collection[AssessmentId]] = []
    both = look(again=lambda names: asked.append(names) or {ONE: FILES})
    assert asked == [(ONE,)]
    assert [request.run_key for request in both.requests] == [f"2002:{PRINT}:100:1"]
    assert not both.notes
    assert both.waiting[ONE].not_before == 102 + 30


def test_what_moves_between_the_looks_of_a_tick_waits_for_the_next_tick() -> None:
    moving = look(again=lambda _: {ONE: LATER})
    assert not moving.requests
    assert moving.waiting == {ONE: Waiting(fingerprint=fingerprint(LATER.values()), since=100)}
    assert "still changing" in moving.notes[ONE]
    # From then on looks are a tick apart, so that a trickle of uploads is not taken for its end.
    never: Callable[[Collection[AssessmentId]], Seen] = lambda _: pytest.fail("it is no longer new")  # noqa: E731
    assert look(LATER, now=105, waiting=dict(moving.waiting), again=never).requests


def test_what_is_deleted_between_the_looks_of_a_tick_is_not_asked_for() -> None:
    assert not look(again=lambda _: {}).requests


def test_too_many_new_assessments_get_their_second_look_from_the_next_tick() -> None:
    many = {AssessmentId(f"A{number}"): FILES for number in range(21)}
    decision = decide(
        seen=many,
        receipts={},
        busy=(),
        waiting={},
        now=100,
        patience=Patience(second_looks=20),
        look_again=lambda _: pytest.fail("they are too many"),
    )
    assert not decision.requests
    assert decision.notes[AssessmentId("A0")] == "waiting for a second look at {files}"


def test_new_files_of_a_busy_assessment_wait_for_its_run_after_both_looks() -> None:
    busy = look(busy=(ONE,), again=lambda _: {ONE: FILES})
    assert not busy.requests
    assert busy.notes == {ONE: "waiting for its run in progress"}
    assert look(now=105, waiting=dict(busy.waiting)).requests


def test_uploads_that_go_on_put_the_run_off() -> None:
    second = look(LATER, now=105, waiting=dict(look().waiting))
    assert not second.requests
    assert second.waiting[ONE] == Waiting(fingerprint=fingerprint(LATER.values()), since=100)


def test_uploads_without_end_do_not_starve_the_run() -> None:
    assert look(LATER, now=161, waiting=dict(look().waiting)).requests


def test_what_the_dashboard_shows_is_not_asked_for_and_leaves_the_cursor() -> None:
    done = look(now=105, waiting=dict(look().waiting), receipts={ONE: PRINT})
    assert not done.requests
    assert not done.waiting


def test_a_thousand_assessments_are_asked_for_by_and_by_and_the_oldest_first() -> None:
    many = {AssessmentId(f"A{number:04}"): FILES for number in range(1000)}
    waiting = {name: Waiting(fingerprint=PRINT, since=-number) for number, name in enumerate(many)}
    asked: list[AssessmentId] = []
    for tick in range(20):
        found = decide(seen=many, receipts={}, busy=(), waiting=waiting, now=5 * tick, patience=Patience(requests=50))
        asked += [request.assessment for request in found.requests]
        assert len(asked) == 50 * (tick + 1)
        assert sum(note == "waiting for its turn, as 50 are under way" for note in found.notes.values()) == 1000 - len(
            asked
        )
        waiting, many = dict(found.waiting), {name: FILES for name in many if name not in asked}
    assert asked == sorted(asked, reverse=True)


def test_a_clock_that_was_put_back_does_not_stop_the_runs() -> None:
    tried = {ONE: Waiting(fingerprint=PRINT, since=100_000, attempts=1, not_before=100_030)}
    assert look(now=100, waiting=tried).requests
    moving = {ONE: Waiting(fingerprint=PRINT, since=100_000)}
    assert look(LATER, now=100, waiting=moving).requests


def test_a_run_in_progress_is_waited_for() -> None:
    assert not look(now=105, waiting=dict(look().waiting), busy=(ONE,)).requests


def test_a_run_that_fails_again_and_again_is_asked_for_ever_more_seldom() -> None:
    waiting = dict(look().waiting)
    asked: list[float] = []
    for now in range(105, 1200, 5):
        # Each attempt takes ten seconds, in which the assessment is busy.
        busy = (ONE,) if asked and now - asked[-1] <= 10 else ()
        decision = look(now=now, waiting=waiting, busy=busy)
        waiting = dict(decision.waiting)
        asked += [now] * len(decision.requests)
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert pauses == [30, 60, 120, 240, 480]


def test_uploads_that_return_to_an_earlier_state_get_a_run_key_of_their_own() -> None:
    keys = {
        request.run_key
        for now in (100, 500)
        for request in look(now=now + 5, waiting=dict(look(now=now).waiting)).requests
    }
    assert len(keys) == 2


def test_a_run_that_died_is_asked_for_again_after_a_growing_pause() -> None:
    asked = look(now=105, waiting=dict(look().waiting))
    assert not look(now=134, waiting=dict(asked.waiting)).requests
    again = look(now=135, waiting=dict(asked.waiting))
    assert [request.attempt for request in again.requests] == [2]
    assert again.waiting[ONE].not_before == 135 + 60


def test_pauses_stop_growing_at_an_hour() -> None:
    assert Patience().pause(50) == 3600


def test_a_change_after_a_failed_attempt_starts_afresh() -> None:
    asked = look(now=105, waiting=dict(look().waiting))
    changed = look(LATER, now=110, waiting=dict(asked.waiting))
    assert changed.waiting[ONE] == Waiting(fingerprint=fingerprint(LATER.values()), since=110)


def test_assessments_that_this_tick_did_not_list_stay_in_the_cursor() -> None:
    other = {"10910": Waiting(fingerprint="f", since=1)}
    assert look(waiting=other).waiting["10910"] == other["10910"]


def test_a_cursor_survives_being_stored_and_a_broken_one_is_forgotten() -> None:
    cursor = Cursor(waiting=look().waiting, resume_after="assessments/20020", swept_at=7.5, receipts=("one", "two"))
    assert Cursor.from_json(cursor.to_json()) == cursor
    for text in (None, "", "no json", "[]", '{"waiting": {"2002": {"other": 1}}}'):
        assert Cursor.from_json(text) == Cursor()


def test_the_same_bytes_uploaded_anew_change_the_fingerprint_and_no_content() -> None:
    anew = {**FILES, "Locations": upload("Locations", at="2026-01-02T00:00:00+00:00")}
    assert fingerprint(anew.values()) != PRINT
    differs = change(anew, FILES)
    assert differs.uploads == {"Locations"}
    assert not differs.contents


def test_a_deleted_upload_is_a_change_of_content() -> None:
    assert change({}, {"Locations": FILES["Locations"]}).contents == {"Locations"}


def test_only_tables_below_a_change_whose_inputs_are_there_are_touched() -> None:
    touched = touched_tables(CATALOG, changed={"RD_I_Ration_Costs"}, known={"RD_I_Ration_Costs"})
    assert touched == ()
    known = {"RD_I_Ration_Costs", "AssessmentTable", "AssessmentParameterDataMapTable"}
    assert touched_tables(CATALOG, changed={"RD_I_Ration_Costs"}, known=known) == ("RD_I_Ration_Costs_joined",)


def test_a_change_is_told_by_numbers_or_by_names() -> None:
    new, deleted = upload("RD_I_PaxLocationAll"), upload("AssessmentTable")
    listed = {**LATER, "RD_I_PaxLocationAll": new}
    shown = {**FILES, "AssessmentTable": deleted}
    assert change_in_words(listed, {}) == "3 new files"
    assert change_in_words(LATER, FILES) == "1 changed file"
    assert change_in_words(listed, shown) == "1 deleted and 1 changed and 1 new files"
    assert change_in_words(LATER, FILES, named=True) == "Locations.csv changed"
    assert change_in_words(listed, shown, named=True) == (
        "AssessmentTable.csv deleted, Locations.csv changed, RD_I_PaxLocationAll.csv new"
    )
    many = {f"U{number}": upload(f"U{number}") for number in range(4)}
    assert change_in_words(many, {}, named=True) == "4 files new"
