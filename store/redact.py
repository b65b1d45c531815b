"""Secrets out of what is stored: by the names of things, by what secrets look like, and out of URLs.

Best effort, and said to be so: a password in plain prose stays. A placeholder names what was there
(``<redacted:hf_token>``), so that whoever runs the task again can take the value from an environment of their own.
Numbers, booleans and None are never touched, nor words that only contain a telling one (``max_tokens``, ``author``).
The console is searched for looks only. Standard library only; nothing here reads or writes anything.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

Record = dict[str, Any]
"""A journal's event."""

_PLACEHOLDER = re.compile(r"<redacted:([^<>]*)>")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_TELLING = frozenset(
    ("pass", "passwd", "password", "passphrase", "passcode", "pwd", "secret", "token", "apikey", "credential",
     "credentials", "auth")
)  # fmt: skip
_TELLING_PAIRS = frozenset(("api key", "access key", "private key", "signing key", "encryption key"))
_LANGUAGE = frozenset(
    ("pad", "eos", "bos", "sos", "unk", "mask", "sep", "cls", "end", "start", "stop", "begin", "special", "image",
     "audio", "text", "prefix", "suffix", "blank", "newline")
)  # fmt: skip
"""Words before ``token`` where a language model is meant: ``pad_token`` is part of the experiment."""

