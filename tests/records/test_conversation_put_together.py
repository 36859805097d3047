"""The conversation of traces whose model calls hold only pieces of it."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from roadworthy.base.codec import Json
from roadworthy.records import semconv
from roadworthy.records.gaps import Gaps
from roadworthy.records.message import Part
from roadworthy.records.said_items import SaidItems
from roadworthy.records.span import Span, SpanStatus
from roadworthy.records.trajectory import Trajectory, read_trajectory

SYSTEM: Json = {"role": "system", "parts": [{"type": "text", "content": "You are helpful."}]}


def user(text: str) -> Json:
    return {"role": "user", "parts": [{"type": "text", "content": text}]}


def agent(text: str, **more: Json) -> Json:
    return {"role": "assistant", "parts": [{"type": "text", "content": text}], **more}


def calls(tool: str, arguments: Json = None, call_id: Json = "c1") -> Json:
    part: Json = {"type": "tool_call", "id": call_id, "name": tool, "arguments": arguments or {}}
    return {"role": "assistant", "parts": [part]}


def replies(answer: Json, call_id: Json = "c1") -> Json:
    part: Json = {"type": "tool_call_response", "id": call_id, "response": answer}
    return {"role": "tool", "parts": [part]}


def chat(
    step: int,
    sent: Sequence[Json] | None,
    said: Sequence[Json] | None,
    *,
    parent: int | None = None,
) -> Span:
    told: dict[str, Json] = {semconv.OPERATION: semconv.CHAT}
    if sent is not None:
        told[semconv.INPUT_MESSAGES] = [*sent]
    if said is not None:
        told[semconv.OUTPUT_MESSAGES] = [*said]
    return step_span(step, "chat", told, parent=parent)


def step_span(
    step: int, name: str, attributes: dict[str, Json], *, parent: int | None = None
) -> Span:
    return Span(
        id=f"{step:016x}",
        name=name,
        start_ns=step,
        end_ns=step + 1,
        parent_id=None if parent is None else f"{parent:016x}",
        attributes=attributes,
    )


def an_agent(
    step: int, name: str, more: dict[str, Json] | None = None, *, parent: int | None = None
) -> Span:
    told: dict[str, Json] = {semconv.OPERATION: semconv.INVOKE_AGENT, semconv.AGENT_NAME: name}
    return step_span(step, "invoke_agent", told | (more or {}), parent=parent)


def a_tool(step: int, name: str, *, parent: int | None = None) -> Span:
    told: dict[str, Json] = {semconv.OPERATION: semconv.EXECUTE_TOOL, semconv.TOOL_NAME: name}
    return step_span(step, "execute_tool", told, parent=parent)


def told(*spans: Span) -> list[str]:
    """The messages in short: ``user: text``, ``assistant> tool``, ``tool< reply``."""
    return [line for message in read(*spans).messages for line in lines(message.role, message)]


def read(*spans: Span) -> Trajectory:
    return read_trajectory(spans)


def lines(role: str, message: object) -> list[str]:
    found = []
    for part in getattr(message, "parts", ()):
        match part:
            case {"type": "text", "content": text}:
                found.append(f"{role}: {text}")
            case {"type": "tool_call", "name": name}:
                found.append(f"{role}> {name}")
            case {"type": "tool_call_response", "response": response}:
                found.append(f"{role}< {response}")
    return found


WHOLE = ["user: Refund 7", "assistant> refund", "tool< paid", "assistant: Refunded."]


def test_calls_that_are_sent_all_before_tell_each_message_once() -> None:
    history = [user("Refund 7"), calls("refund"), replies("paid")]

    assert told(chat(1, history[:1], [history[1]]), chat(2, history, [agent("Refunded.")])) == WHOLE


def test_calls_that_are_sent_only_what_is_new_keep_question_and_answer() -> None:
    path = read(
        chat(1, [user("Refund 7")], [calls("refund")]),
        chat(2, [replies("paid")], [agent("Refunded.")]),
    )

    assert [line for m in path.messages for line in lines(m.role, m)] == WHOLE
    assert (path.question, path.final_answer) == ("Refund 7", "Refunded.")
    assert path.gaps == Gaps()


def test_a_call_that_does_not_say_what_it_was_sent_keeps_its_answer_and_is_told() -> None:
    path = read(chat(1, [user("Refund 7")], [calls("refund")]), chat(2, None, [agent("Refunded.")]))

    assert path.final_answer == "Refunded."
    assert path.question == "Refund 7"
    assert path.gaps == Gaps(model_calls_untold=1)
    assert path.gaps.is_partial
    assert path.gaps.in_words == (
        "1 model call does not say what was sent: messages may be missing here.",
    )


def test_an_answer_that_waits_for_its_question_stands_where_the_next_call_tells_it() -> None:
    whole = [user("Refund 7"), calls("refund"), replies("paid"), agent("Done?"), user("Yes")]

    assert told(
        chat(1, None, [whole[1]]), chat(2, None, [whole[3]]), chat(3, whole, [agent("Bye")])
    ) == [*WHOLE[:3], "assistant: Done?", "user: Yes", "assistant: Bye"]


def test_an_input_that_was_cut_so_that_it_cannot_be_read_counts_as_not_told() -> None:
    whole = chat(2, None, [agent("Refunded.")])
    cut = replace(whole, attributes={**whole.attributes, semconv.INPUT_MESSAGES: '[{"role": "us'})

    path = read(chat(1, [user("Refund 7")], [calls("refund")]), cut)

    assert path.gaps.model_calls_untold == 1
    assert path.final_answer == "Refunded."


def test_a_model_call_that_tells_nothing_at_all_is_a_gap_too() -> None:
    path = read(chat(1, [user("hi")], [agent("hello")]), chat(2, None, None))

    assert path.gaps.model_calls_untold == 1


def test_a_conversation_whose_last_answer_is_not_recorded_says_so() -> None:
    gaps = read(chat(1, [user("hi")], [agent("hello")]), chat(2, [user("bye")], None)).gaps

    assert gaps.ends_unsaid
    assert gaps.in_words == ("The last model call does not say what it answered.",)


def test_a_model_call_that_failed_is_not_missing_an_answer() -> None:
    failed = Span(
        id="f" * 16,
        name="chat",
        start_ns=1,
        end_ns=2,
        status=SpanStatus.ERROR,
        attributes={semconv.OPERATION: semconv.CHAT, semconv.INPUT_MESSAGES: [user("hi")]},
    )

    assert read(failed).gaps == Gaps()


def test_the_agents_own_span_gives_the_question_and_the_answer_that_model_calls_lack() -> None:
    root = an_agent(
        0,
        "clerk",
        {
            semconv.INPUT_MESSAGES: [user("Refund 7")],
            semconv.OUTPUT_MESSAGES: [agent("Refunded.")],
        },
    )

    path = read(root, chat(1, [], [calls("refund")]), chat(2, [replies("paid")], None, parent=0))

    assert (path.question, path.final_answer) == ("Refund 7", "Refunded.")
    assert not path.gaps.ends_unsaid


@pytest.mark.parametrize(
    "resent",
    [
        agent(" Hello. ", finish_reason="stop"),
        {"role": "assistant", "parts": [{"type": "reasoning", "content": "x"}], "name": "bot"},
        {"role": "assistant", "parts": []},
    ],
    ids=["other spaces", "only thoughts", "nothing"],
)
def test_an_answer_that_is_told_again_otherwise_stands_once(resent: Json) -> None:
    lines = told(
        chat(1, [user("hi")], [agent("Hello.", finish_reason="stop")]),
        chat(2, [user("hi"), resent, user("bye")], [agent("Bye.")]),
    )

    assert lines == ["user: hi", "assistant: Hello.", "user: bye", "assistant: Bye."]


def test_answers_that_are_told_again_in_other_words_stand_once_as_they_were_given() -> None:
    """Thoughts within the text, for one, are not sent to the model again."""
    assert told(
        chat(1, [user("1")], [agent("<think>Hm.</think>2")]),
        chat(2, [user("1"), agent("2"), user("3")], [agent("<think>So.</think>4")]),
        chat(3, [user("1"), agent("2"), user("3"), agent("4"), user("5")], [agent("6")]),
    ) == [
        *("user: 1", "assistant: <think>Hm.</think>2"),
        *("user: 3", "assistant: <think>So.</think>4"),
        *("user: 5", "assistant: 6"),
    ]


def test_a_message_that_is_told_again_in_pieces_stands_once() -> None:
    """One library has a text and a call in one message, the other in two."""
    both: Json = {
        "role": "assistant",
        "parts": [
            {"type": "text", "content": "I look."},
            {"type": "tool_call", "id": "c1", "name": "find", "arguments": '{"id": 7}'},
        ],
    }
    pieces = [agent("I look."), calls("find", {"id": 7})]

    assert told(
        chat(1, [user("hi")], [both]),
        chat(2, [user("hi"), *pieces, replies("found")], [agent("There.")]),
    ) == ["user: hi", "assistant: I look.", "assistant> find", "tool< found", "assistant: There."]


def test_a_history_without_the_answers_adds_only_what_the_user_says_next() -> None:
    asked = [user("one"), user("two"), user("three")]

    assert told(*(chat(n, asked[:n], [agent(f"to {n}")]) for n in (1, 2, 3))) == [
        *("user: one", "assistant: to 1"),
        *("user: two", "assistant: to 2"),
        *("user: three", "assistant: to 3"),
    ]


def test_a_history_with_shortened_replies_adds_only_what_is_new() -> None:
    history = [user("go"), calls("a"), replies("a long reply"), calls("b", None, "c2")]
    elided = [*history[:2], replies("[cut]"), history[3], replies("end", "c2")]

    assert told(
        chat(1, history[:1], [history[1]]),
        chat(2, history[:3], [history[3]]),
        chat(3, elided, [agent("done")]),
    ) == [
        *("user: go", "assistant> a", "tool< a long reply"),
        *("assistant> b", "tool< end", "assistant: done"),
    ]


def test_a_window_of_the_history_adds_what_is_behind_it() -> None:
    talk = [user("1"), agent("2"), user("3"), agent("4"), user("5"), agent("6")]

    assert told(
        chat(1, talk[:1], talk[1:2]), chat(2, talk[1:3], talk[3:4]), chat(3, talk[3:5], talk[5:])
    ) == [f"{'user' if n % 2 else 'assistant'}: {n}" for n in range(1, 7)]


def test_what_somebody_says_twice_is_said_twice() -> None:
    assert told(
        chat(1, [user("go")], [agent("Sure?")]),
        chat(2, [user("yes")], [agent("Really?")]),
        chat(3, [user("yes")], [agent("Done.")]),
    ) == [
        *("user: go", "assistant: Sure?"),
        *("user: yes", "assistant: Really?"),
        *("user: yes", "assistant: Done."),
    ]


def test_equal_replies_of_a_tool_that_is_polled_all_stand() -> None:
    polls = [chat(n, [replies("wait")], [calls("poll")]) for n in (2, 3, 4)]

    assert told(chat(1, [user("go")], [calls("poll")]), *polls).count("tool< wait") == 3


def test_another_agents_words_stay_out_of_the_root_agents_conversation() -> None:
    path = read(
        an_agent(0, "boss"),
        chat(1, [SYSTEM, user("Write a poem")], [calls("ask_poet")], parent=0),
        an_agent(2, "poet", parent=0),
        chat(3, [user("A poem on spring")], [agent("Spring…")], parent=2),
        chat(4, [user("Longer")], [agent("Spring, oh spring…")], parent=2),
        chat(5, [replies("Spring…")], [agent("Here it is.")], parent=0),
    )

    assert [line for m in path.messages for line in lines(m.role, m)] == [
        *("system: You are helpful.", "user: Write a poem", "assistant> ask_poet"),
        *("tool< Spring…", "assistant: Here it is."),
    ]
    assert path.gaps == Gaps(model_calls_elsewhere=2)
    assert not path.gaps.is_partial


def test_what_a_tool_asks_a_model_is_not_said_by_the_agent() -> None:
    assert told(
        chat(1, [user("Sum up")], [calls("sum")]),
        a_tool(2, "sum"),
        chat(3, [user("Sum up this long text")], [agent("short")], parent=2),
        chat(4, [user("Sum up"), calls("sum"), replies("short")], [agent("It is short.")]),
    ) == ["user: Sum up", "assistant> sum", "tool< short", "assistant: It is short."]


def test_a_model_call_within_a_tool_of_another_does_not_hide_it() -> None:
    """Where tools run inside the model call that asked for them, both are model calls."""
    path = read(
        chat(1, [user("go")], [calls("ask")]),
        a_tool(2, "ask", parent=1),
        chat(3, [user("inner")], [agent("inner answer")], parent=2),
    )

    assert path.model_calls == 2
    assert path.question == "go"


def test_an_agent_that_is_handed_the_whole_conversation_goes_on_with_it_under_its_name() -> None:
    before = [user("hi"), agent("I hand you over.")]
    path = read(
        an_agent(0, "front"),
        chat(1, [SYSTEM, before[0]], [before[1]], parent=0),
        an_agent(2, "expert", parent=0),
        chat(3, [*before, user("Now?")], [agent("Now.")], parent=2),
    )

    assert [(m.role, m.text, m.name) for m in path.messages[-2:]] == [
        ("user", "Now?", None),
        ("assistant", "Now.", "expert"),
    ]
    assert path.gaps == Gaps()


def test_turns_of_one_agent_in_spans_of_their_own_are_one_conversation() -> None:
    assert told(
        an_agent(0, "bot"),
        chat(1, [user("one")], [agent("1")], parent=0),
        an_agent(2, "bot"),
        chat(3, [user("two")], [agent("2")], parent=2),
    ) == ["user: one", "assistant: 1", "user: two", "assistant: 2"]


def test_another_prompt_is_another_conversation() -> None:
    judge: Json = {"role": "system", "parts": [{"type": "text", "content": "Is it safe?"}]}
    path = read(
        chat(1, [judge, user("Is this safe: hi")], [agent("safe")]),
        chat(2, [SYSTEM, user("hi")], [agent("hello")]),
        chat(3, [SYSTEM, user("hi"), agent("hello"), user("bye")], [agent("bye!")]),
    )

    assert (path.question, path.final_answer) == ("hi", "bye!")
    assert path.gaps == Gaps(model_calls_elsewhere=1)


def test_a_prompt_that_changes_with_every_call_does_not_part_a_conversation() -> None:
    def now(text: str) -> Json:
        return {"role": "system", "parts": [{"type": "text", "content": text}]}

    path = read(
        chat(1, [now("It is 9:00"), user("hi")], [agent("hello")]),
        chat(2, [now("It is 9:01"), user("hi"), agent("hello"), user("bye")], [agent("bye!")]),
    )

    assert [m.text for m in path.messages] == ["It is 9:00", "hi", "hello", "bye", "bye!"]


def test_a_title_asked_for_beside_a_conversation_is_not_its_answer() -> None:
    title = chat(3, [user("Name this chat")], [agent("Greetings")])

    path = read(
        chat(1, [user("hi")], [agent("hello")]),
        chat(2, [user("hi"), agent("hello"), user("bye")], [agent("bye!")]),
        title,
    )

    assert path.final_answer == "bye!"
    assert path.gaps.model_calls_elsewhere == 1


def test_dropped_messages_of_a_recorded_session_are_told() -> None:
    root = an_agent(0, "bot", {semconv.TRANSCRIPT: [user("hi")], semconv.MESSAGES_DROPPED: 3})

    assert read(root).gaps.in_words == ("3 messages were left out when this was recorded.",)


def test_what_a_framework_puts_before_the_question_is_not_the_question() -> None:
    """LangGraph hands its prompt over under the user's role."""
    path = read(
        an_agent(0, "bot", {semconv.INPUT_MESSAGES: [user("Find x")]}),
        chat(1, [user("Be helpful!"), user("Find x")], [agent("x")], parent=0),
    )

    assert path.question == "Find x"
    assert [one.text for one in path.user_messages] == ["Find x"]
    assert [one.text for one in path.messages] == ["Be helpful!", "Find x", "x"]


