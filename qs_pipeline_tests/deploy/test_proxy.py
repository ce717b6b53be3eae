"""``deploy/nginx.conf`` as a real nginx in front of two real webservers, one of which only shows."""

import base64
import json
import os
import shutil
import ssl
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import dagster as dg
import pytest
from playwright.sync_api import sync_playwright

from qs_pipeline.dag.keys import assessments
from qs_pipeline.service.processes import HOST, answers, free_port, listens, until
from qs_pipeline_tests.conftest import missing
from qs_pipeline_tests.deploy.compose import BIN, Program
from qs_pipeline_tests.deploy.conftest import DEPLOY

pytestmark = pytest.mark.long
PEOPLE = {"operator": "may do all", "guest": "may look"}
ADD = """mutation { addDynamicPartition(partitionsDefName: "assessment", partitionKey: "%s", repositorySelector:
{repositoryName: "__repository__", repositoryLocationName: "qs_pipeline"}) { __typename } }"""


@dataclass
class Proxy:
    """The proxy's address, and what somebody gets there."""

    url: str
    certificate: Path
    instance: dg.DagsterInstance

    def ask(self, path: str, *, who: str = "", body: object = None, headers: dict[str, str] | None = None) -> bytes:
        """The answer to a request with the password of a person."""
        told = {"Content-Type": "application/json", **(headers or {})}
        if who:
            told["Authorization"] = "Basic " + base64.b64encode(f"{who}:{PEOPLE[who]}".encode()).decode()
        request = Request(self.url + path, headers=told, data=None if body is None else json.dumps(body).encode())
        with urlopen(request, context=ssl.create_default_context(cafile=self.certificate), timeout=30) as reply:
            return bytes(reply.read())

    def refusal(self, path: str, *, who: str = "", headers: dict[str, str] | None = None) -> int:
        """The status with which a request is refused."""
        with pytest.raises(HTTPError) as refused:
            self.ask(path, who=who, headers=headers)
        refused.value.close()
        return refused.value.code

    def mutate(self, name: str, *, who: str) -> str:
        """What kind of answer the mutation gets that adds an assessment."""
        answer = json.loads(self.ask("/graphql", who=who, body={"query": ADD % name}))
        return str(answer["data"]["addDynamicPartition"]["__typename"])


def certificate(folder: Path) -> Path:
    """A certificate of our own for loopback, and its key beside it."""
    for_loopback = ["-subj", "/CN=qs-pipeline", "-addext", f"subjectAltName=IP:{HOST}"]
    made = ["-keyout", "qs-pipeline.key", "-out", "qs-pipeline.crt"]
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", *for_loopback, *made]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "qs-pipeline.crt"


def hashed(password: str) -> str:
    """The password as the file's head says that it is kept."""
    words = ["openssl", "passwd", "-6", password]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture(scope="module")
