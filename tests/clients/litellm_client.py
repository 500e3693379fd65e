"""PyPI litellm as a library: completion, streamed and not, in two dialects."""

import litellm
from stage import BASE, KEY, PROMPT, run

litellm.suppress_debug_info = True
ASK = {
    "messages": [{"role": "user", "content": PROMPT}],
    "api_key": KEY,
    "num_retries": 0,
    "max_retries": 0,
    "timeout": 30,
    "max_tokens": 64,
}
# One address stands for two upstreams here; the driver names that of openai.
OPENAI = {"model": "openai/gpt-4o-mini-cache-reason", "api_base": f"{BASE}/v1"}


def completion(ask, **options):
    answer = litellm.completion(**ASK, **ask, **options)
    if not options.get("stream"):
        return answer.choices[0].message.content, answer
    chunks = list(answer)
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices), [chunk.model_dump(mode="json") for chunk in chunks]


run(
    {
        "completion": (False, lambda: completion(OPENAI)),
        "completion-stream": (True, lambda: completion(OPENAI, stream=True)),
        "completion-stream-usage": (True, lambda: completion(OPENAI, stream=True, stream_options={"include_usage": True})),
    }
)
