"""Graders that need what `pip install roadworthy` alone does not bring."""

from importlib.util import find_spec

from roadworthy.records.grader_spec import BadOptions, OptionProblem


def require_extra(module: str, extra: str) -> None:
    """Raise `BadOptions` with what to install when `module`, which `extra` brings, is missing."""
    if find_spec(module) is None:
        message = f"needs {module}, which is not installed here"
        hint = f"pip install 'roadworthy[{extra}]'"
        raise BadOptions([OptionProblem(place="", message=message, hint=hint)])
