"""The packager's process: ``python -m streaming_app.backend.packager``.

It is no command of ``streaming_app.backend``, which would import the whole backend: the packager starts again a second
earlier without that.
"""

import sys

import uvloop

from streaming_app.backend.adapters.logging_setup import name_process, set_up_logging
from streaming_app.backend.config import read_settings
from streaming_app.backend.errors import SetupError
from streaming_app.backend.packager.server import run


def main() -> None:
    """Run the packager until SIGTERM. Exits with 1 and one line if a setting is wrong."""
    try:
        settings = read_settings()
        name_process("packager", settings)
        uvloop.run(run(settings))
    except SetupError as wrong:
        sys.exit(str(wrong))


if __name__ == "__main__":
    set_up_logging()
    main()
