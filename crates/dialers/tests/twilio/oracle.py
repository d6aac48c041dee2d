"""Twilio's own Python package, asked over lines of JSON: one question in, one answer out."""

import json
import sys
from urllib.parse import parse_qs
from xml.etree import ElementTree

from twilio.request_validator import RequestValidator


class Form(dict):
    """A form as web frameworks hand it to the validator."""

    def getlist(self, name):
        return self[name]


def form(body):
    return Form(parse_qs(body, keep_blank_values=True))


def sign(q):
    validator = RequestValidator(q["secret"])
    return validator.compute_signature(q["url"], form(q["body"]), q["algorithm"])


def validate(q):
    validator = RequestValidator(q["secret"])
    return validator.validate(q["url"], form(q["body"]), q["signature"], q["algorithm"])


def calls(q):
    # Slow to load, and most questions need it not.
    from twilio.rest import Client

    client = Client(q["account_sid"], q["auth_token"])
    client.api.base_url = q["base_url"]
    return client.calls


def create(q):
    return calls(q).create(**q["with"]).sid


def read(q):
    return len(calls(q).list(**q["with"]))


def fetch(q):
    return calls(q)(q["sid"]).fetch().sid


def update(q):
    return calls(q)(q["sid"]).update(**q["with"]).sid


def twiml(q):
    """Whether the package's own builder makes the same document."""
    from twilio.twiml.voice_response import VoiceResponse

    response = VoiceResponse()
    if q["greeting"] is None:
        response.pause(length=1)
    else:
        response.say(q["greeting"])
    response.hangup()
    return ElementTree.canonicalize(str(response)) == ElementTree.canonicalize(q["document"])


QUESTIONS = {f.__name__: f for f in (sign, validate, create, read, fetch, update, twiml)}

for line in sys.stdin:
    question = json.loads(line)
    answer = QUESTIONS[question["ask"]](question)
    print(json.dumps(answer), flush=True)
