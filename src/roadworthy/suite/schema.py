"""JSON Schemas of case and suite files, for editors (YAML language server) and `suite schema`."""

from collections.abc import Sequence
from typing import Any, Final

from pydantic import BaseModel

from roadworthy.suite.case_file import CaseFile
from roadworthy.suite.grader_item import NAME_TITLE
from roadworthy.suite.policy_item import CHECK_TITLE, PREFIX
from roadworthy.suite.suite_file import SuiteFile

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def case_schema(graders: Sequence[str] = ()) -> dict[str, Any]:
    """The schema of ``cases/<id>.yaml``; with `graders`, no other names are taken."""
    return _schema(CaseFile, graders)


def suite_schema(graders: Sequence[str] = ()) -> dict[str, Any]:
    """The schema of ``suite.yaml``; with `graders`, no other names are taken."""
    return _schema(SuiteFile, graders)


def _schema(model: type[BaseModel], graders: Sequence[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"$schema": DIALECT} | model.model_json_schema()
    return _with_names(schema, sorted(graders)) if graders else schema


def _with_names(schema: Any, graders: list[str]) -> Any:
    """`schema` with the known graders wherever one is named."""
    match schema:
        case dict():
            named = _names(schema.get("title"), graders)
            return {key: _with_names(inner, graders) for key, inner in schema.items()} | named
        case list():
            return [_with_names(inner, graders) for inner in schema]
        case _:
            return schema


def _names(title: object, graders: list[str]) -> dict[str, Any]:
    """The names that may stand where `title` says; those of policy checks go without prefix."""
    checks = [name.removeprefix(PREFIX) for name in graders if name.startswith(PREFIX)]
    if title == NAME_TITLE:
        return {"enum": graders}
    return {"enum": checks} if title == CHECK_TITLE and checks else {}
