"""Whether a judge is the model whose work it judges."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from roadworthy.base.printable import printable
from roadworthy.records import semconv
from roadworthy.records.trial import Trial

_DATE: Final = re.compile(r"[-@](?:\d{8}|\d{4}-\d{2}-\d{2}|latest)$")


def shared_model(judges: Iterable[str], trial: Trial) -> str | None:
    """A model that judged and that the trial's spans name, too; as the spans call it."""
    return same_model(judges, _models_in(trial))


def same_model(judges: Iterable[str], agents: Iterable[str]) -> str | None:
    """The first of `agents` that is one of `judges`, provider and date of release aside."""
    known = {_bare(model) for model in judges}
    found = next((model for model in agents if _bare(model) in known), None)
    return None if found is None else printable(found, limit=80)


def _models_in(trial: Trial) -> Iterator[str]:
    for span in () if trial.trace is None else trial.trace.spans:
        for name in (semconv.REQUEST_MODEL, semconv.RESPONSE_MODEL):
            model = span.attributes.get(name)
            if isinstance(model, str) and model:
                yield model


def _bare(model: str) -> str:
    """``openai:gpt-4.1-2025-04-14`` and ``openai/gpt-4.1`` are both ``gpt-4.1``."""
    name = re.split(r"[:/]", model.casefold().partition(" ")[0])[-1]
    return _DATE.sub("", name)
