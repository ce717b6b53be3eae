"""The commands in the fences of the README, typed as they stand in a shell, one after the other, as a newcomer does.

Those of ``docs/definition.md``, which call nothing, are typed as well.
"""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from qs_pipeline_tests.test_readme import README, ROOT, lines_in

pytestmark = pytest.mark.long

PATIENCE = 240.0
# That would be this test again, and the ports that somebody's demo may have; the same with other ports is typed.
UNTYPED = ["make test", "make demo"]
STAYS = 'make demo ARGS="--port 3001 --aws-port 4578"'
ACCOUNT = 'QS_BUCKET=my-bucket QS_OWNERS="arn:..." qs-pipeline up --aws'
ENDS = [
    'make demo ARGS="--once --port 0 --aws-port 0"',
    "qs-pipeline sample files --assessment A1 --assessment A2 --without class_i",
    "qs-pipeline run files --out results",
    "qs-pipeline status A1 --json",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that is installed, without the state of anybody."""
    made = tmp_path_factory.mktemp("typed")
    for name in ("definitions", "Makefile", ".venv", "pyproject.toml", "constraints.txt"):
        (made / name).symlink_to(ROOT / name)
    return made


def starts(line: str, folder: Path) -> subprocess.Popen[str]:
    """Type a line, on a machine without an account."""
    line = line.replace("make ", "make --old-file=.venv/.installed ", 1) if line.startswith("make ") else line
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "QS_"))}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    known = {"QS_HOME": str(folder / ".qs"), "PATH": path, "HOME": str(folder), "AWS_EC2_METADATA_DISABLED": "true"}
    return subprocess.Popen(
        ["/bin/sh", "-c", line], cwd=folder, env={**kept, **known}, text=True, start_new_session=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def typed(line: str, folder: Path) -> tuple[int, str, str]:
    """Type a line and wait for its end: exit code, output and errors."""
    process = starts(line, folder)
    out, err = process.communicate(timeout=PATIENCE)
    return process.returncode, out, err


def test_every_command_of_the_readme_stands_here() -> None:
    assert sorted(lines_in(README)) == sorted([*UNTYPED, STAYS, ACCOUNT, *ENDS])


def test_the_commands_that_end_do_what_the_readme_says(folder: Path) -> None:
    for line in ENDS:
        code, out, err = typed(line, folder)
        assert code == 0, (line, out, err)
    assert [each["state"] for each in json.loads(out)] == ["published"]
    assert (folder / "results/assessments/A2").is_dir()


def test_a_demo_stays_until_ctrl_c(folder: Path) -> None:
    demo = starts(STAYS, folder)
    assert demo.stdout is not None
    said: list[str] = []
    for line in demo.stdout:
        said.append(line)
        if line.startswith("Press Ctrl-C"):
            break
    assert "http://127.0.0.1:3001" in "".join(said), said
    os.killpg(demo.pid, signal.SIGINT)
    demo.communicate(timeout=PATIENCE)


def test_without_an_account_that_is_said_in_one_line(folder: Path) -> None:
    code, _, err = typed(ACCOUNT, folder)
    assert code == 2
    assert len(err.strip().splitlines()) == 1, err


def test_the_commands_on_definitions_do_without_a_service(folder: Path) -> None:
    lines = [line for line in lines_in((ROOT / "docs/definition.md").read_text()) if "pull" not in line.split()]
    assert len(lines) == 4
    for line in ["qs-pipeline dashboard build --out exported.json", *lines]:
        code, out, err = typed(line, folder)
        assert code in ((0, 1) if "--datasets POS,Locations" in line else (0,)), (line, out, err)
