"""PyPI boto3, bedrock-runtime: Converse and InvokeModel, streamed and not. Signed with AWS keys, or with a bearer key."""

import json
import os

import boto3
from botocore.config import Config
from stage import BASE, PROMPT, run

client = boto3.client(
    "bedrock-runtime",
    endpoint_url=BASE,
    region_name=os.environ.get("AWS_REGION", "eu-central-1"),
    config=Config(retries={"total_max_attempts": 1}, read_timeout=30),
)
MODEL = "anthropic.claude-sonnet-4-5-cache-v1:0"
MESSAGES = [{"role": "user", "content": [{"text": PROMPT}]}]
BODY = json.dumps({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": [{"role": "user", "content": PROMPT}]})


def kept(answer):
    """Without the head, which differs from call to call."""
    return {name: value for name, value in answer.items() if name not in ("ResponseMetadata", "body", "stream")}


def converse():
    answer = client.converse(modelId=MODEL, messages=MESSAGES)
    return answer["output"]["message"]["content"][0]["text"], kept(answer)


def converse_stream():
    answer = client.converse_stream(modelId=MODEL, messages=MESSAGES)
    events = list(answer["stream"])
    text = "".join(event["contentBlockDelta"]["delta"]["text"] for event in events if "contentBlockDelta" in event)
    return text, [kept(answer), events]


def invoke():
    answer = client.invoke_model(modelId=MODEL, body=BODY)
    body = json.loads(answer["body"].read())
    return body["content"][0]["text"], [kept(answer), body]


def invoke_stream():
    answer = client.invoke_model_with_response_stream(modelId=MODEL, body=BODY)
    events = [json.loads(event["chunk"]["bytes"]) for event in answer["body"]]
    return "".join(event["delta"]["text"] for event in events if event["type"] == "content_block_delta"), [kept(answer), events]


run(
    {
        "converse": (False, converse),
        "converse-stream": (True, converse_stream),
        "invoke-model": (False, invoke),
        "invoke-model-stream": (True, invoke_stream),
    }
)
