"""Clean cases to make messier, and material for operators that need some."""

from roadworthy.base.codec import Json
from roadworthy.records.recording import RecordedCall, Recording
from roadworthy.suite.messy.expecting import expected_phrases
from roadworthy.suite.messy.operators import OPERATORS, make_messy
from roadworthy.suite.messy.variant import Exchange, Intensity, Material, Messy

MATERIAL = Material(
    conversations=tuple(
        tuple(Exchange(f"question {c}.{n}", f"answer {c}.{n}") for n in range(9)) for c in range(12)
    ),
    replies=tuple(f'{{"reply": {n}, "said": "{"so it is " * 60}"}}' for n in range(6)),
)
RECORDED = Recording(
    calls=(
        RecordedCall(tool="find_order", arguments={"order_id": "1003"}, result={"paid": 180}),
        RecordedCall(tool="refund", arguments={"order_id": "1003", "usd": 180}, result="done"),
    )
)
REFUND: dict[str, Json] = {
    "title": "A refund",
    "input": "I want my money back for order 1003, please.",
    "expect": {
        "output": [{"contains": "refunded"}, {"exact": "It is refunded."}],
        "trajectory": {
            "mode": "strict",
            "calls": [
                {"tool": "find_order", "arguments": {"order_id": "1003"}},
                {"tool": "refund", "arguments": {"order_id": "1003"}},
            ],
        },
        "limits": {"max_calls": 2},
    },
    "recording": "recordings/refund.jsonl",
}


def a_messy(said: Json = None, *, recorded: bool = False, **fields: Json) -> Messy:
    """A case that says this; without it, a refund with all there can be."""
    content: dict[str, Json] = REFUND if said is None else {"input": said}
    content = {**content, **fields}
    recording = RECORDED if recorded or said is None else None
    return Messy(fields=content, recording=recording, phrases=expected_phrases(content))


def applied(
    case: Messy,
    *names: str,
    seed: int = 0,
    intensity: Intensity = Intensity.MEDIUM,
    material: Material = MATERIAL,
    case_id: str = "case",
) -> Messy:
    """`case` with these operators applied."""
    return make_messy(
        case,
        [OPERATORS[name] for name in names],
        case_id=case_id,
        seed=seed,
        intensity=intensity,
        material=material,
    )
