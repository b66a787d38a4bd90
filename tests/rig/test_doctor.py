"""What counts as a fault in a report of ``doctor``."""

from tests.rig.doctor import Report


def test_the_disk_of_the_tests_is_no_fault() -> None:
    disk = [
        {"check": "LIVE_DIR speed", "level": "warning", "message": "LIVE_DIR is on a network file system (nfs4)."},
        {"check": "DATA_DIR inodes", "level": "warning", "message": "The disk has room for 1,500 more files."},
    ]
    full = {"check": "DATA_DIR inodes", "level": "wrong", "message": "The disk has room for 3 more files."}
    lost = {"check": "mail", "level": "wrong", "message": "The mail server does not answer."}

    assert Report(0, "warning", disk).faults == {}
    assert set(Report(1, "wrong", [full, lost]).faults) == {"DATA_DIR inodes", "mail"}