def proxy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The code location, both webservers and nginx."""
    nginx = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/bin:/usr/local/bin")
    if nginx is None:
        missing("nginx", "apt-get install nginx-light")
    folder = tmp_path_factory.mktemp("proxy")
    trusted = certificate(folder)
    (folder / "qs-pipeline.people").write_text("".join(f"{who}:{hashed(word)}\n" for who, word in PEOPLE.items()))
    code, full, shows, tls = (free_port() for _ in range(4))
    translated = (DEPLOY / "nginx.conf").read_text().replace("/etc/nginx", str(folder))
    for there, here in {f"{HOST}:3000": full, f"{HOST}:3001": shows}.items():
        translated = translated.replace(there, f"{HOST}:{here}")
    (folder / "site.conf").write_text(translated.replace("listen 443", f"listen {HOST}:{tls}"))
    user = "user root;" if os.geteuid() == 0 else ""  # the folder is read by whoever made it alone
    temporary = "".join(f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy"))
    (folder / "nginx.conf").write_text(f"{user}events {{}} http {{ {temporary} include {folder}/site.conf; }}")
    (folder / "workspace.yaml").write_text((DEPLOY / "workspace.yaml").read_text().replace("4000", str(code)))
    (folder / "dagster.yaml").write_text((DEPLOY.parent / "dagster.yaml").read_text())
    environment = {"DAGSTER_HOME": str(folder), "QS_HOME": str(folder), "QS_CODE_HOST": HOST, "PATH": "/usr/bin:/bin"}
    web = ["-h", HOST, "-w", "workspace.yaml"]
    commands = {
        "code": [str(BIN / "dagster"), "api", "grpc", "-m", "qs_pipeline.definitions", "-h", HOST, "-p", str(code)],
        "full": [str(BIN / "dagster-webserver"), *web, "-p", str(full)],
        "shows": [str(BIN / "dagster-webserver"), *web, "-p", str(shows), "--read-only"],
        "nginx": [nginx, "-c", str(folder / "nginx.conf"), "-g", f"daemon off; pid {folder}/pid; error_log stderr;"],
    }
    programs = {
        name: Program(command, environment=environment, folder=folder, log=folder / f"{name}.log")
        for name, command in commands.items()
    }
    try:
        programs["code"].start()
        assert until(lambda: listens(code), seconds=60), programs["code"].log.read_text()
        for name in ("full", "shows", "nginx"):
            programs[name].start()
        assert until(lambda: all(answers(f"http://{HOST}:{each}/server_info") for each in (full, shows)), seconds=90)
        assert until(lambda: listens(tls), seconds=10), programs["nginx"].log.read_text()
        with dg.DagsterInstance.from_config(str(folder)) as instance:
            yield Proxy(f"https://{HOST}:{tls}", trusted, instance)
    finally:
        for each in reversed(programs.values()):
            each.end()


@pytest.mark.parametrize("path", ["/", "/server_info", "/graphql", "/runs", "/dagit_info", "/logs/x/y/stdout"])
def test_nobody_gets_anything_without_a_password(proxy: Proxy, path: str) -> None:
    assert proxy.refusal(path) == 401
    wrong = base64.b64encode(b"operator:guessed").decode()
    assert proxy.refusal(path, headers={"Authorization": f"Basic {wrong}"}) == 401


def test_operators_change_things_and_all_others_are_shown_them(proxy: Proxy) -> None:
    assert proxy.mutate("by-the-operator", who="operator") == "AddDynamicPartitionSuccess"
    assert proxy.mutate("by-the-guest", who="guest") == "UnauthorizedError"
    assert proxy.instance.get_dynamic_partitions(assessments.name or "") == ["by-the-operator"]
    assert b"<html" in proxy.ask("/", who="guest")


def test_the_page_of_another_site_cannot_use_an_operators_password(proxy: Proxy) -> None:
    asked = "/graphql?" + urlencode({"query": ADD % "by-another-site"})
    for site in ("cross-site", "same-site"):
        assert proxy.refusal(asked, who="operator", headers={"Sec-Fetch-Site": site}) == 403
    assert "by-another-site" not in proxy.instance.get_dynamic_partitions(assessments.name or "")
    # That it is not the request itself which is refused:
    proxy.ask(asked, who="operator", headers={"Sec-Fetch-Site": "same-origin"})
    assert "by-another-site" in proxy.instance.get_dynamic_partitions(assessments.name or "")


def test_a_browser_shows_the_ui_and_its_live_connection_through_the_proxy(proxy: Proxy) -> None:
    executable = shutil.which("chromium")
    if executable is None:
        missing("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(
            ignore_https_errors=True, http_credentials={"username": "guest", "password": PEOPLE["guest"]}
        ).new_page()
        received: list[str | bytes] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: received.append(frame)))  # noqa: PLW0108 - Playwright marks what it is given
        page.goto(f"{proxy.url}/assets", timeout=60_000)
        page.get_by_text("quicksight / dashboard / requirements").first.wait_for(state="attached", timeout=60_000)
        assert until(lambda: page.title() != "" and bool(received), seconds=30), "nothing came by the live connection"
        browser.close()
