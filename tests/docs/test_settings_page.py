"""The page of settings names every setting with its default, and none that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from roadworthy.app.settings import (
    DEFAULT_STORE,
    JudgeSettings,
    JudgingSettings,
    PriceSettings,
    RedactionSettings,
    ReviewSettings,
    RunSettings,
    Settings,
    TargetSettings,
    load_settings,
)
from roadworthy.gate.exit_code import EXIT

_ROW = re.compile(r"^\| `(?P<name>[^`]+)` \| (?P<default>.*?) \|", re.MULTILINE)
_TABLES: dict[str, tuple[str, type[BaseModel]]] = {
    "run": ("run", RunSettings),
    "redaction": ("redaction", RedactionSettings),
    "targets": ("targets.NAME", TargetSettings),
    "prices": ("prices.MODEL", PriceSettings),
    "judges": ("judges.NAME", JudgeSettings),
    "judging": ("judging", JudgingSettings),
    "review": ("review", ReviewSettings),
}


def _settings() -> Iterator[str]:
    for name in Settings.model_fields:
        if name == "store":
            yield "store.url"
            continue
        prefix, model = _TABLES[name]
        yield from (f"{prefix}.{field}" for field in model.model_fields)


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")


def test_the_page_names_exactly_the_settings_that_exist(page: str) -> None:
    in_file, in_environment = page.split("## In the environment")

    assert {row["name"] for row in _ROW.finditer(in_file)} == set(_settings())
    assert {row["name"] for row in _ROW.finditer(in_environment)} == {
        "ROADWORTHY_PROJECT",
        "ROADWORTHY_STORE",
        "ROADWORTHY_TARGETS",
        "ROADWORTHY_TARGETS__NAME__FIELD",
        "ROADWORTHY_PRICES",
        "ROADWORTHY_JUDGES",
        "ROADWORTHY_JUDGES__NAME__FIELD",
        *(f"ROADWORTHY_JUDGING__{name.upper()}" for name in JudgingSettings.model_fields),
        *(f"ROADWORTHY_REVIEW__{name.upper()}" for name in ReviewSettings.model_fields),
        *(f"ROADWORTHY_RUN__{name.upper()}" for name in RunSettings.model_fields),
        *(f"ROADWORTHY_REDACTION__{name.upper()}" for name in RedactionSettings.model_fields),
    }


def test_the_defaults_on_the_page_are_the_real_ones(page: str) -> None:
    shown = {row["name"]: row["default"].strip("`") for row in _ROW.finditer(page)}

    assert shown["store.url"] == DEFAULT_STORE
    for name, field in RunSettings.model_fields.items():
        assert shown[f"run.{name}"] == str(field.default)


def test_the_example_on_the_page_is_a_valid_file(page: str, tmp_path: Path) -> None:
    example = re.search(r"```toml\n(.*?)```", page, re.DOTALL)
    assert example is not None
    (tmp_path / "roadworthy.toml").write_text(example[1], encoding="utf-8")

    settings = load_settings(tmp_path, {})

    assert settings.run.concurrency == 4
    assert set(settings.targets) == {"agent", "other"}
    assert settings.prices["gpt-4.1"].output == 8.0


def test_a_flag_outranks_the_environment_and_the_environment_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "roadworthy.toml").write_text('[store]\nurl = "file.db"\n', encoding="utf-8")
    assert load_settings(tmp_path, {}).store == "file.db"

    monkeypatch.setenv("ROADWORTHY_STORE", "environment.db")
    assert load_settings(tmp_path, {}).store == "environment.db"
    assert load_settings(tmp_path, {"store": "flag.db"}).store == "flag.db"


@pytest.mark.parametrize("name", ["README.md", "docs/reference/exit-codes.md"])
def test_the_exit_codes_on_a_page_are_the_real_ones(root: Path, name: str) -> None:
    text = (root / name).read_text(encoding="utf-8")

    for verdict, code in EXIT.items():
        assert re.search(rf"^\| {code} \| {verdict.value} \|", text, re.MULTILINE)
    for code in (2, 130):
        assert re.search(rf"^\| {code} \| +\|", text, re.MULTILINE)
