"""Health check of a container: `healthy.py PORT PATH` succeeds if the process answers, and with no server error."""

import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 5
SERVER_ERRORS = 500


def main(port: str, path: str) -> int:
    """Return the exit code."""
    try:
        connection = HTTPConnection("127.0.0.1", int(port), timeout=SECONDS)
        connection.request("GET", path)
        status = connection.getresponse().status
    except (OSError, HTTPException) as failed:
        print(f"No answer from port {port}: {type(failed).__name__}")
        return 1
    print(f"Port {port} answers {status}")
    return 0 if status < SERVER_ERRORS else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
