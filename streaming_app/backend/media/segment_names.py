"""File names in the folder of a rendition's live window. Recordings keep them."""

import re

FIRST_PART_NAME = re.compile(r"([0-9]+)\.0\.m4s")
"""Name of the part that begins a segment, with a keyframe. The group is the segment's number."""
INIT_FILE_NAME = re.compile(r"init-([0-9]{1,19})\.mp4")
"""Name of an initialization segment. The group is the number of the first segment that needs it."""


def segment_file_name(number: int) -> str:
    """Return the name of the file with the complete segment ``number``."""
    return f"{number}.m4s"


def part_file_name(number: int, index: int) -> str:
    """Return the name of the file with part ``index`` of segment ``number``; the first part is 0."""
    return f"{number}.{index}.m4s"


def init_file_name(number: int) -> str:
    """Return the name of the initialization segment for segment ``number`` and those that follow it."""
    return f"init-{number}.mp4"
