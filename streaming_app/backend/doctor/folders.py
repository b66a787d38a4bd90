"""Checks DATA_DIR, LIVE_DIR, the secret key, and the disks below them."""

import os
import stat
from collections.abc import Sequence
from pathlib import Path

from streaming_app.backend.adapters.health_probes import FREE_MIN_BYTES, existing_folder
from streaming_app.backend.adapters.live_dir import live_dir_of
from streaming_app.backend.adapters.site_secret import KEY_FILE, open_secrets
from streaming_app.backend.bootstrap import DATABASE_FILE
from streaming_app.backend.config import Settings
from streaming_app.backend.doctor.checkup import in_thread
from streaming_app.backend.doctor.findings import Finding, ok, refused, warning, wrong
from streaming_app.backend.errors import SetupError

MB = 1_000_000
LIVE_MIN_BYTES = 256 * MB
"""Free space below which LIVE_DIR may soon be full: a few streams in all renditions."""
INODES_MIN = 1_000
INODES_MIN_SHARE = 0.05
NETWORK_FILE_SYSTEMS = ("nfs", "cifs", "smb", "9p", "ceph", "glusterfs", "fuse.sshfs")


async def check_data_dir(settings: Settings) -> Sequence[Finding]:
    """Check that DATA_DIR can be written and has space."""
    return await in_thread(lambda: _check_folder("DATA_DIR", settings.data_dir.absolute(), settings.recording_reserve))


async def check_live_dir(settings: Settings) -> Sequence[Finding]:
    """Check that LIVE_DIR can be written, has space and is fast."""
    return await in_thread(lambda: _check_live_dir(live_dir_of(settings)))


async def check_secret_key(settings: Settings) -> Sequence[Finding]:
    """Check that the secret key exists and only its owner can read it."""
    return await in_thread(lambda: _check_secret_key(settings))


def _check_live_dir(folder: Path) -> list[Finding]:
    return [*_check_folder("LIVE_DIR", folder, LIVE_MIN_BYTES), *_check_speed(folder)]


def _check_folder(name: str, folder: Path, wanted_bytes: int) -> list[Finding]:
    there = existing_folder(folder)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return wrong(
            f"{name} folder",
            f"{name} {folder} cannot be written by this user.",
            f"Give it to the user of the site with chown, or set {name} to another folder.",
        )
    state = "can be written" if there == folder else "does not exist yet and can be created"
    return [*ok(f"{name} folder", f"{name} {folder} {state}."), *_check_disk(name, there, wanted_bytes)]


def _check_disk(name: str, there: Path, wanted_bytes: int) -> list[Finding]:
    check, facts = f"{name} disk", os.statvfs(there)
    free = facts.f_frsize * facts.f_bavail
    left = f"The disk of {name} has {free / MB:,.0f} MB left"
    free_up = "Delete old files or backups, or use a larger disk."
    found = ok(check, f"{left}.")
    if free < FREE_MIN_BYTES:
        found = wrong(check, f"{left}, which counts as full.", free_up)
    elif free < wanted_bytes:
        why = "nothing is recorded below RECORDING_RESERVE" if name == "DATA_DIR" else "a few streams can fill it"
        found = warning(check, f"{left}: {why}.", free_up)
    return [*found, *_check_inodes(name, facts)]


def _check_inodes(name: str, facts: os.statvfs_result) -> list[Finding]:
    check, free = f"{name} inodes", facts.f_favail
    if not facts.f_files:  # the file system has no fixed number
        return ok(check, f"The disk of {name} has no maximum number of files.")
    words = f"The disk of {name} has room for {free:,} more files"
    fix = "Delete small files, or use a disk with more inodes."
    if free < INODES_MIN:
        return wrong(check, f"{words}, which counts as full.", fix)
    if free < facts.f_files * INODES_MIN_SHARE:
        return warning(check, f"{words}.", fix)
    return ok(check, f"{words}.")


def _check_speed(folder: Path) -> list[Finding]:
    check, there = "LIVE_DIR speed", existing_folder(folder)
    kind = _file_system(there)
    use_memory = "Set LIVE_DIR to a folder on tmpfs or on a local SSD."
    if kind.startswith(NETWORK_FILE_SYSTEMS):
        return warning(check, f"LIVE_DIR is on a network file system ({kind}).", use_memory)
    device = there.stat().st_dev
    block = Path(f"/sys/dev/block/{os.major(device)}:{os.minor(device)}").resolve()
    for disk in (block, block.parent):  # a partition, and its disk
        rotational = disk / "queue/rotational"
        if rotational.exists():
            is_virtual = "virtio" in str(disk)  # virtual disks are reported as hard disks, whatever they are
            if rotational.read_text(encoding="ascii").strip() == "1" and not is_virtual:
                return warning(check, "LIVE_DIR is on a disk that the system reports as a hard disk.", use_memory)
            break
    return ok(check, f"LIVE_DIR is on {kind or 'a local disk'}.")


def _file_system(folder: Path) -> str:
    """Return the type of the file system of a folder, as in ``tmpfs``."""
    best, kind = "", ""
    for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace").splitlines():
        mount, _, system = line.partition(" - ")
        point = mount.split()[4]
        if len(point) >= len(best) and folder.is_relative_to(point):
            best, kind = point, system.split()[0]
    return kind


def _check_secret_key(settings: Settings) -> list[Finding]:
    path = settings.data_dir / KEY_FILE
    if settings.secret_key:
        return ok("secret key", "SECRET_KEY is set.")
    if path.exists():
        return _check_key_file(settings, path)
    if (settings.data_dir / DATABASE_FILE).exists():
        return wrong(
            "secret key",
            f"{path} is missing, but DATA_DIR has a database: its stream keys cannot be decrypted.",
            "Restore the file from a backup before you start the site.",
        )
    return ok("secret key", f"{path} is created at the first start.")


def _check_key_file(settings: Settings, path: Path) -> list[Finding]:
    check = "secret key"
    try:
        open_secrets(settings)
    except SetupError as unusable:
        return refused(check, unusable)
    facts = path.stat()
    if stat.S_IMODE(facts.st_mode) & 0o077:
        return wrong(check, f"{path} can be read by other users of this machine.", f"Run: chmod 600 {path}.")
    if facts.st_uid != settings.data_dir.stat().st_uid:
        return wrong(
            check, f"{path} belongs to another user than DATA_DIR.", f"Run: chown --reference={path.parent} {path}."
        )
    return ok(check, f"{path} can be read by its owner only.")
