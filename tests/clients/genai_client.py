"""PyPI google-genai: generate, streamed and not, embed, and its asynchronous form."""

import asyncio

from google import genai
from stage import BASE, KEY, PROMPT, run

client = genai.Client(api_key=KEY, vertexai=False, http_options={"base_url": BASE, "timeout": 30_000})
MODEL = "gemini-2.5-flash-cache-reason"


def dumped(parts):
    # The head of the answer is kept by the library; it differs from call to call.
    return [part.model_dump(mode="json", exclude={"sdk_http_response"}) for part in parts]


def generate():
    answer = client.models.generate_content(model=MODEL, contents=PROMPT)
    return answer.text, dumped([answer])


def stream():
    chunks = list(client.models.generate_content_stream(model=MODEL, contents=PROMPT))
    return "".join(chunk.text or "" for chunk in chunks), dumped(chunks)


def embed():
    answer = client.models.embed_content(model="gemini-embedding-001", contents=[PROMPT, "Nobody."])
    return str(len(answer.embeddings)), dumped([answer])


def count_tokens():
    answer = client.models.count_tokens(model=MODEL, contents=PROMPT)
    return str(answer.total_tokens), dumped([answer])


async def async_stream():
    chunks = [chunk async for chunk in await client.aio.models.generate_content_stream(model=MODEL, contents=PROMPT)]
    return "".join(chunk.text or "" for chunk in chunks), dumped(chunks)


run(
    {
        "generate": (False, generate),
        "stream": (True, stream),
        "async-stream": (True, lambda: asyncio.run(async_stream())),
        "embed": (False, embed),
        "count-tokens": (False, count_tokens),
    }
)
