"""The one vocabulary inside: names of the OpenTelemetry GenAI semantic conventions.

Importers translate every other vocabulary into these. Names under ``roadworthy.`` are ours,
for what the conventions do not say.
"""

from typing import Final

OPERATION: Final = "gen_ai.operation.name"
INVOKE_AGENT: Final = "invoke_agent"
CHAT: Final = "chat"
EXECUTE_TOOL: Final = "execute_tool"
RETRIEVAL: Final = "retrieval"
EMBEDDINGS: Final = "embeddings"

PROVIDER: Final = "gen_ai.provider.name"
REQUEST_MODEL: Final = "gen_ai.request.model"
RESPONSE_MODEL: Final = "gen_ai.response.model"
AGENT_NAME: Final = "gen_ai.agent.name"
AGENT_VERSION: Final = "gen_ai.agent.version"
CONVERSATION_ID: Final = "gen_ai.conversation.id"
WORKFLOW_NAME: Final = "gen_ai.workflow.name"

INPUT_MESSAGES: Final = "gen_ai.input.messages"
OUTPUT_MESSAGES: Final = "gen_ai.output.messages"
SYSTEM_INSTRUCTIONS: Final = "gen_ai.system_instructions"
FINISH_REASONS: Final = "gen_ai.response.finish_reasons"
INPUT_TOKENS: Final = "gen_ai.usage.input_tokens"
OUTPUT_TOKENS: Final = "gen_ai.usage.output_tokens"
CACHE_READ_TOKENS: Final = "gen_ai.usage.cache_read.input_tokens"
CACHE_WRITE_TOKENS: Final = "gen_ai.usage.cache_creation.input_tokens"
REASONING_TOKENS: Final = "gen_ai.usage.reasoning.output_tokens"
RETRIEVAL_DOCUMENTS: Final = "gen_ai.retrieval.documents"
MEMORY_RECORDS: Final = "gen_ai.memory.records"

TOOL_NAME: Final = "gen_ai.tool.name"
TOOL_DESCRIPTION: Final = "gen_ai.tool.description"
TOOL_DEFINITIONS: Final = "gen_ai.tool.definitions"
TOOL_CALL_ID: Final = "gen_ai.tool.call.id"
TOOL_ARGUMENTS: Final = "gen_ai.tool.call.arguments"
TOOL_RESULT: Final = "gen_ai.tool.call.result"
ERROR_TYPE: Final = "error.type"

TRANSCRIPT: Final = "roadworthy.transcript"
"""On the root span: every message of the conversation in order, both sides."""
QUESTION: Final = "roadworthy.question"
"""On the root span: what the user asked first, where a framework put words of its own before it
under the user's role."""
MESSAGES_DROPPED: Final = "roadworthy.messages_dropped"
"""On the span with the transcript: how many further messages were left out of it."""
LOGGED_FOR: Final = "roadworthy.logged_for"
"""On a span that holds messages which were logged beside a model call: the id of that call."""
REQUESTOR: Final = "roadworthy.requestor"
"""On a tool span: ``user`` when the (simulated) user made the call; absent means the agent."""
COST_USD: Final = "roadworthy.cost_usd"
"""US dollars of one model call; absent means unknown, never zero."""
RUNG: Final = "roadworthy.replay.rung"
"""On a tool span in a trial: how the reply was found (``exact``, ``repeat``, ``unreplayable``,
``live``)."""
WRITES: Final = "roadworthy.tool.writes"
"""On a tool span: true when the tool changes the world, false when it only reads."""
RESULT_IS_TEXT: Final = "roadworthy.tool.result_is_text"
"""On a tool span: true when the tool returned text, which is then kept as it is even when it
holds JSON; false when it returned other data, written as JSON; absent means unknown."""
