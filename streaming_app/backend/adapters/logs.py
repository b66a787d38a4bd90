"""What a process says about itself: lines on standard error, for people and for whatever collects them."""

import logging
import time

FORMAT = "%(asctime)s.%(msecs)03dZ %(levelname)s %(name)s: %(message)s"
DOUBLED = ("engineio.server", "socketio.server")
"""They bring a handler of their own, so that each line would come twice."""
QUIET = {
    "aiokafka": logging.CRITICAL,  # in an outage several lines a second; the Kafka adapter says what matters once
    "httpx": logging.WARNING,  # a line for each request, address included
}


def set_up_logging(level: int = logging.INFO) -> None:
    """Call once at the start of a process."""
    formatter = logging.Formatter(FORMAT, datefmt="%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    for name in DOUBLED:
        logging.getLogger(name).handlers.clear()
