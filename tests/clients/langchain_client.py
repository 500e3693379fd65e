"""PyPI langchain-openai: invoke and stream."""

from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from stage import BASE, KEY, PROMPT, run

SETTINGS = {"base_url": f"{BASE}/v1", "api_key": KEY, "max_retries": 0, "timeout": 30}
client = ChatOpenAI(model="gpt-4o-mini-cache-reason", **SETTINGS)


def invoke():
    answer = client.invoke(PROMPT)
    return answer.content, answer


def stream():
    parts = list(client.stream(PROMPT))
    return "".join(part.content for part in parts), [part.model_dump(mode="json") for part in parts]


def responses():
    answer = ChatOpenAI(model="gpt-4o-mini-cache-reason", use_responses_api=True, **SETTINGS).invoke(PROMPT)
    return answer.text if isinstance(answer.text, str) else answer.text(), answer


def embed():
    vectors = OpenAIEmbeddings(model="text-embedding-3-small", check_embedding_ctx_length=False, **SETTINGS).embed_documents([PROMPT])
    return str(len(vectors)), vectors


run({"invoke": (False, invoke), "stream": (True, stream), "responses": (False, responses), "embed": (False, embed)})
