"""``make chaos``: many sequences, a line for each; exits 1 where one of them ends otherwise than undisturbed."""

import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Annotated

import typer

from qs_pipeline.service.processes import end_at_first_signal
from qs_pipeline_tests.chaos.play import Play
from qs_pipeline_tests.chaos.world import world_in


def main(
    *,
    seed: Annotated[int, typer.Option(help="Which sequences are drawn.")] = 1,
    sequences: Annotated[int, typer.Option(help="How many.")] = 200,
    first: Annotated[int, typer.Option("--from", help="The first of them, to go on or to have one again.")] = 0,
    batch: Annotated[int, typer.Option(help="How many at a time.")] = 5,
    seconds: Annotated[float, typer.Option(help="How long the history of each is.")] = 12,
    minutes: Annotated[float, typer.Option(help="Begin no further batch after so many minutes.")] = 600,
    bad_line: Annotated[bool, typer.Option("--bad-line", help="Drop, repeat and cut what passes to AWS.")] = False,
) -> None:
    """Play, and print a line for each sequence."""
    end_at_first_signal()
    folder, begun, failed, played = Path(tempfile.mkdtemp(prefix="chaos-")), time.monotonic(), 0, 0
    planned = struck = 0
    with world_in(folder, seed=seed) as world:
        play = Play(world, seed=seed, seconds=seconds, on_a_bad_line=bad_line)
        for start in range(first, first + sequences, batch):
            if time.monotonic() - begun > 60 * minutes:
                break
            for verdict in play.batch(range(start, min(start + batch, first + sequences))):
                played += 1
                planned, struck = planned + len(verdict.sequence.faults), struck + verdict.struck
                failed += bool(verdict.differs)
                told = f"DIFFERS: {verdict.differs}" if verdict.differs else "as undisturbed"
                print(
                    f"seed {seed} sequence {verdict.sequence.number}: {verdict.sequence}; "
                    f"{verdict.struck} of them struck, {verdict.runs} runs, {verdict.seconds:.0f} s: {told}",
                    flush=True,
                )
        killed = ", ".join(f"{victim} {times} times" for victim, times in world.killed.most_common()) or "nobody"
        befell = ", ".join(f"{times} {fate}" for fate, times in world.wire.struck.most_common())
    spent = time.monotonic() - begun
    print(f"{played - failed} of {played} sequences ended as undisturbed, {spent / max(played, 1):.1f} s each")
    print(f"{struck} of {planned} faults struck; killed: {killed}")
    if befell:
        print(f"requests to AWS: {befell}")
    if failed:
        print(f"what the processes wrote is left in {folder}")
        sys.exit(1)
    shutil.rmtree(folder)


if __name__ == "__main__":
    typer.run(main)
