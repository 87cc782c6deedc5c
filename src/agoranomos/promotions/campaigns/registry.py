"""A `--registry FILE`: campaigns that are known before the first event, in the same file as brands or in their own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from agoranomos.engine.rules.errors import RuleError
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.schema.promotions import CampaignDeclared
from agoranomos.promotions.campaigns.files import parse_campaigns
from agoranomos.promotions.campaigns.model import Declared, campaign_of

_ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
BYTES_MAX: Final = 1 << 30


class Known(NamedTuple):
    """The campaigns of a registry, what was refused of it, and whether it speaks of nothing but campaigns."""

    campaigns: list[Declared]
    refused: list[str]
    only: bool


def known_campaigns(path: Path) -> Known:
    """The campaigns in the file `path`; brands and all else in it are left to others. Raises Invalid for a file of
    campaigns that cannot be used.
    """
    if path.is_dir() or path.stat().st_size > BYTES_MAX:
        return Known([], [], only=False)
    raw = path.read_bytes()
    text = raw.decode("utf-8-sig", "replace").strip()
    if not text.startswith(("{", "[")):
        return _of_yaml(raw, path.name) if _looks_like_campaigns(text) else Known([], [], only=False)
    items = list(_items(text))
    found: dict[str, Declared] = {}
    refused: list[str] = []
    of_campaigns = 0
    for number, item in items:
        if not is_campaign(item):
            continue
        of_campaigns += 1
        try:
            declared = _declared(item)
        except Invalid as error:
            refused.append(f"{path.name}:{number}: {error.message} {error.pointer}".rstrip())
            continue
        found[declared.id] = declared
    return Known(list(found.values()), refused, only=bool(items) and of_campaigns == len(items))


def is_campaign(item: Any) -> bool:
    """Whether a decoded value is a campaign, or an event that declares one."""
    if not isinstance(item, dict):
        return False
    return item.get("type") == "campaign.declared" or ("benefit" in item and "names" not in item)


def _declared(item: dict[str, Any]) -> Declared:
    if item.get("type") != "campaign.declared":
        campaign = campaign_of(item)
        return Declared(campaign=campaign, document=item, declared_at=campaign.starts_at or _ALWAYS)
    event = parse_event(item)
    assert isinstance(event.body, CampaignDeclared)
    campaign = campaign_of(event.data["campaign"], "/data/campaign")
    return Declared(campaign=campaign, document=event.data["campaign"], declared_at=event.time)


def _items(text: str) -> Iterator[tuple[int, Any]]:
    try:
        whole = msgspec.json.decode(text)
    except msgspec.DecodeError:
        for number, line in enumerate(text.splitlines(), start=1):
            try:
                yield number, msgspec.json.decode(line)
            except msgspec.DecodeError:
                yield number, None
        return
    if isinstance(whole, dict) and isinstance(whole.get("campaigns"), list):
        whole = whole["campaigns"]
    yield from enumerate(whole if isinstance(whole, list) else [whole], start=1)


def _looks_like_campaigns(text: str) -> bool:
    return any(line.lstrip(" -").startswith("benefit:") for line in text.splitlines())


def _of_yaml(raw: bytes, name: str) -> Known:
    try:
        entries = parse_campaigns(raw, name)
    except RuleError as error:
        raise Invalid(error.message) from error
    return Known([_declared(entry) for entry in entries], [], only=True)
