"""Files of campaigns: YAML or JSON, a list of entries, or events one per line; a mistake is said with its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.rules.errors import Problem, RuleError
from agoranomos.engine.rules.places import Document
from agoranomos.kernel.errors import Invalid
from agoranomos.promotions.campaigns.model import campaign_of

BYTES_MAX: Final = 1 << 20
Entry = dict[str, Any]


def read_campaigns(path: Path) -> list[Entry]:
    """The entries of a campaign file, each of them usable. Raises Invalid with the file, line and pointer of every
    mistake.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise Invalid(f"{path.name}: it cannot be read ({error.strerror})") from error
    return parse_campaigns(raw, path.name)


def parse_campaigns(raw: bytes, file: str = "") -> list[Entry]:
    """The entries in the bytes of a campaign file. Raises Invalid like `read_campaigns`."""
    if len(raw) > BYTES_MAX:
        raise Invalid(f"{file}: a campaign file has at most 1 MiB; split it")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(f"{file}: a campaign file is UTF-8 text") from error
    lines = text.splitlines()
    if sum(line.lstrip().startswith("{") for line in lines) > 1 and _all_json(lines):
        return _of_lines(lines, file)
    document = Document(text, file, aliases=True)
    value, at = document.value, ""
    if isinstance(value, dict) and isinstance(value.get("campaigns"), list):
        value, at = value["campaigns"], "/campaigns"
    items = value if isinstance(value, list) else [] if value is None else [value]
    pointers = [f"{at}/{place}" if isinstance(value, list) else at for place in range(len(items))]
    found: list[Entry] = []
    problems: list[Problem] = []
    for item, pointer in zip(items, pointers, strict=True):
        entry, inside = _entry(item, pointer)
        try:
            campaign = campaign_of(entry, inside)
        except Invalid as error:
            problems.append(document.problem(error.pointer, f"{error.message} ({error.pointer or '/'})"))
            continue
        if any(each["id"] == campaign.id for each in found):
            problems.append(document.problem(f"{inside}/id", f"two campaigns have the id {campaign.id}"))
        found.append(entry)
    if problems or not found:
        raise RuleError(problems or [document.problem("", "no campaign stands in the file")])
    return found


def _all_json(lines: list[str]) -> bool:
    for line in lines:
        if line.strip():
            try:
                if not isinstance(msgspec.json.decode(line), dict):
                    return False
            except msgspec.DecodeError:
                return False
    return True


def _of_lines(lines: list[str], file: str) -> list[Entry]:
    found: dict[str, Entry] = {}
    problems: list[Problem] = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            item = msgspec.json.decode(line)
            if isinstance(item.get("type"), str) and item["type"] != "campaign.declared":
                continue
            entry, inside = _entry(item, "")
            try:
                found[campaign_of(entry, inside).id] = entry
            except Invalid as error:
                problems.append(Problem(number, 1, f"{error.message} ({error.pointer or '/'})", file))
    if problems or not found:
        raise RuleError(problems or [Problem(1, 1, "no campaign stands in the file", file)])
    return list(found.values())


def _entry(item: Any, pointer: str) -> tuple[Any, str]:
    """The entry in an item, which may be an event that declares it, and where it is."""
    if isinstance(item, dict) and item.get("type") == "campaign.declared" and isinstance(item.get("data"), dict):
        return item["data"].get("campaign"), f"{pointer}/data/campaign"
    return item, pointer
