"""Prepares a check of the API: reads openapi.yaml from the server, makes what its examples name, checks its examples,
and prints a stricter copy.

A client has to ignore members that it does not know, so the file leaves the objects of answers open. The copy closes
them: a member that the server answers and the file does not describe is a failure of the check. It has no stream of the
log, which does not end by itself; other tests read that.
"""

import json
import sys
import time
import urllib.request

import jsonschema_rs
import yaml

METHODS = ("get", "put", "post", "delete", "patch", "head")


class Dates(yaml.SafeLoader):
    """Leaves instants as texts."""


Dates.yaml_implicit_resolvers = {
    first: [rule for rule in rules if rule[0] != "tag:yaml.org,2002:timestamp"]
    for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def call(url, key, method="GET", body=None):
    request = urllib.request.Request(url, method=method, data=None if body is None else json.dumps(body).encode())
    request.add_header("Authorization", f"Bearer {key}")
    request.add_header("Content-Type", "application/json")
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read()


def seed(base, key):
    """A profile, and a message of it whose deliveries have a history. Returns the message's id."""
    call(f"{base}/v1/profiles/ann", key, "PUT", {"addresses": [{"channel": "email", "address": "ann@example.com"}]})
    message = {"recipient": "ann", "template": "order-confirmed", "data": {"cds": 1, "total": 14.96, "order": "A2"}}
    return json.loads(call(f"{base}/v1/messages", key, "POST", message))["id"]


def operations(document):
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield path, method, operation


def contents(document):
    """Every media type object, with where it stands."""
    for path, method, operation in operations(document):
        for media, content in operation.get("requestBody", {}).get("content", {}).items():
            yield f"{method} {path} request {media}", content
        for status, response in operation["responses"].items():
            for media, content in response.get("content", {}).items():
                yield f"{method} {path} {status} {media}", content
    for name, response in document["components"]["responses"].items():
        for media, content in response.get("content", {}).items():
            yield f"{name} {media}", content


def check_examples(document):
    """The number of examples; ends the program when one does not fit its schema."""
    count = 0
    wrong = []
    for place, content in contents(document):
        examples = [example["value"] for example in content.get("examples", {}).values()]
        if "example" in content:
            examples.append(content["example"])
        schema = {**content["schema"], "components": document["components"]}
        for example in examples:
            count += 1
            validator = jsonschema_rs.validator_for(schema, validate_formats=True)
            wrong += [f"{place}: {error.message}" for error in validator.iter_errors(example)]
    if wrong:
        sys.exit("Examples that do not fit their schemas:\n" + "\n".join(wrong))
    return count


def close(schema, document, seen):
    """Closes the objects of a schema of an answer, and of those that it refers to."""
    if isinstance(schema, list):
        for part in schema:
            close(part, document, seen)
        return
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        if name not in seen:
            seen.add(name)
            close(document["components"]["schemas"][name], document, seen)
        return
    if "properties" in schema:
        schema.setdefault("additionalProperties", False)
    for part in schema.values():
        close(part, document, seen)


def without_stream(document):
    """Leaves out what makes the log a stream."""
    log = document["paths"]["/v1/log"]["get"]
    log["parameters"] = [p for p in log["parameters"] if p.get("name") not in ("follow", "Last-Event-ID")]
    del log["responses"]["200"]["content"]["text/event-stream"]


def main():
    base, key = sys.argv[1:]
    text = call(f"{base}/openapi.yaml", key)
    document = yaml.load(text, Dates)
    print(f"{check_examples(document)} examples fit their schemas", file=sys.stderr)
    seen = set()
    for place, content in contents(document):
        if " request " not in place:
            close(content["schema"], document, seen)
    without_stream(document)
    document["components"]["parameters"]["MessageId"]["example"] = seed(base, key)
    yaml.safe_dump(document, sys.stdout, allow_unicode=True, sort_keys=False)


main()
