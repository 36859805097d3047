"""The judges of a project, as the graders of one suite use them."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from roadworthy.app.app import App
from roadworthy.app.judging.asking import AskingJudge, Book
from roadworthy.app.judging.budget import JudgeBudget
from roadworthy.app.judging.client import ProviderModel
from roadworthy.app.judging.drifts import drifts_of
from roadworthy.app.judging.rubrics import load_rubric
from roadworthy.app.judging.tries import Sleep, Tries
from roadworthy.app.settings import FILE_NAME, JudgeSettings, environment
from roadworthy.base.errors import BadRequest, UnknownName
from roadworthy.base.registry import nearest
from roadworthy.grade.judge.bound_rubric import SAME_MODEL
from roadworthy.grade.judge.judge import Judge
from roadworthy.grade.judge.same_model import same_model
from roadworthy.grade.judge.spent import NOTHING
from roadworthy.records.rubric import Rubric
from roadworthy.records.run import Budget
from roadworthy.records.usage import Usage
from roadworthy.run.pricing import Price

_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}
_ADDRESSES = {"openai": "OPENAI_BASE_URL", "anthropic": "ANTHROPIC_BASE_URL"}


class ProjectJudges:
    """A `Judges`: built for a run, a calibration or a re-grading, and closed after it.

    `spent` is what an earlier try of the same work cost; `limit` takes the place of the one in
    the settings; `sleep` waits between tries.
    """

    def __init__(
        self,
        app: App,
        folder: Path | None,
        *,
        spent: Usage = NOTHING,
        limit: Budget | None = None,
        sleep: Sleep | None = None,
    ) -> None:
        limits = app.settings.judging
        own = Budget(cost_usd=limits.max_cost_usd, tokens=limits.max_tokens)
        self._limit = limit or own
        self._app = app
        self._folder = folder
        self._sleep = sleep
        self._budget = JudgeBudget(self._limit, before=spent)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="roadworthy judgements")
        self._judges: dict[str, AskingJudge] = {}
        self.notes: list[str] = []

    def rubric(self, name: str, digest: str = "") -> Rubric:
        """See `Judges`."""
        return load_rubric(name, self._folder, digest=digest)

    def panel(self, names: Sequence[str] = ()) -> tuple[Judge, ...]:
        """See `Judges`. Raises `BadRequest`, also where a key or a price is missing."""
        return tuple(self._judge(name) for name in names or [self._only()])

    def note(self, text: str) -> None:
        """Keep a remark in `notes`, once."""
        if text not in self.notes:
            self.notes.append(text)

    def compare_with(self, agents: Iterable[str]) -> None:
        """Note when one of the models that the agent says it uses is a judge."""
        model = same_model([judge.model for judge in self._judges.values()], agents)
        if model is not None:
            self.note(SAME_MODEL.format(model=model))

    async def close(self) -> None:
        """Give connections and the thread back."""
        for judge in self._judges.values():
            await judge.tries.model.close()
        self._thread.shutdown(wait=False)

    def _only(self) -> str:
        names = list(self._app.settings.judges)
        if len(names) == 1:
            return names[0]
        raise BadRequest(
            "no judge was named" if names else f"no judge is set up in {FILE_NAME}",
            hint=f"the project has {', '.join(names)}"
            if names
            else 'add [judges.main] with model = "…"',
        )

    def _judge(self, name: str) -> Judge:
        if name not in self._judges:
            known = self._app.settings.judges
            if name not in known:
                hint = nearest(name, list(known)) or f"add [judges.{name}]"
                raise UnknownName(f"no judge called {name!r} in {FILE_NAME}", hint=hint)
            self._judges[name] = self._made(name, known[name])
        return self._judges[name]

    def _made(self, name: str, settings: JudgeSettings) -> AskingJudge:
        tries = Tries(
            model=_model(name, settings),
            budget=self._budget,
            rng=self._app.rng,
            timeout_s=settings.timeout_s,
            max_tries=settings.max_tries,
            concurrency=settings.concurrency,
            thread=self._thread,
            price=self._price(name, settings.model),
        )
        if self._sleep is not None:
            tries.sleep = self._sleep
        book = Book(store=self._app.store.judgements, thread=self._thread)
        drifted_at = drifts_of(self._app).of(tries.model.model)
        return AskingJudge(tries=tries, book=book, clock=self._app.clock, drifted_at=drifted_at)

    def _price(self, name: str, model: str) -> Price | None:
        known = self._app.settings.prices.get(model)
        if known is not None:
            return Price(input=known.input, output=known.output)
        if self._limit.cost_usd is None:
            return None
        raise BadRequest(
            f"judge {name} has no price, so judging.max_cost_usd cannot be kept",
            hint=f'add [prices."{model}"] to {FILE_NAME}, or limit judging.max_tokens',
        )


def _model(name: str, settings: JudgeSettings) -> ProviderModel:
    """The model with its key, which is looked for in the environment and kept nowhere else.

    A `base_url` of the settings gets a key only where `api_key_env` names it: the key of one
    provider is not sent to another address by accident.
    """
    variables = environment()
    base_url = settings.base_url or variables.get(_ADDRESSES[settings.provider]) or None
    wanted = settings.api_key_env
    if wanted is None and settings.base_url is None:
        wanted = _KEYS[settings.provider]
    key = None if wanted is None else variables.get(wanted)
    if wanted is not None and not key:
        raise BadRequest(
            f"judge {name} has no key: the environment has no {wanted}",
            hint=f"set {wanted}, or name another variable with judges.{name}.api_key_env",
        )
    return ProviderModel(settings, key=key, base_url=base_url)
