"""Why a probe could not look."""


class CannotLook(Exception):
    """Nothing was seen; the message says why. Never a fact about what the agent left."""
