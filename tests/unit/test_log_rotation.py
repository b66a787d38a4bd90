"""Rotation of the logs of running programs."""

from pathlib import Path

from streaming_app.backend.supervisor.log_rotation import MAX_BYTES, rotate


def test_a_large_log_is_rotated_while_its_program_writes(tmp_path: Path) -> None:
    log = tmp_path / "talker.log"
    with log.open("ab", buffering=0) as talker:
        talker.write(b"x" * (MAX_BYTES + 1))

        rotate(tmp_path)
        talker.write(b"hello\n")

    assert log.read_text() == "hello\n"
    assert log.with_name("talker.log.1").stat().st_size == MAX_BYTES + 1


def test_a_small_log_is_not_rotated(tmp_path: Path) -> None:
    (tmp_path / "talker.log").write_text("hello\n")

    rotate(tmp_path)

    assert [file.name for file in tmp_path.iterdir()] == ["talker.log"]


def test_a_log_that_cannot_be_rotated_is_reported_and_the_others_are_rotated(tmp_path: Path) -> None:
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes(b"x" * (MAX_BYTES + 1))
    (tmp_path / "a.log.1").mkdir()

    rotate(tmp_path)

    assert (tmp_path / "b.log").stat().st_size == 0
