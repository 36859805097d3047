"""Settings of a project, and where each of them came from.

Precedence: flag > environment (``ROADWORTHY_*``) > ``roadworthy.toml`` > default. This is the one
module that reads the environment.
"""

import json
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from roadworthy.base.errors import BadFile, BadRequest, Problem
from roadworthy.base.printable import printable
from roadworthy.base.registry import nearest

FILE_NAME = "roadworthy.toml"
DEFAULT_STORE = ".roadworthy/store.db"
_PREFIX = "ROADWORTHY_"
_ENVIRONMENT = Path("the environment")  # where a problem is that is in no file


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def _words(value: object) -> object:
    """A command in one text is a slip that deserves its own sentence."""
    if isinstance(value, str):
        words = f"a command is a list of its words, for example {value.split()!r}"
        raise ValueError(words)  # noqa: TRY004 - what pydantic collects
    return value


class TargetSettings(_Strict):
    """An agent under test: a Python callable or a command."""

    python: str | None = Field(default=None, description="`module:callable`")
    command: Annotated[list[str], BeforeValidator(_words)] | None = Field(
        default=None, min_length=1, description="program and words"
    )
    version: str | None = Field(default=None, description="how you call this version")
    timeout_s: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    cwd: str | None = Field(default=None, description="folder to run in, from the project's")
    env: dict[str, str] = Field(default_factory=dict, description="added to the environment")
    files: list[str] = Field(
        default_factory=list,
        description="patterns of further files that make a version: prompts, data, modules",
    )

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.python is None) == (self.command is None):
            raise ValueError("a target has either `python` or `command`")
        return self


class PriceSettings(_Strict):
    """US dollars for a million tokens."""

    input: float = Field(ge=0, allow_inf_nan=False)
    output: float = Field(ge=0, allow_inf_nan=False)


class RunSettings(_Strict):
    """Defaults of `eval run`."""

    concurrency: Annotated[int, Field(ge=1, le=10_000)] = 8
    max_tries: Annotated[int, Field(ge=1, le=10)] = 3


class JudgeSettings(_Strict):
    """A model that judges."""

    model: str = Field(min_length=1, description="as the provider calls it")
    provider: Literal["openai", "anthropic"] = Field(
        default="openai", description="`openai` is also for servers that speak its API"
    )
    base_url: Annotated[str, Field(pattern=r"^https?://[^\s/@]+(/\S*)?$")] | None = None
    api_key_env: str | None = Field(
        default=None, min_length=1, description="variable of the environment that holds the key"
    )
    temperature: float | None = Field(default=None, ge=0, le=2, allow_inf_nan=False)
    timeout_s: float = Field(default=60.0, gt=0, le=3600, allow_inf_nan=False)
    max_tries: Annotated[int, Field(ge=1, le=20)] = 5
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 4
    max_output_tokens: Annotated[int, Field(ge=1, le=1_000_000)] = 4096
    structured: bool = Field(default=True, description="hand over a JSON Schema, if it takes one")


_Bar = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class JudgingSettings(_Strict):
    """What judges may use in one run, all of them together, and how good they must be to gate."""

    max_cost_usd: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    max_tokens: int | None = Field(default=None, gt=0)
    min_kappa: _Bar = 0.4
    min_informedness: _Bar = 0.4
    min_true_fail_rate: _Bar = 0.5
    min_readable: _Bar = 0.9
    check_every_h: float | None = Field(default=None, gt=0, allow_inf_nan=False)


class ReviewSettings(_Strict):
    """Labelling by people: who, and how items are drawn."""

    annotator: str | None = Field(default=None, min_length=1, description="who labels here")
    seed: int = Field(default=0, description="of the draws; kept once labelling has begun")
    audit_share: float = Field(default=0.5, ge=0, le=1, allow_inf_nan=False)
    overlap_share: float = Field(default=0.2, ge=0, le=1, allow_inf_nan=False)


class RedactionSettings(_Strict):
    """What is taken out of traces before they are stored."""

    secrets: bool = Field(default=True, description="keys, tokens, passwords")
    personal: bool = Field(default=False, description="e-mail addresses, card numbers")


def _store_url(value: object) -> object:
    """`[store] url = "…"` reads well in a file, `ROADWORTHY_STORE=…` in an environment."""
    match value:
        case {"url": str(url), **rest} if not rest:
            return url
        case _:
            return value


