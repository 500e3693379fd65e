"""PyPI anthropic: messages, streamed and not, and its asynchronous form."""

import asyncio

import anthropic
from stage import BASE, KEY, PROMPT, run

SETTINGS = {"base_url": BASE, "api_key": KEY, "max_retries": 0, "timeout": 30}
client = anthropic.Anthropic(**SETTINGS)
ASK = {"model": "claude-sonnet-4-5-cache", "max_tokens": 64, "messages": [{"role": "user", "content": PROMPT}]}


def dumped(parts):
    return [part.model_dump(mode="json") for part in parts]


def messages():
    answer = client.messages.create(**ASK)
    return answer.content[0].text, answer


def raw_stream():
    events = list(client.messages.create(stream=True, **ASK))
    return "".join(event.delta.text for event in events if event.type == "content_block_delta"), dumped(events)


def helper_stream():
    with client.messages.stream(**ASK) as stream:
        text = "".join(stream.text_stream)
        return text, stream.get_final_message()


async def async_stream():
    async with anthropic.AsyncAnthropic(**SETTINGS) as later, later.messages.stream(**ASK) as stream:
        text = "".join([part async for part in stream.text_stream])
        return text, await stream.get_final_message()


def count_tokens():
    answer = client.messages.count_tokens(model=ASK["model"], messages=ASK["messages"])
    return str(answer.input_tokens), answer


def overloaded():
    """A refusal of the provider has to arrive as the exception that programs catch."""
    try:
        client.messages.create(**{**ASK, "model": "claude-sonnet-4-5+status=529"})
    except anthropic.APIStatusError as failure:
        return f"{type(failure).__name__} {failure.status_code}", failure.body
    raise AssertionError("no error was raised")


run(
    {
        "messages": (False, messages),
        "messages-stream": (True, raw_stream),
        "messages-stream-helper": (True, helper_stream),
        "async-stream": (True, lambda: asyncio.run(async_stream())),
        "count-tokens": (False, count_tokens),
        "overloaded": (False, overloaded),
    }
)
