"""`scripts/build_pages.py` builds the pages if and only if their sources have changed.

It runs in a copy of the project. A script in place of `reflex` writes a minimal build.
"""

import gzip
import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rig.processes import Process

ROOT = Path(__file__).parents[2]
STAND_IN = """#!/bin/sh
mkdir -p .web/build/client/assets .web/node_modules
date +%N >.web/build/client/index.html
cat >.web/build/client/assets/env.js <<END
var e={PING:\\`$REFLEX_API_URL/ping\\`,EVENT:"ws${REFLEX_API_URL#http}/_event"};
END
echo 'h=[`localhost`,`0.0.0.0`,`::`,`0:0:0:0:0:0:0:0`];' >.web/build/client/assets/state.js
gzip -kf .web/build/client/assets/env.js
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project whose pages are not built."""
    return copy_project(tmp_path)


@pytest.fixture(scope="module")
def once_built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose pages are built. No test changes it."""
    project = copy_project(tmp_path_factory.mktemp("project"))
    assert builds(project)
    return project


@pytest.fixture
def built_project(once_built: Path, tmp_path: Path) -> Path:
    """A project whose pages are built. The copied files keep their times, which are part of the stamp."""
    return shutil.copytree(once_built, tmp_path / "project", copy_function=shutil.copy2)


def copy_project(target: Path) -> Path:
    for part in ("streaming_app", "assets", "scripts", "reflex.lock"):
        shutil.copytree(ROOT / part, target / part, ignore=shutil.ignore_patterns("__pycache__", "external"))
    for part in ("rxconfig.py", "uv.lock"):
        shutil.copy(ROOT / part, target / part)
    reflex = target / "bin/reflex"
    reflex.parent.mkdir()
    reflex.write_text(STAND_IN)
    reflex.chmod(0o755)
    return target


def builds(project: Path, **settings: str) -> bool:
    """Run the script, and return whether it built the pages."""
    script = run(project, **settings)
    assert script.wait_until_ended() == 0
    return {"Building the pages ...\n": True, "The pages are built already.\n": False}[script.output()]


def run(project: Path, **settings: str) -> Process:
    environment = {"PATH": f"{project / 'bin'}:{os.environ['PATH']}", "REFLEX_WEB_WORKDIR": ".web", **settings}
    command = [sys.executable, project / "scripts/build_pages.py"]
    return Process("build_pages", command, project / "log", environment=environment, folder=project)


def test_unchanged_pages_are_not_built_again(project: Path) -> None:
    assert builds(project)
    assert not builds(project)


def test_the_build_adds_no_addresses_to_the_lock_file_of_npm(project: Path) -> None:
    npm = Path(sys.executable).with_name("npm")
    reflex = project / "bin/reflex"
    reflex.write_text(f"{STAND_IN}{npm} config get omit-lockfile-registry-resolved >{project}/setting\n")

    assert builds(project, HOME=str(project))
    assert (project / "setting").read_text(encoding="utf-8") == "true\n"


def test_a_build_that_writes_a_lock_file_in_another_format_leaves_it_unchanged(project: Path) -> None:
    lock, reflex = project / "reflex.lock/package.json", project / "bin/reflex"
    original = lock.read_bytes()
    reflex.write_text(f"{STAND_IN}{sys.executable} -m json.tool {lock} {lock}\n")

    assert builds(project)
    assert lock.read_bytes() == original
    assert not builds(project)


def test_a_package_that_the_build_adds_stays_in_the_lock_file(project: Path) -> None:
    lock, reflex = project / "reflex.lock/package.json", project / "bin/reflex"
    reflex.write_text(f"""{STAND_IN}sed -i 's/"dependencies": *{{/&"new-package": "1.0.0", /' {lock}\n""")

    assert builds(project)
    assert '"new-package"' in lock.read_text(encoding="utf-8")


CHANGES: dict[str, Callable[[Path], object]] = {
    "a page": lambda project: _add_to(project / "streaming_app/pages/home.py"),
    "a script of a component": lambda project: _add_to(project / "streaming_app/components/chat/compose_box.tsx"),
    "a state": lambda project: _add_to(project / "streaming_app/state/view_models.py"),
    "what a state begins with": lambda project: _add_to(project / "streaming_app/backend/streams/model.py"),
    "a new module": lambda project: (project / "streaming_app/pages/about.py").write_text(""),
    "a page less": lambda project: (project / "streaming_app/pages/login.py").unlink(),
    "a style": lambda project: _add_to(project / "assets/styles/base.css"),
    "an npm package": lambda project: _add_to(project / "reflex.lock/package-lock.json"),
    "a Python package": lambda project: _add_to(project / "uv.lock"),
    "a build from elsewhere": lambda project: (project / ".web/build/client/index.html").write_text("other"),
    "a build without its files": lambda project: (project / ".web/build/client/index.html").unlink(),
    "no build": lambda project: shutil.rmtree(project / ".web/build"),
    "a stamp cut short": lambda project: (project / ".web/.made-of").write_text(""),
}


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_source_file_rebuilds_the_pages(built_project: Path, change: str) -> None:
    CHANGES[change](built_project)

    assert builds(built_project)


def test_a_changed_build_setting_of_reflex_rebuilds_the_pages(built_project: Path) -> None:
    assert builds(built_project, REFLEX_FRONTEND_PATH="x")
    assert not builds(built_project, REFLEX_FRONTEND_PATH="x")
    assert builds(built_project)


@pytest.mark.parametrize(
    ("setting", "value"), [("HTTP_PORT", "18080"), ("WEB_PORT", "18000"), ("PUBLIC_URL", "https://tv.example.com")]
)
def test_built_pages_contain_no_address_of_the_site(built_project: Path, setting: str, value: str) -> None:
    assert not builds(built_project, **{setting: value})


def test_pages_connect_to_the_origin_that_they_were_opened_at(built_project: Path) -> None:
    assets = built_project / ".web/build/client/assets"
    addresses = (assets / "env.js").read_text()
    assert addresses == (
        'var e={PING:`${location.origin}/ping`,EVENT:`${location.origin.replace("http","ws")}/_event`};\n'
    )
    assert gzip.decompress((assets / "env.js.gz").read_bytes()).decode() == addresses
    assert (assets / "state.js").read_text() == "h=[];\n"


def test_pages_that_contain_another_address_fail_the_build(project: Path) -> None:
    stand_in = project / "bin/reflex"
    stand_in.write_text(stand_in.read_text().replace("mkdir", "REFLEX_API_URL=http://elsewhere; mkdir", 1))

    assert run(project).wait_until_ended() == 1
    assert not (project / ".web/.made-of").exists()


def test_files_written_by_a_running_site_do_not_rebuild_the_pages(built_project: Path) -> None:
    (built_project / "streaming_app/__pycache__").mkdir(exist_ok=True)
    (built_project / "streaming_app/__pycache__/routes.pyc").write_text("")
    (built_project / "assets/external").mkdir()
    (built_project / "assets/external/a.js").write_text("")
    (built_project / "data").mkdir()
    (built_project / "data/streaming.sqlite3").write_text("")

    assert not builds(built_project, DATA_DIR="elsewhere")


def test_a_failed_build_leaves_no_stamp(built_project: Path) -> None:
    (built_project / "bin/reflex").write_text("#!/bin/sh\nexit 3\n")
    _add_to(built_project / "streaming_app/pages/home.py")

    assert run(built_project).wait_until_ended() == 3
    assert not (built_project / ".web/.made-of").exists()


def _add_to(file: Path) -> None:
    with file.open("a", encoding="utf-8") as changed:
        changed.write("\n")