class Settings(BaseSettings):
    """Everything that can be set; see `explain` for where a value came from."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    store: Annotated[str, BeforeValidator(_store_url)] = DEFAULT_STORE
    run: RunSettings = RunSettings()
    redaction: RedactionSettings = RedactionSettings()
    targets: dict[str, TargetSettings] = Field(default_factory=dict)
    prices: dict[str, PriceSettings] = Field(default_factory=dict)
    judges: dict[str, JudgeSettings] = Field(default_factory=dict)
    judging: JudgingSettings = JudgingSettings()
    review: ReviewSettings = ReviewSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment outranks what `load_settings` passes in from the file."""
        del settings_cls, dotenv_settings, file_secret_settings
        return (env_settings, init_settings)


def load_settings(project: Path, flags: Mapping[str, Any]) -> Settings:
    """Read the project's settings; `flags` holds what the command line set (no `None`).

    Raises:
        BadFile: `roadworthy.toml` or the environment hold something wrong; all of it at once.
    """
    path = project / FILE_NAME
    try:
        settings = Settings(**settings_in_file(project))
        return settings.model_copy(update=dict(flags))
    except ValidationError as error:
        raise BadFile([_problem(path, dict(item)) for item in error.errors()]) from None
    except SettingsError as error:
        raise BadFile([_unparsed(error)]) from None


def environment() -> dict[str, str]:
    """The environment that agents under test start from."""
    return dict(os.environ)


def variable_for(place: Sequence[str | int]) -> str | None:
    """The environment variable that sets what is at `place`, or holds it in its JSON."""
    present = {name.upper(): name for name in os.environ}
    for depth in range(len(place), 0, -1):
        parts = "__".join(str(part) for part in place[:depth])
        name = present.get(f"{_PREFIX}{parts}".upper())
        if name is not None and (depth == len(place) or _json_holds(name, place[depth:])):
            return name
    return None


def holds(value: object, place: Sequence[str | int]) -> bool:
    """Whether nested mappings have something at `place`."""
    for part in place:
        if not isinstance(value, dict) or part not in value:
            return False
        value = value[part]
    return True


def _json_holds(name: str, place: Sequence[str | int]) -> bool:
    try:
        return holds(json.loads(os.environ[name]), place)
    except ValueError:
        return True  # it is not JSON, which is what is wrong with it


def settings_in_file(project: Path) -> dict[str, Any]:
    """What `roadworthy.toml` says, unchecked; empty when there is none."""
    path = project / FILE_NAME
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadFile([Problem(file=path, message=f"not valid TOML: {error}")]) from None
    except OSError as error:
        raise BadRequest(f"{path} cannot be read: {error.strerror}") from None


def _problem(path: Path, item: dict[str, Any]) -> Problem:
    place = ".".join(str(part) for part in item["loc"])
    message = str(item["msg"]).removeprefix("Value error, ") + _got(item)
    hint = None
    if item["type"] == "extra_forbidden":
        message = "no such setting"
        hint = nearest(str(item["loc"][-1]), list(_known(item["loc"])))
    variable = variable_for(item["loc"])
    if variable is not None:
        return Problem(file=_ENVIRONMENT, message=message, place=variable, hint=hint)
    return Problem(
        file=path, message=message, place=place, line=_line(path, item["loc"]), hint=hint
    )


def _got(item: dict[str, Any]) -> str:
    """The value at fault, where it is short and can be no secret."""
    value = item["input"]
    if "env" in item["loc"] or not isinstance(value, bool | int | float | str):
        return ""
    return f", got {printable(repr(value), limit=60)}"


def _unparsed(error: SettingsError) -> Problem:
    field = str(error).partition('"')[2].partition('"')[0]
    names = [
        name for name in sorted(os.environ) if name.upper().startswith(f"{_PREFIX}{field}".upper())
    ]
    return Problem(
        file=_ENVIRONMENT,
        place=" or ".join(names),
        message="is not valid JSON",
        hint=f"give JSON, or one value as {_PREFIX}{field.upper()}__NAME",
    )


def _known(place: tuple[str | int, ...]) -> list[str]:
    models: dict[str, type[BaseModel]] = {
        "targets": TargetSettings,
        "prices": PriceSettings,
        "judges": JudgeSettings,
        "judging": JudgingSettings,
        "review": ReviewSettings,
        "run": RunSettings,
        "redaction": RedactionSettings,
    }
    top = models.get(str(place[0])) if len(place) > 1 else None
    return list((top or Settings).model_fields)


def _line(path: Path, place: tuple[str | int, ...]) -> int | None:
    """The line that holds the last named key of `place`, searched from its table's header."""
    names = [str(part) for part in place]
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError:
        return None
    found = None
    for name in names:
        pattern = re.compile(
            rf"""(^\s*\[[^#]*\b{re.escape(name)}\b)|(^\s*["']?{re.escape(name)}["']?\s*=)"""
        )
        start = found or 0
        found = next(
            (n for n, line in enumerate(lines[start:], start) if pattern.search(line)), found
        )
    return None if found is None else found + 1
