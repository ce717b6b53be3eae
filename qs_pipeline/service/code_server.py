"""The code server of ``deploy/compose.yaml``: a warm one, after what an earlier one left behind is cleared away.

On one host each run is a process of the code server and ends with its container. Dagster's launcher does not ask after
such runs: one whose process is gone would count as under way until its longest run time is over, and its assessment
would wait as long. So they are reported as failed here, before the next server starts, and asked for again.
"""

import os
import sys
from pathlib import Path

from qs_pipeline.service.processes import end_groups, groups_with
from qs_pipeline.service.supervisor import fail_unfinished_runs
from qs_pipeline.settings import Settings

_NOTE = "code-server.group"
_STOP_SECONDS = 10.0


def end_left_over(home: Path) -> None:
    """End what is left of the last code server of ``home``, and note the process group of this one.

    In a container nothing is left. A server that was killed without one leaves its runs at work.
    """
    note, mark, own = home / _NOTE, f"QS_HOME={home}", os.getpgrp()
    noted = {int(note.read_text())} if note.exists() else set[int]()
    left = groups_with(mark, noted - {own})
    if not end_groups(left, lambda: not groups_with(mark, left), patience=_STOP_SECONDS):
        raise RuntimeError(f"processes of an earlier code server do not end: kill the process groups {sorted(left)}")
    note.write_text(str(own))


def main() -> None:
    """Become the warm server, with the arguments that are given."""
    home = Settings.from_environment(os.environ).home
    end_left_over(home)
    fail_unfinished_runs(home)
    server = ["-m", "qs_pipeline.service.warm_server", "-m", "qs_pipeline.definitions", *sys.argv[1:]]
    os.execv(sys.executable, [sys.executable, *server])  # noqa: S606 - no shell; the arguments are the operator's


if __name__ == "__main__":
    main()
