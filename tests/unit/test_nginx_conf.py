"""Rendering of nginx's configuration."""

import re
import stat
import subprocess
from datetime import timedelta
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from streaming_app.backend.adapters import nginx_conf
from streaming_app.backend.adapters.nginx_conf import (
    RTMP_PEER_CONNECTIONS,
    NginxProgram,
    find_nginx,
    install_conf,
    render,
)
from streaming_app.backend.adapters.nginx_limits import INSTANCES, Instance
from streaming_app.backend.config import Settings
from streaming_app.backend.errors import SetupError

NGINX = NginxProgram(Path("/usr/sbin/nginx"), (1, 22, 1), (Path("/usr/lib/nginx/modules/ngx_rtmp_module.so"),))
RELAY = re.compile(r"push rtmp://(\S+)/([0-9a-f]{32});")


def _settings(tmp_path: Path, **changes: object) -> Settings:
    return Settings.model_validate({"data_dir": tmp_path, **changes})


def test_the_installed_nginx_is_found_with_its_modules() -> None:
    nginx = find_nginx()

    assert nginx.path.is_file()
    assert nginx.version >= (1, 18, 0)
    assert all(module.is_file() for module in nginx.modules)


@pytest.mark.parametrize("module", nginx_conf.MODULES)
def test_a_missing_module_is_reported_with_the_package_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, module: str
) -> None:
    for other in nginx_conf.MODULES:
        if other != module:
            (tmp_path / other).touch()
    monkeypatch.setattr(nginx_conf, "MODULE_FOLDERS", [tmp_path])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: CompletedProcess([], 0, "", "nginx version: nginx/1.22.1"))

    with pytest.raises(
        SetupError,
        match=rf"{module} .*apt-get install nginx libnginx-mod-rtmp libnginx-mod-stream libnginx-mod-http-lua",
    ):
        find_nginx()


def test_a_built_in_module_needs_no_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    build = (
        "nginx version: openresty/1.27.1.2\nconfigure arguments: --with-stream --with-stream_ssl_module"
        " --add-module=../ngx_devel_kit-0.3.3"
        " --add-module=../ngx_lua-0.10.28 --add-module=/src/nginx-rtmp-module"
    )
    monkeypatch.setattr(nginx_conf, "MODULE_FOLDERS", [tmp_path])
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: CompletedProcess([], 0, "", build))

    assert find_nginx().modules == ()


def test_a_missing_nginx_is_reported_with_the_package_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(nginx_conf, "ADMIN_PATHS", str(tmp_path))

    with pytest.raises(SetupError, match=r"nginx is not installed\..*apt-get install nginx libnginx-mod-rtmp"):
        find_nginx()


def test_a_built_in_module_is_not_loaded(tmp_path: Path) -> None:
    compiled_in = NginxProgram(NGINX.path, NGINX.version, ())

    assert "load_module" not in render(_settings(tmp_path), compiled_in, "ingest")


def test_the_relay_application_has_a_new_secret_name_each_time(tmp_path: Path) -> None:
    settings = _settings(tmp_path)

    names = [match[2] for match in map(RELAY.search, [render(settings, NGINX, "ingest") for _ in range(2)]) if match]

    assert len(set(names)) == 2


@pytest.mark.parametrize("bind_host", ["0.0.0.0", "127.0.0.1", "192.0.2.7"])  # noqa: S104 - what is tested
def test_the_relay_always_listens_on_the_loopback_address(tmp_path: Path, bind_host: str) -> None:
    settings = _settings(tmp_path, bind_host=bind_host)
    conf = render(settings, NGINX, "ingest")

    assert f"listen {bind_host}:1935;" in conf
    assert f"listen {bind_host}:8080 backlog=4096;" in render(settings, NGINX, "front")
    assert "allow publish 127.0.0.1;" in conf
    relay = RELAY.search(conf)
    assert relay is not None
    assert relay[1] == "127.0.0.1:8004"


def test_nginx_listens_on_ipv4_and_ipv6_by_default(tmp_path: Path) -> None:
    ingest, front = (render(_settings(tmp_path), NGINX, instance) for instance in INSTANCES)

    assert "listen 0.0.0.0:1935;" in ingest
    assert "listen [::]:1935 ipv6only=on;" in ingest
    assert "listen 0.0.0.0:8080 backlog=4096;" in front
    assert "listen [::]:8080 backlog=4096;" in front


