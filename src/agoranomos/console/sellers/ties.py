"""Who may be the same as a seller, in the words of the reader."""

from __future__ import annotations

import msgspec

from agoranomos.console.addresses import with_query
from agoranomos.console.graphs import Node
from agoranomos.kernel.errors import NotFound
from agoranomos.sellers.links.model import Link
from agoranomos.sellers.links.service import LinkService
from agoranomos.sellers.links.wording import circumstance, words
from agoranomos.web.i18n import Language


class Tie(msgspec.Struct, frozen=True, kw_only=True):
    """A link with its facts in words, those that speak against it apart, and what would explain them as well."""

    link: Link
    facts: list[tuple[str, float]]
    otherwise: list[str]

    @property
    def node(self) -> Node:
        """As an end in a graph."""
        why, link = " · ".join(text for text, _ in self.facts[:3]), self.link
        return Node(name=link.seller_id, href=with_query("/sellers", id=link.seller_id), weight=link.probability,
                    why=why, marked=link.state == "closed")  # fmt: skip


def tied(service: LinkService, seller_id: str, language: Language) -> list[Tie] | None:
    """The likeliest first; None for a seller of whom links know nothing."""
    try:
        links = service.links_of(seller_id).links
    except NotFound:
        return None
    place = 1 if language == "zh" else 0
    return [
        Tie(
            link=link, facts=[(words(fact)[place], fact.bits) for fact in link.facts if fact.agrees],
            otherwise=[circumstance(name)[place] for name in link.explanation.circumstances],
        )
        for link in links
    ]  # fmt: skip