def test_earlier_turns_that_the_root_was_not_asked_again_stay_the_users() -> None:
    history = [user("one"), agent("1"), user("two")]

    path = read(
        an_agent(0, "bot", {semconv.INPUT_MESSAGES: [user("two")]}),
        chat(1, history, [agent("2")], parent=0),
    )

    assert path.question == "one"
    assert [one.text for one in path.user_messages] == ["one", "two"]


def test_each_message_is_looked_at_once_however_often_it_is_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The work for a history that is sent again each time does not grow with its square."""
    looked = 0
    key = SaidItems._key

    def counted(self: SaidItems, message: Part, part: Part) -> object:
        nonlocal looked
        looked += 1
        return key(self, message, part)

    monkeypatch.setattr(SaidItems, "_key", counted)
    spans: list[Span] = []
    history: list[Json] = []
    for step in range(200):
        history = [*history, user(f"question {step}")]
        answer = agent(f"answer {step}")
        spans.append(chat(step, history, [answer]))
        history.append(answer)

    assert len(read(*spans).messages) == 400
    assert looked <= 800


TALK = st.lists(st.sampled_from(["a", "b", "c", "d"]), min_size=1, max_size=8)


@given(TALK, st.booleans())
def test_resent_or_piecewise_a_conversation_is_the_same(texts: list[str], resends: bool) -> None:
    talk: list[Json] = []
    spans = []
    for step, text in enumerate(texts):
        question, answer = user(text), agent(f"{step}: {text}")
        talk.append(question)
        spans.append(chat(step, talk if resends else [question], [answer]))
        talk.append(answer)

    expected = [line for n, text in enumerate(texts) for line in (text, f"{n}: {text}")]
    assert [message.text for message in read(*spans).messages] == expected


PIECES = st.lists(
    st.sampled_from([SYSTEM, user("a"), user("b"), agent("a"), calls("t"), replies("x"), {}, 7]),
    max_size=4,
)


@given(
    st.lists(
        st.tuples(st.none() | PIECES, st.none() | PIECES, st.none() | st.integers(0, 9)),
        max_size=8,
    ),
    st.integers(0, 255),
)
def test_whatever_calls_are_sent_nothing_that_one_answered_is_lost(
    drawn: list[tuple[list[Json] | None, list[Json] | None, int | None]], agents: int
) -> None:
    """Unless it belongs to another conversation, which is then told.

    A model call inside another is the same one, told by another library.
    """
    spans = []
    for step, (sent, said, drawn_parent) in enumerate(drawn):
        is_in_agent = drawn_parent is not None and agents >> drawn_parent & 1
        parent = drawn_parent if is_in_agent else None
        if agents >> step & 1:
            spans.append(an_agent(step, f"agent {step}", parent=parent))
        else:
            spans.append(chat(step, sent, said, parent=parent))

    path = read(*spans)

    texts = {message.text for message in path.messages if message.text}
    for span in spans:
        answered = span.attributes.get(semconv.OUTPUT_MESSAGES)
        if agent("a") in (answered if isinstance(answered, list) else ()):
            assert "a" in texts or path.gaps.model_calls_elsewhere
    assert path.gaps.model_calls_elsewhere <= path.model_calls
