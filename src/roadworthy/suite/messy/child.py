"""The case file of a variant: the parent's, with what operators made of it.

Not here: reading the parent and writing files (`app`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from roadworthy.base.codec import Json
from roadworthy.base.errors import BadRequest
from roadworthy.records.recording import Recording
from roadworthy.suite.draft import Draft
from roadworthy.suite.limits import MAX_ID_LENGTH
from roadworthy.suite.messy.expecting import expected_phrases
from roadworthy.suite.messy.lineage import parent_digest, seal
from roadworthy.suite.messy.operators import make_messy
from roadworthy.suite.messy.variant import VERSION, Effect, Intensity, Material, Messy, Operator

_OF_THE_PARENT: Final = ("proof", "history", "quarantine", "parent", "variant")
"""Fields that tell of the parent's own life."""
_SEAL_DIGITS: Final = "0" * 15 + "x"  # as long as a seal, and no number


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """A case to make variants of, as its file has it."""

    case_id: str
    fields: Mapping[str, Json]
    recording: Recording | None = None

    @property
    def digest(self) -> str:
        """What a variant remembers of it."""
        return parent_digest(self.fields, self.recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a variant is made; the same recipe and material make the same variant."""

    operators: tuple[Operator, ...]
    seed: int = 0
    intensity: Intensity = Intensity.MEDIUM
    model: str | None = None  # that paraphrased

    def name(self, parent: str) -> str:
        """Id of the variant: ``refund--typos``, ``refund--typos--anger.heavy.s7``."""
        amount = "" if self.intensity is Intensity.MEDIUM else f".{self.intensity}"
        seed = "" if self.seed == 0 else f".s{self.seed}"
        return "--".join([parent, *(one.name for one in self.operators)]) + amount + seed

    @property
    def effect(self) -> Effect:
        """Whether the parent's expectations hold."""
        changes = any(one.effect is Effect.CHANGES for one in self.operators)
        return Effect.CHANGES if changes else Effect.KEEPS

    def entry(self, parent: Parent) -> dict[str, Json]:
        """The field `variant`, but for its seal."""
        entry: dict[str, Json] = {
            "ops": [one.name for one in self.operators],
            "seed": self.seed,
            "intensity": self.intensity.value,
            "version": VERSION,
        }
        if self.model is not None:
            entry["model"] = self.model
        return {**entry, "of": parent.digest}


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """A variant before it is a file; `recording` is set where it is not the parent's."""

    case_id: str
    fields: Mapping[str, Json]
    text: str
    effect: Effect
    recording: Recording | None = None


def make_child(parent: Parent, recipe: Recipe, material: Material | None = None) -> Child:
    """Make a variant of `parent`.

    Raises:
        NotApplicable: an operator finds nothing to work on.
        BadRequest: its id would be too long, or it cannot be written as YAML.
    """
    name = recipe.name(parent.case_id)
    if len(name) > MAX_ID_LENGTH:
        raise BadRequest(
            f"{name} would be an id of more than {MAX_ID_LENGTH} characters",
            hint="give the parent a shorter name, or apply fewer operators at once",
        )
    kept = {key: value for key, value in parent.fields.items() if key not in _OF_THE_PARENT}
    clean = Messy(fields=kept, recording=parent.recording, phrases=expected_phrases(kept))
    messy = make_messy(
        clean,
        recipe.operators,
        case_id=parent.case_id,
        seed=recipe.seed,
        intensity=recipe.intensity,
        material=material,
    )
    own = messy.recording if messy.recording != parent.recording else None
    fields = _fields(parent, recipe, messy, None if own is None else f"recordings/{name}.jsonl")
    text = _sealed(name, fields, _opening(parent, recipe, messy.notes))
    return Child(case_id=name, fields=fields, text=text, effect=recipe.effect, recording=own)


def _fields(parent: Parent, recipe: Recipe, messy: Messy, recording: str | None) -> dict[str, Json]:
    own = ", ".join(one.name for one in recipe.operators)
    title = messy.fields.get("title") or parent.case_id
    fields: dict[str, Json] = {**messy.fields, "title": f"{title} ({own})", "kind": "capability"}
    if recording is not None:
        fields["recording"] = recording
    entry: dict[str, Json] = {**recipe.entry(parent), "seal": _SEAL_DIGITS}
    return {**fields, "parent": parent.case_id, "variant": entry}


def _opening(parent: Parent, recipe: Recipe, notes: Sequence[str]) -> list[str]:
    names = ",".join(one.name for one in recipe.operators)
    lines = [f"A messy variant of {parent.case_id}, made by `roadworthy case messy` with {names}."]
    if recipe.effect is Effect.KEEPS:
        return [*lines, "It expects what its parent expects."]
    return [*lines, *notes, "What it expects is a draft: read it, and change what is not right."]


def _sealed(name: str, fields: dict[str, Json], opening: list[str]) -> str:
    text = Draft(case_id=name, case=fields, comments={"": opening}).text
    before, _, after = text.rpartition(_SEAL_DIGITS)
    return before + seal(text) + after
