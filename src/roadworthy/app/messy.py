"""Making messy variants of a case and putting them beside it.

A variant that is as it would be made again is left alone, one that a person changed as well.
Nothing that can be written is held back by what cannot: all problems are told together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import msgspec

from roadworthy.app.app import App
from roadworthy.app.cases import find_case
from roadworthy.app.judging.grader_check import grader_check
from roadworthy.app.messy_material import gather_material
from roadworthy.app.messy_paraphrase import Paraphraser
from roadworthy.base.codec import Json
from roadworthy.base.errors import BadFile, BadRequest
from roadworthy.records.case import Kind
from roadworthy.suite.atomic_file import replace as replace_file
from roadworthy.suite.atomic_file import write_new
from roadworthy.suite.case_file import CaseFile, VariantEntry
from roadworthy.suite.check_file import check_file
from roadworthy.suite.messy.child import Child, Parent, Recipe, make_child
from roadworthy.suite.messy.expecting import expected_phrases
from roadworthy.suite.messy.lineage import is_untouched
from roadworthy.suite.messy.operators import named_operators
from roadworthy.suite.messy.said import said_in, text_at
from roadworthy.suite.messy.variant import Effect, Intensity, Material
from roadworthy.suite.read_case import ReadCase
from roadworthy.suite.recording_file import format_recording, write_recording
from roadworthy.suite.suite_folder import CASES, SuiteFolder, read_suite_folder
from roadworthy.suite.yaml_file import parse_yaml

_PARAPHRASE: Final = "paraphrase"


@dataclass(frozen=True, slots=True, kw_only=True)
class MessyRequest:
    """What `case messy` was asked. `each` makes a variant per operator instead of one of all."""

    case: str
    ops: Sequence[str]
    suite: str | None = None
    each: bool = False
    seed: int = 0
    intensity: Intensity = Intensity.MEDIUM
    dry_run: bool = False
    force: bool = False
    paraphrase_with: str | None = None


class VariantLine(msgspec.Struct, frozen=True, kw_only=True):
    """One variant and what became of it."""

    case: str
    ops: tuple[str, ...]
    state: str  # "written", "updated", "unchanged", "edited" by a person, "refused"
    path: str
    effect: str  # "keeps" or "changes" what the parent expects
    recording: str | None = None  # its own, where it is not the parent's
    why: str | None = None  # it was not written
    hint: str | None = None
    text: str | None = None  # of the file as it is, or in a dry run would be, written


class MessyReport(msgspec.Struct, frozen=True, kw_only=True):
    """What `case messy` did; the documented shape of its ``--json``."""

    parent: str
    suite: str
    dry_run: bool
    variants: tuple[VariantLine, ...]

    @property
    def refused(self) -> int:
        """Variants that could not be made or were left as a person had changed them."""
        return sum(line.why is not None for line in self.variants)


async def make_variants(app: App, request: MessyRequest) -> MessyReport:
    """Make variants of a case: one of all operators in order, or one of each.

    Raises:
        UnknownName: no such case or operator.
        BadRequest: the case is a variant itself or retired, or the request contradicts itself.
        BadFile: with everything that is wrong in the suite's files.
    """
    operators = named_operators(request.ops)
    row = find_case(app, request.case, suite=request.suite)
    folder = Path(row.path).parents[1]
    read = read_suite_folder(folder, grader_check(app, folder))
    parent = _parent(read, request.case)
    groups = [(one,) for one in operators] if request.each else [operators]
    recipes = [
        Recipe(operators=group, seed=request.seed, intensity=request.intensity) for group in groups
    ]
    making = _Making(
        read=read,
        parent=_as_written(parent),
        material=gather_material(app, parent, read.cases, operators),
        request=request,
    )
    lines = await _all(app, making, recipes)
    return MessyReport(
        parent=request.case, suite=folder.name, dry_run=request.dry_run, variants=tuple(lines)
    )


async def _all(app: App, making: "_Making", recipes: list[Recipe]) -> list[VariantLine]:
    judge = making.request.paraphrase_with
    if judge is None:
        return [making.line(recipe) for recipe in recipes]
    if all(recipe.operators[0].name != _PARAPHRASE for recipe in recipes):
        raise BadRequest(
            "a model paraphrases what the parent says, so `paraphrase` must come first",
            hint="--ops paraphrase,…",
        )
    paraphraser = Paraphraser(app, making.read.folder, judge)
    try:
        return [await making.line_by_model(recipe, paraphraser) for recipe in recipes]
    finally:
        await paraphraser.close()


def _parent(read: SuiteFolder, name: str) -> ReadCase:
    parent = next(case for case in read.cases if case.case.id == name)
    if parent.file.parent is not None:
        raise BadRequest(
            f"{name} is itself a variant",
            hint=f"make variants of {parent.file.parent}, with several operators if need be",
        )
    if parent.case.kind is Kind.RETIRED:
        raise BadRequest(f"{name} is retired, so nothing would compare its variants with it")
    return parent


def _as_written(case: ReadCase) -> Parent:
    fields: Mapping[str, Json] = (
        case.document.value if isinstance(case.document.value, dict) else {}
    )
    return Parent(case_id=case.case.id, fields=fields, recording=case.case.recording)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Making:
    """One parent on the way to its variants."""

    read: SuiteFolder
    parent: Parent
    material: Material
    request: MessyRequest

    async def line_by_model(self, recipe: Recipe, paraphraser: Paraphraser) -> VariantLine:
        """As `line`, with the model's words where the recipe begins with a paraphrase."""
        if recipe.operators[0].name != _PARAPHRASE:
            return self.line(recipe)
        recipe = replace(recipe, model=paraphraser.model)
        standing = self._standing(recipe)
        if standing is not None:
            return standing
        given = self.parent.fields["input"]
        texts = [text_at(given, place) for place in said_in(given)]
        try:
            said = await paraphraser.reworded(texts, expected_phrases(self.parent.fields))
        except BadRequest as error:
            return self._refused(recipe, error)
        return replace(self, material=replace(self.material, paraphrases=said)).line(recipe)

    def line(self, recipe: Recipe) -> VariantLine:
        """Make and write one variant, unless it stands or cannot be."""
        standing = self._standing(recipe)
        if standing is not None:
            return standing
        try:
            child = make_child(self.parent, recipe, self.material)
            _check(child, self._path(recipe))
            return self._written(recipe, child)
        except BadRequest as error:
            return self._refused(recipe, error)

    def _standing(self, recipe: Recipe) -> VariantLine | None:
        """The line of a file that is left as it is; `None` where one is to be written."""
        path = self._path(recipe)
        taken = self._taken(path)
        if taken is None:
            return None
        variant = taken.file.variant
        if variant is None or taken.case.id != path.stem:
            why = f"there is a case called {taken.case.id} already, which is no variant"
            return self._line(recipe, "refused", why=why, hint="rename it")
        if self.request.force:
            return None
        text = _text(taken.document.file)
        if not is_untouched(text, variant.seal):
            why = "its file was changed by hand since it was made"
            return self._line(recipe, "edited", why=why, hint="--force makes it again")
        if _same(variant, recipe.entry(self.parent)):
            return self._line(recipe, "unchanged", recording=taken.file.recording, text=text)
        return None

    def _written(self, recipe: Recipe, child: Child) -> VariantLine:
        path = self._path(recipe)
        was_there = path.exists()
        named = child.fields.get("recording") if child.recording is not None else None
        if not self.request.dry_run:
            self._write_recording(child, str(named))
            data = child.text.encode()
            replace_file(path, data) if was_there else write_new(path, data)
        return self._line(
            recipe,
            "updated" if was_there else "written",
            recording=None if named is None else str(named),
            text=child.text,
        )

    def _write_recording(self, child: Child, named: str) -> None:
        """Before the case, so that none ever lacks its recording; another case's is not touched."""
        if child.recording is None:
            return
        path = self.read.folder / named
        readers = [case.case.id for case in self.read.cases if case.file.recording == named]
        if path.exists() and set(readers) <= {child.case_id}:
            replace_file(path, format_recording(child.recording))
        else:
            write_recording(child.recording, path)

    def _taken(self, path: Path) -> ReadCase | None:
        name = path.stem.casefold()
        return next((one for one in self.read.cases if one.case.id.casefold() == name), None)

    def _path(self, recipe: Recipe) -> Path:
        return self.read.folder / CASES / f"{recipe.name(self.parent.case_id)}.yaml"

    def _refused(self, recipe: Recipe, error: BadRequest) -> VariantLine:
        return self._line(recipe, "refused", why=error.message, hint=error.hint)

    def _line(
        self,
        recipe: Recipe,
        state: str,
        *,
        recording: str | None = None,
        why: str | None = None,
        hint: str | None = None,
        text: str | None = None,
    ) -> VariantLine:
        path = self._path(recipe)
        return VariantLine(
            case=path.stem,
            ops=tuple(one.name for one in recipe.operators),
            state=state,
            path=str(path),
            effect=Effect(recipe.effect).value,
            recording=recording,
            why=why,
            hint=hint,
            text=text,
        )


def _same(variant: VariantEntry, entry: Mapping[str, Json]) -> bool:
    written = variant.model_dump(mode="json", exclude={"seal"}, exclude_none=True)
    return written == entry


def _text(path: Path) -> str:
    return path.read_bytes().decode("utf-8-sig")


def _check(child: Child, path: Path) -> None:
    """Raises `BadRequest` where the variant would not load as it was made."""
    try:
        document = parse_yaml(child.text.encode(), path)
    except BadFile as error:
        raise BadRequest(f"the variant would not load: {error}") from error
    _, problems = check_file(CaseFile, document)
    if problems:
        raise BadRequest("the variant would not load: " + "; ".join(map(str, problems)))
