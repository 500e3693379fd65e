"""PyPI openai: chat, responses and embeddings, streamed and not, and its asynchronous form."""

import asyncio

import openai
from stage import BASE, KEY, PROMPT, model, run

SETTINGS = {"base_url": f"{BASE}/v1", "api_key": KEY, "max_retries": 0, "timeout": 30}
client = openai.OpenAI(**SETTINGS)
MODEL = model("gpt-4o-mini-cache-reason")
EMBED = model("text-embedding-3-small", "CLIENT_EMBED_MODEL")
MESSAGES = [{"role": "system", "content": "Answer in one line."}, {"role": "user", "content": PROMPT}]


def joined(chunks):
    return "".join(choice.delta.content or "" for chunk in chunks for choice in chunk.choices)


def dumped(parts):
    return [part.model_dump(mode="json") for part in parts]


def chat():
    answer = client.chat.completions.create(model=MODEL, messages=MESSAGES)
    return answer.choices[0].message.content, answer


def chat_stream(**options):
    chunks = list(client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True, **options))
    return joined(chunks), dumped(chunks)


def responses():
    answer = client.responses.create(model=MODEL, input=PROMPT, instructions="Answer in one line.")
    return answer.output_text, answer


def responses_stream():
    events = list(client.responses.create(model=MODEL, input=PROMPT, stream=True))
    return "".join(event.delta for event in events if event.type == "response.output_text.delta"), dumped(events)


def embeddings():
    answer = client.embeddings.create(model=EMBED, input=[PROMPT, "Nobody."])
    return str(len(answer.data)), answer


def models():
    page = client.models.list()
    return str(len(page.data)), dumped(page.data)


def limited():
    """A refusal of the provider has to arrive as the exception that programs catch."""
    try:
        client.chat.completions.create(model="gpt-4o-mini+status=429", messages=MESSAGES)
    except openai.RateLimitError as failure:
        return f"{type(failure).__name__} {failure.status_code}", failure.body
    raise AssertionError("no error was raised")


async def async_chat():
    async with openai.AsyncOpenAI(**SETTINGS) as later:
        answer = await later.chat.completions.create(model=MODEL, messages=MESSAGES)
    return answer.choices[0].message.content, answer


async def async_stream():
    async with openai.AsyncOpenAI(**SETTINGS) as later:
        chunks = [chunk async for chunk in await later.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True)]
    return joined(chunks), dumped(chunks)


run(
    {
        "chat": (False, chat),
        "chat-stream": (True, chat_stream),
        "chat-stream-usage": (True, lambda: chat_stream(stream_options={"include_usage": True})),
        "responses": (False, responses),
        "responses-stream": (True, responses_stream),
        "embeddings": (False, embeddings),
        "async-chat": (False, lambda: asyncio.run(async_chat())),
        "async-chat-stream": (True, lambda: asyncio.run(async_stream())),
        "models": (False, models),
        "limited": (False, limited),
    }
)