@pytest.mark.parametrize(("viewers", "warned"), [(20, False), (10_000_000, True)])
def test_a_too_low_limit_of_open_files_is_reported(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, viewers: int, *, warned: bool
) -> None:
    install_conf(_settings(tmp_path, feed_max_connections=viewers), NGINX, "front")

    assert ("open files" in caplog.text) is warned


def test_half_of_the_connections_are_reserved_for_callbacks(tmp_path: Path) -> None:
    conf = render(_settings(tmp_path), NGINX, "ingest")

    [peers] = re.findall(r"limit_conn peers (\d+);", conf)
    [connections] = re.findall(r"worker_connections (\d+);", conf)
    assert int(peers) * RTMP_PEER_CONNECTIONS <= int(connections) // 2


def test_the_front_door_has_room_for_two_websockets_of_each_viewer(tmp_path: Path) -> None:
    conf = render(_settings(tmp_path, feed_max_connections=100), NGINX, "front")

    [room] = re.findall(r"location \^~ /feed/ \{.*?limit_conn websockets (\d+);", conf, re.DOTALL)
    [connections] = re.findall(r"worker_connections (\d+);", conf)
    assert 200 <= int(room) < int(connections) / 2


@pytest.mark.parametrize(("most", "room"), [(30, 30), (2_000, 101)])
def test_real_time_viewers_take_no_websockets_of_pages(tmp_path: Path, most: int, room: int) -> None:
    conf = render(_settings(tmp_path, feed_max_connections=100, realtime_max_viewers=most), NGINX, "front")

    [of_pages] = re.findall(r"location \^~ /feed/ \{.*?limit_conn websockets (\d+);", conf, re.DOTALL)
    [of_viewers] = re.findall(r"limit_conn realtime (\d+);", conf)
    assert int(of_pages) >= 200
    assert int(of_viewers) == pytest.approx(room, abs=1)


def test_nginx_rtmp_waits_longer_than_a_callback_takes(tmp_path: Path) -> None:
    conf = render(_settings(tmp_path), NGINX, "ingest")
    callback = conf.partition("(?<callback>")[2].partition("}")[0]
    packager = conf.partition("location @packager")[2].partition("}")[0]

    steps = re.findall(r"proxy_(?:connect|read)_timeout (\d+)s;", callback + packager)
    [longest] = re.findall(r"netcall_timeout (\d+)s;", conf)

    assert len(steps) == 4
    assert sum(map(int, steps)) < int(longest)


def test_the_playlist_is_longer_than_the_grace_period(tmp_path: Path) -> None:
    conf = render(_settings(tmp_path, reconnect_grace=timedelta(seconds=90)), NGINX, "ingest")

    assert "hls_playlist_length 100s;" in conf


@pytest.mark.parametrize("instance", INSTANCES)
@pytest.mark.parametrize("name", ['a"b', "a$b", "a\\b", "a\nb"])
def test_a_data_folder_that_nginx_cannot_use_is_reported_in_one_line(
    tmp_path: Path, name: str, instance: Instance
) -> None:
    with pytest.raises(SetupError, match="DATA_DIR"):
        render(_settings(tmp_path / name), NGINX, instance)


def test_a_data_folder_with_spaces_and_braces_is_accepted(tmp_path: Path) -> None:
    settings = _settings(tmp_path / "my site {1}; #2")

    install_conf(settings, NGINX, "front")

    assert (tmp_path / "my site {1}; #2" / "nginx" / "front" / "nginx.conf").is_file()


def test_the_configuration_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    install_conf(_settings(tmp_path), NGINX, "ingest")

    assert stat.S_IMODE((tmp_path / "nginx" / "ingest" / "nginx.conf").stat().st_mode) == 0o600


@pytest.mark.parametrize(("version", "options"), [((1, 18, 0), 2), ((1, 19, 5), 3), ((1, 28, 0), 3)])
def test_an_old_nginx_is_run_without_the_error_log_option(
    tmp_path: Path, version: tuple[int, ...], options: int
) -> None:
    command = install_conf(_settings(tmp_path), NginxProgram(NGINX.path, version, NGINX.modules), "front")

    assert [word for word in command if word.startswith("-")] == ["-p", "-c", "-e"][:options]
