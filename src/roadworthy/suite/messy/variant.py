"""A case on its way to becoming messier, and what an operator is.

An operator is a pure function: the same case, seed and material give the same variant on every
machine. It says whether the parent's expectations hold for what it makes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from random import Random
from typing import Final, NamedTuple, Self

from roadworthy.base.codec import Json, canonical
from roadworthy.base.errors import BadRequest
from roadworthy.base.ids import hex_digest
from roadworthy.records.recording import Recording
from roadworthy.suite.messy.said import changed_at, said_in, text_at

VERSION: Final = 1
"""Of all operators; goes up when the same seed could now give another variant."""


class NotApplicable(BadRequest):
    """An operator finds nothing in a case to work on."""


class Intensity(StrEnum):
    """How much messier."""

    LIGHT = "light"
    MEDIUM = "medium"
    HEAVY = "heavy"


class Effect(StrEnum):
    """What becomes of the parent's expectations."""

    KEEPS = "keeps"  # they hold for the variant, too
    CHANGES = "changes"  # they do not; others are drafted, for a person to read


class Exchange(NamedTuple):
    """What a user said and an agent answered, in production."""

    asked: str
    answered: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """Another case of the suite, whose request may come with this one's."""

    asked: str
    fields: Mapping[str, Json]
    recording: Recording | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What operators may draw on; already free of secrets."""

    conversations: tuple[tuple[Exchange, ...], ...] = ()
    replies: tuple[str, ...] = ()  # of tools
    others: tuple[Other, ...] = ()
    paraphrases: Mapping[str, str] = field(default_factory=dict)  # text → in a model's words


@dataclass(frozen=True, slots=True, kw_only=True)
class Messy:
    """A case so far: its file's fields, its recording, and what must survive.

    `phrases` are words of the expectations that stand in the input; `notes` tell a reader of the
    file what was done to the expectations.
    """

    fields: Mapping[str, Json]
    recording: Recording | None = None
    phrases: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def input(self) -> Json:
        """What the agent is given."""
        return self.fields["input"]

    @property
    def said(self) -> list[str]:
        """What the user says in it."""
        return [text_at(self.input, place) for place in said_in(self.input)]

    def having(self, **fields: Json) -> Self:
        """The same with other fields."""
        return replace(self, fields={**self.fields, **fields})

    def without(self, *names: str) -> Self:
        """The same without these fields."""
        kept = {name: value for name, value in self.fields.items() if name not in names}
        return replace(self, fields=kept)

    def noting(self, *notes: str) -> Self:
        """The same with more to tell."""
        return replace(self, notes=(*self.notes, *notes))

    def rewording(self, change: Callable[[str], str], *, only_last: bool = False) -> Self:
        """The same with everything that the user says changed, or only the last of it.

        Raises:
            NotApplicable: the user says nothing, or nothing changed.
        """
        places = said_in(self.input)
        given = self.input
        for place in places[-1:] if only_last else places:
            given = changed_at(given, place, change)
        if not places:
            raise NotApplicable("its input holds no words of a user")
        if given == self.input:
            raise NotApplicable("nothing in its words could be changed")
        return self.having(input=given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What an operator works with: chance of its own, how much is wanted, what may be used."""

    rng: Random
    intensity: Intensity = Intensity.MEDIUM
    material: Material = field(default_factory=Material)

    def by_intensity(self, light: float, medium: float, heavy: float) -> float:
        """The number that belongs to the intensity."""
        return dict(zip(Intensity, (light, medium, heavy), strict=True))[self.intensity]

    def some(self, texts: tuple[str, ...], count: int) -> list[str]:
        """`count` of `texts`, or all, in random order."""
        return self.rng.sample(texts, min(count, len(texts)))


Apply = Callable[[Messy, Means], Messy]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One way to make a case messier."""

    name: str
    does: str  # to the case
    right: str  # what a right answer to the variant is
    effect: Effect
    apply: Apply
    graded: bool = False  # whether there is more or less of it
    keeps_facts: bool = True  # whether every fact that the user gave is still there, as it was


def chance(seed: int, operator: str, case: str) -> Random:
    """The randomness of one operator on one case; independent of which others are applied."""
    digest = hex_digest(canonical([VERSION, seed, operator, case]))
    return Random(int(digest, 16))  # noqa: S311 - variants need repeatable chance, not secrecy
