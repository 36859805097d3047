"""A suite as people write it: ``evals/<suite>/suite.yaml``. The folder's name is its id."""

from typing import Annotated

from pydantic import Field

from roadworthy.records.case import DEFAULT_TIERS, Divergent, Tier
from roadworthy.suite.case_file import Repeats, Seconds, Text
from roadworthy.suite.coverage_plan import CoveragePlan
from roadworthy.suite.end_state_item import EndStateItem
from roadworthy.suite.grader_item import AnyGrader
from roadworthy.suite.policy_item import PolicyRule
from roadworthy.suite.strict_model import StrictModel

Share = Annotated[float, Field(ge=0, le=1)]


class SuiteFile(StrictModel):
    """Cases that are run and judged together; everything here has a default."""

    title: str = ""
    """What the suite is about, in one line."""
    target: Text | None = None
    """The agent to test: a name under `[targets]` in roadworthy.toml."""
    repeats: Repeats = 3
    """Trials of each case per run."""
    timeout_s: Seconds = 60.0
    """Seconds that one trial may take."""
    tiers: dict[str, Share | None] = {}
    """Tier name to the pass rate, 0 to 1, that its cases must reach; `null` is tracked and never
    gates. Adds to or changes `critical: 0.99`, `standard: 0.95`, `capability: null`."""
    min_measured: Share = 0.9
    """Share of gating trials that must be measured for the gate to give a verdict."""
    uncalibrated_judges: Text | None = None
    """Why judges that are not calibrated may gate this suite all the same, in a sentence; it is
    shown with every verdict. Without it their readings are shown and gate nothing."""
    on_divergence: Divergent = "unmeasured"
    """What a tool call that the recording does not hold makes of a trial."""
    graders: list[AnyGrader] = []
    """Graders applied to every case, e.g. `loop`."""
    policy: list[PolicyRule] = []
    """Rules that hold in every case, each with a `name`, a `severity` and one check."""
    end_state: list[EndStateItem] = []
    """Looks at what the agent left after a trial of any case: a query, a file, a request, a check
    in Python."""
    end_state_hosts: list[Text] = []
    """Hosts that `end_state` may ask over HTTP beside this machine."""
    coverage: CoveragePlan = CoveragePlan()
    """What the cases should cover, so that a combination without a case can be seen."""

    @property
    def all_tiers(self) -> tuple[Tier, ...]:
        """The standing tiers with this file's changes, then its own."""
        merged = {tier.name: tier.threshold for tier in DEFAULT_TIERS} | self.tiers
        return tuple(Tier(name=name, threshold=limit) for name, limit in merged.items())
