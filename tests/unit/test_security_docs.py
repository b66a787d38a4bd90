"""The table of security requirements in docs/security.md."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "docs/security.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (V[\d.]+) \| (.+) \| (.+) \|$", re.MULTILINE)
TEST = re.compile(r"`(tests/[\w/]+\.py)::(\w+)`")
REQUIREMENTS = {
    "V3.2": (1, 2), "V3.3": (1, 2, 3, 4), "V3.4": (1, 2, 3, 4, 5, 6), "V3.5": (1, 2, 3, 4, 5), "V3.7": (1, 2),
    "V6.1": (1, 2, 3), "V6.2": range(1, 13), "V6.3": (1, 2, 3, 4), "V6.4": (1, 2, 3, 4), "V6.5": (1, 2, 3, 4, 5),
    "V6.6": (1, 2, 3), "V6.8": (1, 2, 3, 4),
    "V7.1": (1, 2, 3), "V7.2": (1, 2, 3, 4), "V7.3": (1, 2), "V7.4": (1, 2, 3, 4, 5), "V7.5": (1, 2), "V7.6": (1, 2),
    "V8.1": (1, 2), "V8.2": (1, 2, 3), "V8.3": (1,), "V8.4": (1,),
    "V9.1": (1, 2, 3), "V9.2": (1, 2, 3, 4),
    "V10.1": (1, 2), "V10.2": (1, 2), "V10.5": (1, 2, 3, 4, 5),
    "V14.1": (1, 2), "V14.2": (1, 2, 3, 4), "V14.3": (1, 2, 3),
}  # fmt: skip
"""The requirements of levels 1 and 2 of OWASP ASVS 5.0 in these chapters, by section."""
ANSWERS = ("tests/", "does not apply, because ", "**gap**: ", "above", "[decision ")


def test_each_requirement_has_one_row_with_an_answer() -> None:
    rows = [(requirement, answer) for requirement, _, answer in ROW.findall(DOCUMENT)]

    assert [requirement for requirement, _ in rows] == [
        f"{section}.{number}" for section, numbers in REQUIREMENTS.items() for number in numbers
    ]
    assert not [row for row in rows if not row[1].strip("`").startswith(ANSWERS)]


def test_each_named_test_exists() -> None:
    for file, name in TEST.findall(DOCUMENT):
        source = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^(async )?def {name}\(", source, re.MULTILINE), f"{file}::{name}"


def test_linked_files_exist() -> None:
    for link in re.findall(r"\]\(((?!http)[^)#]+)\)", DOCUMENT):
        assert (ROOT / "docs" / link).is_file(), link
