"""What ``qs-pipeline status`` says before there is anything to say."""

from pathlib import Path

import pytest

from qs_pipeline.cli.status import status
from qs_pipeline.service.supervisor import make_instance


@pytest.mark.long
def test_where_nothing_was_uploaded_status_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("QS_HOME", str(tmp_path))
    make_instance(tmp_path)
    status()
    assert "no assessment yet: 'qs-pipeline upload' brings one" in capsys.readouterr().out
    status(as_json=True)
    assert capsys.readouterr().out == "[]\n"
