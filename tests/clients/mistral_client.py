"""PyPI mistralai: chat, streamed and not, and embeddings."""

from mistralai.client import Mistral
from stage import BASE, KEY, PROMPT, run

client = Mistral(api_key=KEY, server_url=BASE, timeout_ms=30_000)
MESSAGES = [{"role": "user", "content": PROMPT}]


def chat():
    answer = client.chat.complete(model="mistral-small-latest", messages=MESSAGES)
    return answer.choices[0].message.content, answer


def stream():
    with client.chat.stream(model="mistral-small-latest", messages=MESSAGES) as events:
        events = list(events)
    text = "".join(choice.delta.content or "" for event in events for choice in event.data.choices)
    return text, [event.data.model_dump(mode="json") for event in events]


def embeddings():
    answer = client.embeddings.create(model="mistral-embed", inputs=[PROMPT])
    return str(len(answer.data)), answer


run({"chat": (False, chat), "chat-stream": (True, stream), "embeddings": (False, embeddings)})
