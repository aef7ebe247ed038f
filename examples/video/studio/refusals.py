"""Business answers of the saga's steps; the names of the classes are what its state machine catches."""


class QuotaExceeded(Exception):  # noqa: N818 (an answer, not an error)
    """The channel has no room for the video."""


class UnsupportedFormat(Exception):  # noqa: N818 (an answer, not an error)
    """The video cannot be encoded."""


class UploadWithdrawn(Exception):  # noqa: N818 (an answer, not an error)
    """The upload was given up before this step ran."""


class PivotPassed(Exception):  # noqa: N818 (an answer, not an error)
    """The video is published already, so it can only be announced."""
