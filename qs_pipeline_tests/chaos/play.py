"""Plays sequences, several at a time, and holds what QuickSight shows in the end against undisturbed publications."""

import hashlib
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from qs_pipeline.local_aws import Fault
from qs_pipeline_tests.chaos.picture import Picture, difference, picture
from qs_pipeline_tests.chaos.plan import Kill, Sequence, Variant, draw
from qs_pipeline_tests.chaos.world import World, wait

_SETTLED_SECONDS = 600.0
_REPAIRED_SECONDS = 90.0
_BAD_AFTER_SECONDS = 12.0


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """How a sequence ended; ``differs`` is empty where all is as it should be.

    Attributes:
        struck: How many of its faults struck at least once before they ended.
        runs: How many runs it had.
        seconds: From the beginning of its batch.
    """

    sequence: Sequence
    struck: int
    runs: int
    seconds: float
    differs: str


class Play:
    """Sequences of one seed in one world."""

    def __init__(self, world: World, *, seed: int, seconds: float, on_a_bad_line: bool = False) -> None:
        """Nothing is played yet.

        Args:
            world: Where they play.
            seed: Of the sequences.
            seconds: How long the history of a sequence is.
            on_a_bad_line: Whether the line to the account is bad during the histories, and for a while after them.
        """
        self._world = world
        self._seed = seed
        self._seconds = seconds
        self._on_a_bad_line = on_a_bad_line
        self._undisturbed: dict[str, Picture] = {}

    def batch(self, numbers: range) -> Iterator[Verdict]:
        """Play these sequences at the same time; each verdict as it is known, when all have ended."""
        sequences = [draw(self._seed, number, seconds=self._seconds) for number in numbers]
        begun = time.monotonic()
        self._world.wire.bad = self._on_a_bad_line
        self._act(sequences)
        if self._on_a_bad_line:
            time.sleep(_BAD_AFTER_SECONDS)  # the runs that were asked for last meet it, too
        self._world.wire.bad = False
        missing = [each for each in sequences if _reference(each.files) not in self._undisturbed]
        for each in missing:
            for name, variant in sorted(each.files.items()):
                self._world.put(_reference(each.files), name, variant)
        names = [each.assessment for each in sequences] + [_reference(each.files) for each in missing]
        uploaded = self._world.uploaded(names)
        wait(lambda: not self._world.undone(uploaded), seconds=_SETTLED_SECONDS)
        # Each strikes a few times and no more, so all of them are met before they are taken away.
        unspent = [Fault(**each) for each in self._world.aws.faults.shown()]
        self._world.aws.faults.clear()
        undone = self._world.undone(uploaded)
        for each in missing:
            if (name := _reference(each.files)) not in undone:
                self._undisturbed[name] = self._shown(name)
        # What a clean-up that died left over goes when the drift sensor has looked.
        wait(lambda: not any(self._differs(each, undone) for each in sequences), seconds=_REPAIRED_SECONDS, every=5)
        for each in sequences:
            yield Verdict(
                sequence=each,
                struck=sum(fault not in unspent for fault in each.faults),
                runs=len(self._world.runs(each.assessment)),
                seconds=time.monotonic() - begun,
                differs=self._differs(each, undone),
            )

    def _act(self, sequences: list[Sequence]) -> None:
        steps = sorted(
            ((at, each.assessment, action) for each in sequences for at, action in each.steps), key=lambda step: step[0]
        )
        # A service that starts anew would outlast the histories: the clock stands still while it does.
        stood, begun = 0.0, time.monotonic()
        for at, assessment, action in steps:
            time.sleep(max(0.0, begun + stood + at - time.monotonic()))
            before = time.monotonic()
            self._world.act(assessment, action)
            if isinstance(action, Kill):
                stood += time.monotonic() - before

    def _shown(self, assessment: str) -> Picture:
        return {
            **picture(self._world.aws, self._world.quicksight, assessment),
            "status": self._world.status(assessment).replace(assessment, "@"),
        }

    def _differs(self, sequence: Sequence, undone: dict[str, str]) -> str:
        reference = _reference(sequence.files)
        for name in (sequence.assessment, reference):
            if name in undone:
                return f"{name}: {undone[name]} after {_SETTLED_SECONDS:.0f} s; status: {self._world.status(name)}"
        runs = self._world.runs(sequence.assessment)
        if any(begun < ended for (_, ended), (begun, _) in pairwise(runs)):
            return f"two runs of one assessment at a time: {runs}"
        return difference(self._shown(sequence.assessment), self._undisturbed[reference])


def _reference(files: dict[str, Variant]) -> str:
    """The assessment under which a set of files is published undisturbed."""
    content = json.dumps(sorted((name, variant) for name, variant in files.items()))
    return f"calm-{hashlib.sha256(content.encode()).hexdigest()[:10]}"
