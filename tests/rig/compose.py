"""The site in containers, by ``compose.yaml``, on podman. No registry is needed: the base image is made by debootstrap.

Images that are not ours are replaced by stand-ins with the same names, made from what the other tests use.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
WORK = ROOT / ".tools/compose"
IMAGES = ROOT / "deploy/test/images"
COMPOSE_FILE = ROOT / "compose.yaml"
BASE = "docker.io/library/debian:bookworm-slim"
DEBOOTSTRAPPED = "localhost/streaming_app_test/debootstrap"
MIRROR = "http://deb.debian.org/debian"
CERTIFICATES = os.environ.get("SSL_CERT_FILE")
"""Certificates that the builds trust, if this machine reaches package registries through a proxy of its own."""
STAND_INS = ("mongo", "kafka", "redis", "prometheus")
LEFT_OUT = {"grafana"}
"""Services whose image cannot be replaced: Debian has no Grafana."""
PROJECT = "streaming_app_test"
CONTAINERS_CONF = """
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=1024:1024"]
[engine]
runtime = "runc"
[network]
network_backend = "netavark"
"""
"""For machines that are containers themselves. crun does not work there."""


class Compose:
    """Runs ``podman`` and ``podman-compose`` with the files and variables of the tests."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        WORK.mkdir(parents=True, exist_ok=True)
        configuration = WORK / "containers.conf"
        configuration.write_text(CONTAINERS_CONF, encoding="utf-8")
        self._environment = {**os.environ, **variables, "CONTAINERS_CONF": str(configuration)}
        self.services: dict[str, Any] = yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))["services"]

    def podman(self, *words: str, folder: Path = ROOT) -> str:
        """Run podman and return its output."""
        return self._run(["podman", *words], folder)

    def compose(self, *words: str) -> str:
        """Run podman-compose and return its output."""
        files = ("-f", str(COMPOSE_FILE), "-f", str(WORK / "override.yaml"))
        return self._run(["podman-compose", "-p", PROJECT, *files, *words], ROOT)

    def wanted_services(self) -> list[str]:
        """Return the names of all services but those that are left out."""
        return [name for name in self.services if name not in LEFT_OUT]

    def make_images(self) -> None:
        """Make the base image and the stand-ins that do not exist yet, and build the site's own images."""
        if not self._exists(DEBOOTSTRAPPED):
            self._make_debian()
        self._build(BASE, "base", {"certificates.crt": Path(CERTIFICATES)} if CERTIFICATES else {})
        classes = WORK / "classes"
        self._compile_mongo(classes)
        contents: dict[str, dict[str, Path]] = {
            "mongo": {
                "jars": ROOT / ".tools/jars/mongo",
                "classes": classes,
                **{name: IMAGES / name for name in ("mongod.sh", "mongosh.sh")},
            },
            "kafka": {"jars": ROOT / ".tools/jars/kafka", "kafka.sh": IMAGES / "kafka.sh"},
        }
        for name in STAND_INS:
            self._build(self.services[name]["image"], name, contents.get(name, {}))
        targets = {
            service["image"]: service["build"]["target"] for service in self.services.values() if "build" in service
        }
        for image, target in sorted(
            targets.items()
        ):  # podman-compose would build them at once, and nothing would be reused
            self.podman("build", "--pull=never", "-t", image, "--target", target, str(ROOT))

    def logs(self, service: str) -> str:
        """Return what the container of a service has written."""
        return self._run(["podman", "logs", f"{PROJECT}_{service}_1"], ROOT)

    def _make_debian(self) -> None:
        rootfs = WORK / "rootfs"
        shutil.rmtree(rootfs, ignore_errors=True)
        self._run(["debootstrap", "--variant=minbase", "bookworm", str(rootfs), _mirror()], ROOT)
        archive = WORK / "rootfs.tar"
        self._run(["tar", "-C", str(rootfs), "-cf", str(archive), "."], ROOT)
        self.podman("import", str(archive), DEBOOTSTRAPPED)
        shutil.rmtree(rootfs)
        archive.unlink()

    def _build(self, image: str, name: str, contents: Mapping[str, Path]) -> None:
        context = WORK / "context" / name
        shutil.rmtree(context, ignore_errors=True)
        context.mkdir(parents=True)
        for target, source in contents.items():
            copy = shutil.copytree if source.is_dir() else shutil.copyfile
            copy(source, context / target)
        dockerfile = IMAGES / f"{name}.Dockerfile"
        if name == "base" and not contents:
            self.podman("tag", DEBOOTSTRAPPED, image)
            return
        self.podman("build", "--pull=never", "-t", image, "-f", str(dockerfile), str(context))

    def _compile_mongo(self, classes: Path) -> None:
        jars = ":".join(map(str, (ROOT / ".tools/jars/mongo").glob("*.jar")))
        compiler = ("java", "-m", "jdk.compiler/com.sun.tools.javac.Main")
        self._run([*compiler, "-cp", jars, "-d", str(classes), str(ROOT / "deploy/test/MongoForTests.java")], ROOT)

    def _exists(self, image: str) -> bool:
        return subprocess.run(["podman", "image", "exists", image], env=self._environment, check=False).returncode == 0

    def _run(self, command: list[str], folder: Path) -> str:
        done = subprocess.run(
            command,
            cwd=folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout[-6000:]}"
        return done.stdout


@contextmanager
def running_containers(variables: Mapping[str, str], override: Mapping[str, Any]) -> Generator[Compose]:
    """Build the images and run all services with changes of ``compose.yaml``, while the block runs."""
    compose = Compose(variables)
    (WORK / "override.yaml").write_text(yaml.safe_dump(dict(override)), encoding="utf-8")
    compose.make_images()
    try:
        compose.compose("up", "--detach", "--no-build", *compose.wanted_services())
        yield compose
    finally:
        compose.compose("down", "--volumes", "--timeout", "5")


def _mirror() -> str:
    """Return the Debian mirror of this machine."""
    for file in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        if found := re.search(r"^URIs:\s*(\S+)", file.read_text(encoding="utf-8"), re.MULTILINE):
            return found[1]
    return MIRROR