_LOOKS = (
    ("github-token", r"gh[opsur]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}"),
    ("gitlab-token", r"glpat-[A-Za-z0-9_-]{16,}"),
    ("aws-key", r"(?:AKIA|ASIA)[A-Z0-9]{16}(?![A-Za-z0-9+/=])"),
    ("huggingface-token", r"hf_[A-Za-z0-9]{20,}"),
    ("secret-key", r"sk-(?=[A-Za-z0-9_-]*\d)[A-Za-z0-9_-]{20,}"),
    ("slack-token", r"xox[baprs]-[A-Za-z0-9-]{10,}"),
    ("google-key", r"AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])"),
    ("jwt", r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
)
_LOOK = re.compile(
    r"(?<![A-Za-z0-9+/])(?:" + "|".join(f"(?P<{name.replace('-', '_')}>{pattern})" for name, pattern in _LOOKS) + ")"
)
_HINTS = ("ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_", "glpat-", "AKIA", "ASIA", "hf_", "sk-", "xox", "AIza",
          "eyJ")  # fmt: skip
_KEY_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----")
_KEY_END = re.compile(r"-----END [A-Z0-9 ]*PRIVATE KEY-----")
_KEY_BLOCK = re.compile(_KEY_BEGIN.pattern + r".*?(?:" + _KEY_END.pattern + r"|\Z)", re.DOTALL)
_KEY_BLOCK_BYTES = re.compile(_KEY_BLOCK.pattern.encode(), re.DOTALL)
_PEM = "-----BEGIN "
_SUSPICIOUS = re.compile(rb"(?i:pass|pwd|secret|token|api.?key|_key|credential|auth|://)|" + "|".join(_HINTS).encode())
_BLOCK = 64 << 10
_LONG = 8
_URL = re.compile(r"\b([A-Za-z][A-Za-z0-9+.-]*)://([^/\s@\"'<>:]*)(:[^/\s@\"'<>]*)?@")
_ASSIGNED = re.compile(
    r"""(?P<name>[A-Za-z_][\w.-]*)(?P<sign>["']?\s*(?:=|:)\s*)(?P<value>"[^"\n]*"|'[^'\n]*'|[^\s"',;&]+)"""
)
_SECRETIVE = re.compile(r"(?=.*\d)(?=.*[A-Za-z])\S{12,}")


def placeholder(name: str) -> str:
    """Return what is stored in place of a secret."""
    return f"<redacted:{name}>"


def redacted_key(value: str) -> str | None:
    """Return the name in a value that is a placeholder as a whole, None for any other value."""
    match = _PLACEHOLDER.fullmatch(value.strip())
    return match[1] if match else None


def is_telling(name: str) -> bool:
    """Whether a name says that its value is a secret: as whole words, ``hf_token`` but not ``tokenizer``."""
    words = [word.lower() for word in _WORDS.findall(name)]
    for before, word in zip(["", *words], words, strict=False):
        if f"{before} {word}" in _TELLING_PAIRS:
            return True
        if word in _TELLING and not (word == "token" and before in _LANGUAGE):
            return True
    return False


def value(name: str, text: str) -> str:
    """Return the value of something called ``name`` without secrets."""
    if is_telling(name) and not _harmless(text):
        return placeholder(name.rpartition("/")[2])
    return free(text)


def free(text: str) -> str:
    """Return text of any kind without what looks like a secret, and without the passwords in URLs."""
    return url(looks(text))


def looks(text: str) -> str:
    """Return text without what looks like a secret, whatever it is called."""
    if _PEM in text:
        text = _KEY_BLOCK.sub(placeholder("private-key"), text)
    if any(hint in text for hint in _HINTS):
        text = _LOOK.sub(_named, text)
    return text


def url(text: str) -> str:
    """Return text without the passwords in its URLs; a bare user (``git@``) stays, except before a web host."""
    return _URL.sub(_without_password, text) if "://" in text else text


def remote(text: str) -> str:
    """Return a repository's address without any credentials, so that it can be used by anybody who has their own."""
    match = _URL.search(text)
    if match is None or (match[1].endswith("ssh") and not match[3]):
        return looks(text)
    user = f"{match[2]}@" if match[1].endswith("ssh") else ""
    return looks(text[: match.start()] + f"{match[1]}://{user}" + text[match.end() :])


def settings(text: str) -> str:
    """Return a configuration text (YAML, TOML, INI, JSON, shell) without the values of telling names."""
    return free(_ASSIGNED.sub(_unassigned, text))


def arguments(argv: Sequence[str]) -> list[str]:
    """Return a command line without secrets: ``--token X``, ``--token=X``, ``db.password=X``, and by looks."""
    result: list[str] = []
    expected = ""
    for argument in argv:
        name, sign, given = argument.partition("=")
        if expected and not argument.startswith("-"):
            result.append(value(expected, argument))
        elif sign and is_telling(name):
            result.append(f"{name}={value(name.lstrip('-+~'), given)}")
        else:
            result.append(free(argument))
        expected = name.lstrip("-") if argument.startswith("-") and not sign and is_telling(name) else ""
    return result


def variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return environment variables without secrets."""
    return {name: value(name, text) for name, text in environ.items()}


def diff(data: bytes) -> bytes:
    """Return a diff without secrets; lines of binary patches (without a leading +, - or space) stay as they are."""
    return b"".join(_diff_block(block) for block in _blocks(data))


def code(data: bytes) -> bytes:
    """Return a source text without secrets."""
    return b"".join(_cleaned(block, _code_line) for block in _blocks(data))


def lines(found: list[Any], inside: bool = False) -> tuple[list[Any], bool]:
    """Return console lines (``store.records.Line``) without what looks like a secret.

    ``inside`` says whether a private key that began in earlier lines goes on; so does the second value returned.
    """
    whole = "\n".join([line.text for line in found])
    if not inside and _PEM not in whole and not any(hint in whole for hint in _HINTS):
        return found, False
    result = []
    for line in found:
        text, inside = _console_line(line.text, inside)
        result.append(line if text is line.text else line._replace(text=text))
    return result, inside


def unfinished(text: str) -> str:
    """Return the start of a line without what looks like a secret, or may once the rest of the word is there."""
    text = looks(text)
    begin = len(text) - len(text.split()[-1]) if text and not text[-1].isspace() else len(text)
    hints = [at for hint in _HINTS if (at := text.find(hint, begin)) >= 0]
    return text[: min(hints)] + placeholder("unfinished") if hints else text


def hides_its_end(text: str) -> bool:
    """Whether the start of a line ends with a placeholder, so that what comes next may be the rest of a secret."""
    return _PLACEHOLDER.fullmatch(text[text.rfind("<") :]) is not None


def secrets(found: Record) -> dict[str, str]:
    """Return the values of at least 8 characters that an event calls secrets, as it was written, with their names."""
    pairs: list[tuple[str, str]] = []
    if found.get("e") == "start":
        pairs = list(_named_arguments([str(argument) for argument in found.get("argv") or ()]))
    elif found.get("e") == "parameters":
        values = (found.get("values") or {}).items()
        pairs = [(key.rpartition("/")[2], str(kept.get("value"))) for key, kept in values if isinstance(kept, dict)]
    return {text: name for name, text in pairs if len(text) >= _LONG and is_telling(name) and not _harmless(text)}


def _named_arguments(argv: Sequence[str]) -> Iterator[tuple[str, str]]:
    for argument, following in pairwise([*argv, ""]):
        name, sign, given = argument.partition("=")
        if sign:
            yield name.lstrip("-+~"), given
        elif argument.startswith("-") and not following.startswith("-"):
            yield name.lstrip("-"), following


def event(found: Record) -> Record:
    """Return a journal's event without secrets."""
    kind = found.get("e")
    if kind == "start":
        clean: dict[str, Any] = {"comment": free(str(found.get("comment") or ""))}
        if "argv" in found:
            clean["argv"] = arguments([str(argument) for argument in found["argv"] or ()])
        if "env" in found:
            clean["env"] = variables({str(k): str(v) for k, v in (found["env"] or {}).items()})
        return found | clean
    if kind == "parameters":
        return found | {"values": {key: _parameter(key, kept) for key, kept in (found.get("values") or {}).items()}}
    if kind == "configuration":
        return found | {"text": settings(str(found.get("text") or ""))}
    if kind in ("artifact", "model"):
        return found | _described(found)
    told = {"comment": "text", "end": "reason"}.get(str(kind))
    return found | {told: free(str(found.get(told) or ""))} if told else found


def _described(found: Record) -> Record:
    """Return what is said of a file, without secrets; what is in the file is the script's own business."""
    clean: Record = {name: free(str(found[name])) for name in ("preview", "comment") if found.get(name)}
    if found.get("design"):
        clean["design"] = settings(str(found["design"]))
    about = found.get("metadata")
    if isinstance(about, dict):
        clean["metadata"] = {key: value(key, kept) if isinstance(kept, str) else kept for key, kept in about.items()}
    return clean


def _parameter(key: str, kept: Any) -> Any:
    if not isinstance(kept, dict) or not isinstance(kept.get("value"), str):
        return kept
    if kept.get("type") in ("int", "float", "bool", "NoneType", "None"):
        return kept
    name = key.partition("/")[2] or key
    return kept | {"value": value(name, kept["value"])}


def _harmless(text: str) -> bool:
    """Whether a value is no secret whatever it is called: nothing, a number, a boolean, a placeholder already."""
    word = text.strip().strip("\"'").lower()
    if word in ("", "none", "null", "true", "false", "yes", "no", "on", "off", "auto", "default"):
        return True
    try:
        float(word)
    except ValueError:
        return redacted_key(text) is not None
    return True


def _named(match: re.Match[str]) -> str:
    return placeholder(str(match.lastgroup).replace("_", "-"))


def _without_password(match: re.Match[str]) -> str:
    scheme, user, password = match.groups()
    if password:
        return f"{scheme}://{user}:{placeholder('password')}@"
    return f"{scheme}://{placeholder('user')}@" if scheme in ("http", "https") and user else match[0]


def _unassigned(match: re.Match[str]) -> str:
    name, sign, given = match["name"], match["sign"], match["value"]
    if not is_telling(name) or _harmless(given):
        return match[0]
    quote = given[0] if given[0] in "\"'" else ""
    return f"{name}{sign}{quote}{placeholder(name)}{quote}"


def _blocks(data: bytes) -> Iterator[bytes]:
    """Cut at line ends into pieces small enough to be text for a moment."""
    data = _KEY_BLOCK_BYTES.sub(_kept_lines, data) if b"PRIVATE KEY-----" in data else data
    start = 0
    while start < len(data):
        end = data.find(b"\n", start + _BLOCK) + 1 or len(data)
        yield data[start:end]
        start = end


def _diff_block(block: bytes) -> bytes:
    return _cleaned(block, lambda line: line[0] + _code_line(line[1:]) if line[:1] in ("+", "-", " ") else line)


def _cleaned(block: bytes, clean: Callable[[str], str]) -> bytes:
    if not _SUSPICIOUS.search(block):
        return block
    lines = block.decode("latin-1").split("\n")
    return "\n".join([clean(line) for line in lines]).encode("latin-1")


def _code_line(line: str) -> str:
    if "=" in line or ":" in line:
        line = _ASSIGNED.sub(_unassigned_code, line)
    return free(line)


def _unassigned_code(match: re.Match[str]) -> str:
    """In code, only a quoted text that could well be a secret is one: ``token = tokens.pop()`` must stay."""
    given = match["value"]
    return _unassigned(match) if given[0] in "\"'" and _SECRETIVE.fullmatch(given[1:-1]) else match[0]


def _kept_lines(match: re.Match[bytes]) -> bytes:
    """Keep a text's number of lines and their first characters, so that a patch still applies."""
    hidden = placeholder("private-key").encode()
    return b"\n".join([hidden, *(line[:1] + hidden for line in match[0].split(b"\n")[1:])])


def _console_line(text: str, inside: bool) -> tuple[str, bool]:
    """Return the line without secrets, and whether a private key goes on in the next."""
    if inside:
        return placeholder("private-key"), _KEY_END.search(text) is None
    begun = _KEY_BEGIN.search(text)
    if begun is not None and _KEY_END.search(text) is None:
        return text[: begun.start()] + placeholder("private-key"), True
    return looks(text), False
