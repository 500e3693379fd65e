"""PyPI ollama: chat and generate, streamed and not, and embed."""

import ollama
from stage import BASE, PROMPT, run

# The library takes its key from OLLAMA_API_KEY.
client = ollama.Client(host=BASE, timeout=30)
MODEL = "llama3.2"
MESSAGES = [{"role": "user", "content": PROMPT}]


def chat():
    answer = client.chat(model=MODEL, messages=MESSAGES)
    return answer.message.content, answer


def chat_stream():
    parts = list(client.chat(model=MODEL, messages=MESSAGES, stream=True))
    return "".join(part.message.content or "" for part in parts), [part.model_dump(mode="json") for part in parts]


def generate():
    answer = client.generate(model=MODEL, prompt=PROMPT)
    return answer.response, answer


def embed():
    answer = client.embed(model="nomic-embed-text", input=PROMPT)
    return str(len(answer.embeddings)), answer


run({"chat": (False, chat), "chat-stream": (True, chat_stream), "generate": (False, generate), "embed": (False, embed)})
