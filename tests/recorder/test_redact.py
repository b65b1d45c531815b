"""Planted secrets of every kind must go, and what only resembles one must stay."""

from __future__ import annotations

import base64
import hashlib
import random

import pytest

from store import redact
from store.records import Line

_random = random.Random(7)


def _letters(count: int, of: str = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789") -> str:
    return "".join(_random.choice(of) for _ in range(count - 1)) + "7"


KEY = "-----BEGIN RSA PRIVATE KEY-----\nMIIEow" + _letters(58) + "\n" + _letters(64) + "\n-----END RSA PRIVATE KEY-----"
PLANTED = {
    "github": "ghp_" + _letters(36),
    "github server": "ghs_" + _letters(36),
    "github oauth": "gho_" + _letters(36),
    "github fine": "github_pat_" + _letters(60),
    "gitlab": "glpat-" + _letters(20),
    "aws": "AKIA" + _letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "aws session": "ASIA" + _letters(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
    "huggingface": "hf_" + _letters(34),
    "openai": "sk-" + _letters(48),
    "anthropic": "sk-ant-api03-" + _letters(60),
    "slack": "xoxb-" + _letters(40),
    "google": "AIza" + _letters(35),
    "jwt": f"eyJ{_letters(20)}.eyJ{_letters(40)}.{_letters(43)}",
    "private key": KEY,
}
HARMLESS = [
    hashlib.sha256(b"weights").hexdigest(),
    hashlib.sha1(b"commit").hexdigest(),
    base64.b64encode(_random.randbytes(3000)).decode(),
    base64.urlsafe_b64encode(_random.randbytes(3000)).decode(),
    "task-1234567890123456789012 disk-sk-foo risk-adjusted-return-of-portfolio",
    "https://github.com/ada/repo.git git@github.com:ada/repo.git ssh://git@host/repo.git",
    "sk-learn-contrib-and-some-more-words",
    "eyJ is how base64 of a JSON object begins",
    "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
    "epoch 3: loss=0.123 tokens/s=12345 token: 5",
]


@pytest.mark.parametrize("kind", PLANTED)
def test_a_secret_is_gone_wherever_it_stands(kind: str) -> None:
    secret = PLANTED[kind]
    tail = secret[-30:]
    console = [Line(0.0, "out", 0, text) for text in f"before {secret} after".split("\n")]
    found = [
        redact.free(f"x='{secret}', y"),
        redact.settings(f"a: 1\nthing: {secret}\n"),
        " ".join(redact.arguments(["--thing", secret, f"--other={secret}", f"a.b={secret}"])),
        redact.diff(
            b"--- a/x\n+++ b/x\n@@ -1 +1 @@\n" + "".join(f"+{t}\n" for t in secret.split("\n")).encode()
        ).decode(),
        "\n".join(line.text for line in redact.lines(console)[0]),
        str(redact.event({"e": "parameters", "values": {"Args/thing": {"value": secret, "type": "str"}}})),
        str(redact.event({"e": "start", "argv": [secret], "env": {"THING": secret}, "comment": secret})),
    ]
    for text in found:
        assert tail not in text
        assert "<redacted:" in text


@pytest.mark.parametrize("text", HARMLESS)
def test_what_only_resembles_a_secret_stays(text: str) -> None:
    assert redact.free(text) == text
    assert redact.settings(text) == text
    lines = [Line(0.0, "out", 0, part) for part in text.split("\n")]
    assert redact.lines(lines) == (lines, False)
    as_diff = "".join(f"+{part}\n" for part in text.split("\n")).encode()
    assert redact.diff(as_diff) == as_diff


@pytest.mark.parametrize(
    "name",
    [
        "hf_token",
        "api_key",
        "apiKey",
        "API_KEY",
        "api-key",
        "password",
        "db.password",
        "dbPassword",
        "secret",
        "client_secret",
        "wandb_api_key",
        "auth",
        "credentials",
        "aws_secret_access_key",
        "access_token",
        "private_key",
        "HF_TOKEN",
        "pass",
    ],
)
def test_a_telling_name_hides_its_value(name: str) -> None:
    assert redact.value(name, "hunter two") == f"<redacted:{name}>"
    assert redact.redacted_key(redact.value(name, "hunter two")) == name
    assert redact.arguments([f"--{name}", "hunter2"]) == [f"--{name}", f"<redacted:{name}>"]
    assert redact.arguments([f"--{name}=hunter2"]) == [f"--{name}=<redacted:{name}>"]
    assert "hunter2" not in redact.settings(f'{{"{name}": "hunter2"}}')


@pytest.mark.parametrize(
    "name",
    [
        "max_tokens",
        "tokenizer",
        "author",
        "bypass",
        "passes",
        "passthrough",
        "num_tokens",
        "authors",
        "compass",
        "keys",
        "key",
        "keyboard",
        "tokens_per_second",
        "pad_token",
        "eos_token",
        "special_token",
        "secretary",
        "monkey",
    ],
)
def test_a_name_that_contains_a_telling_one_does_not(name: str) -> None:
    assert redact.value(name, "hunter two") == "hunter two"
    assert redact.arguments([f"--{name}", "hunter2"]) == [f"--{name}", "hunter2"]


@pytest.mark.parametrize("value", ["", "None", "True", "false", "3", "-1.5e-4", "null", "nan"])
def test_numbers_booleans_and_nothing_stay_under_any_name(value: str) -> None:
    assert redact.value("password", value) == value


def test_a_typed_number_is_no_secret() -> None:
    event = {"e": "parameters", "values": {"Args/token": {"value": "5 ", "type": "int", "description": ""}}}
    assert redact.event(event) == event


def test_a_redacted_value_stays_what_it_is() -> None:
    once = redact.value("hf_token", "whatever it was")
    assert redact.value("hf_token", once) == once


@pytest.mark.parametrize(
    ("address", "clean"),
    [
        ("https://ada:hunter2@github.com/a/b.git", "https://github.com/a/b.git"),
        ("https://hunter2@github.com/a/b.git", "https://github.com/a/b.git"),
        ("ssh://git@host:22/a/b.git", "ssh://git@host:22/a/b.git"),
        ("ssh://git:hunter2@host/a/b.git", "ssh://git@host/a/b.git"),
        ("git@github.com:a/b.git", "git@github.com:a/b.git"),
        ("/home/ada/repo", "/home/ada/repo"),
    ],
)
def test_a_remote_loses_its_credentials(address: str, clean: str) -> None:
    assert redact.remote(address) == clean


def test_a_url_in_text_loses_its_password_only() -> None:
    text = "store postgresql://ada:hunter2@db/x and http://host/y@z"
    assert redact.free(text) == "store postgresql://ada:<redacted:password>@db/x and http://host/y@z"


def test_a_binary_patch_is_left_alone_and_code_is_spared() -> None:
    patch = b"GIT binary patch\nliteral 20\nz" + PLANTED["github"].encode() + b"\n\n"
    assert redact.diff(patch) == patch
    code = b'+token = tokens.pop()\n+pad_token = "[PAD]"\n+password = getpass("Password: ")\n'
    assert redact.diff(code) == code
    assert redact.diff(b'+api_key = "a1b2c3d4e5f6g7h8"\n') == b'+api_key = "<redacted:api_key>"\n'


def test_a_private_key_in_a_diff_keeps_its_number_of_lines() -> None:
    data = b"@@ -0,0 +1,4 @@\n" + "".join(f"+{line}\n" for line in KEY.split("\n")).encode() + b"+after\n"
    clean = redact.diff(data)
    assert clean.count(b"\n") == data.count(b"\n")
    assert all(line[:1] in b"+@" for line in clean.splitlines())
    assert clean.endswith(b"+after\n")
