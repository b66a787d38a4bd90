"""The one way in which reading a stream fails."""


class IngestReadError(Exception):
    """The stream could not be read on: broken protocol or media, silence, no connection. One line says why."""
