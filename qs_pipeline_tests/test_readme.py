"""What the documents say exists: commands, options, make verbs, settings, actions, files."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.core import TyperGroup

from qs_pipeline.cli import app
from qs_pipeline.needs import needs_of
from qs_pipeline.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
SOURCES = "\n".join(path.read_text() for path in sorted((ROOT / "qs_pipeline").rglob("*.py")))

# What creating things asks for without a call of that name.
IMPLIED = {"PassDataSource", "PassDataSet", "TagResource"}


def options() -> dict[str, set[str]]:
    """The long options of every command but ``--help``; commands of a group bear its name before their own."""
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    commands = {
        " ".join([name, *below]): leaf
        for name, command in group.commands.items()
        for below, leaf in (
            [([inner], one) for inner, one in command.commands.items()]
            if isinstance(command, TyperGroup)
            else [(list[str](), command)]
        )
    }
    return {
        name: {option for each in command.params for option in each.opts if option.startswith("--")}
        for name, command in commands.items()
    }


def _named(words: list[str]) -> str:
    """The command in ``qs-pipeline`` and its words: of a group, two of them."""
    two = " ".join(words[1:3])
    return two if two in options() else words[1]


def lines_in(text: str) -> list[str]:
    """The commands in code fences without a language, without comments."""
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, flags=re.MULTILINE | re.DOTALL)
    return [
        line.partition("  #")[0].strip() for language, fence in fences if not language for line in fence.splitlines()
    ]


def commands_in(text: str) -> Iterator[list[str]]:
    """The words of every command in those fences, and in the first column of the command table."""
    for line in lines_in(text) + re.findall(r"^\| `(qs-pipeline [^`]*)`", text, flags=re.MULTILINE):
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words = words[1:]
        if words:
            yield words


def wrong_with(words: list[str]) -> str:
    """What is not so in a command; empty where all is well."""
    program, *rest = words
    if program == "make":
        targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE)
        stray = [word for word in rest if "=" not in word and word not in targets]
        arguments = next((word.partition("=")[2] for word in rest if word.startswith("ARGS=")), "")
        return f"no make target {stray}" if stray else _wrong_options("demo", arguments.split())
    if program != "qs-pipeline" or not rest:
        return f"{program} is no command of ours"
    return _wrong_options(_named(words), rest[1:])


def _wrong_options(name: str, words: list[str]) -> str:
    if name not in options():
        return f"no command {name}"
    stray = set(_options_in(words)) - options()[name]
    return f"{name} has no {sorted(stray)}" if stray else ""


def _options_in(words: list[str]) -> list[str]:
    return re.findall(r"--[a-z-]+", " ".join(words))


def settings_in(text: str) -> set[str]:
    """The variables in the first column of the settings table."""
    section = text.partition("\n## Settings\n")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, flags=re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([A-Z_]+)`", cell)}


def test_every_command_in_the_documents_exists_with_its_options() -> None:
    documents = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    found = [words for document in documents for words in commands_in(document.read_text())]
    assert len(found) > 20
    assert [(words, wrong) for words in found if (wrong := wrong_with(words))] == []


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ("make lunch", "no make target ['lunch']"),
        ('make demo ARGS="--twice"', "demo has no ['--twice']"),
        ("qs-pipeline dance", "no command dance"),
        ("qs-pipeline run files --into results", "run has no ['--into']"),
        ("pip install it", "pip is no command of ours"),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(line: str, wrong: str) -> None:
    (words,) = commands_in(f"```\n{line}\n```\n")
    assert wrong_with(words) == wrong


def test_the_command_table_has_every_command_with_all_its_options() -> None:
    section = README.partition("\n## Commands\n")[2].partition("\n## ")[0]
    table = "\n".join(line for line in section.splitlines() if line.startswith("|"))
    assert {_named(words): set(_options_in(words)) for words in commands_in(table)} == options()


def test_the_short_table_of_settings_names_variables_that_are_read() -> None:
    named = settings_in(README)
    assert len(named) > 5
    assert named <= {variable.name for variable in Settings.variables()}


def test_the_page_of_permissions_tells_what_needs_say() -> None:
    wanted = [
        "| {} | {} | {} |".format(
            ", ".join(f"`{action}`" for action in need.actions),
            ", ".join(place if place.startswith("the ") else f"`{place}`" for place in need.on),
            need.why,
        )
        for need in needs_of("run", "sensors", "people")
    ]
    page = (ROOT / "docs/permissions.md").read_text()
    table = page.partition("| actions | on | for |\n|---|---|---|\n")[2].partition("\n\n")[0]
    assert table.splitlines() == wanted


def test_needs_name_the_quicksight_actions_that_are_called_and_no_others() -> None:
    client = "\n".join(path.read_text() for path in (ROOT / "qs_pipeline/quicksight").glob("*.py"))
    methods = re.findall(r"(?<!type_defs as )\b_?api\.(?:get_paginator\(\")?([a-z_]+)", client)
    called = {method.title().replace("_", "") for method in methods if method != "meta"}
    named = {action for need in needs_of("run", "sensors") for action in need.actions}
    # The identity region is asked for with QS_PRINCIPALS only, by those roles.
    assert {f"quicksight:{name}" for name in (called | IMPLIED) - {"DescribeUser"}} == {
        action for action in named if action.startswith("quicksight:")
    }


def test_the_readme_is_short() -> None:
    assert len(README.splitlines()) <= 250


def test_relative_links_lead_somewhere() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],  # noqa: S607 - git is on the path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    documents = [ROOT / name for name in listed.stdout.splitlines()]
    assert ROOT / "README.md" in documents
    links = [
        (document, link)
        for document in documents
        for link in re.findall(r"\]\(([^)#\s]+)[^)]*\)", document.read_text())
        if "://" not in link
    ]
    assert len(links) > 3
    assert [(str(document), link) for document, link in links if not (document.parent / link).exists()] == []
