"""What the transparency database takes: its fields, their values, and what is wrong with a statement. Pure.

After the Commission's public documentation, "API documentation" and "Additional explanation for statement attributes"
(https://transparency.dsa.ec.europa.eu/page/api-documentation), and the rules of its published source, as of June 2026.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

_COUNTRIES: Final = frozenset(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK".split()  # noqa: SIM905
)
_CATEGORIES: Final = """
ANIMAL_WELFARE CONSUMER_INFORMATION CYBER_VIOLENCE CYBER_VIOLENCE_AGAINST_WOMEN DATA_PROTECTION_AND_PRIVACY_VIOLATIONS
ILLEGAL_OR_HARMFUL_SPEECH INTELLECTUAL_PROPERTY_INFRINGEMENTS NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS
NOT_SPECIFIED_NOTICE OTHER_VIOLATION_TC PROTECTION_OF_MINORS RISK_FOR_PUBLIC_SECURITY SCAMS_AND_FRAUD SELF_HARM
UNSAFE_AND_PROHIBITED_PRODUCTS VIOLENCE
"""
_KEYWORDS: Final = """
COPYRIGHT_INFRINGEMENT DESIGN_INFRINGEMENT GEOGRAPHIC_INDICATIONS_INFRINGEMENT GEOGRAPHICAL_REQUIREMENTS
GOODS_SERVICES_NOT_PERMITTED HIDDEN_ADVERTISEMENT IMPERSONATION_ACCOUNT_HIJACKING INAUTHENTIC_ACCOUNTS
INAUTHENTIC_LISTINGS INAUTHENTIC_USER_REVIEWS INSUFFICIENT_INFORMATION_ON_TRADERS LANGUAGE_REQUIREMENTS
MISLEADING_INFO_CONSUMER_RIGHTS MISLEADING_INFO_GOODS_SERVICES NONCOMPLIANCE_PRICING PATENT_INFRINGEMENT PHISHING
PROHIBITED_PRODUCTS PYRAMID_SCHEMES RISK_ENVIRONMENTAL_DAMAGE RISK_PUBLIC_HEALTH TRADE_SECRET_INFRINGEMENT
TRADEMARK_INFRINGEMENT UNLAWFUL_SALE_ANIMALS UNSAFE_PRODUCTS VIOLATION_EU_LAW VIOLATION_NATIONAL_LAW OTHER
"""
"""Of the keywords, those that a marketplace of goods meets."""


def _named(prefix: str, names: str) -> frozenset[str]:
    return frozenset(f"{prefix}_{name}" for name in names.split())


_VALUES: Final[Mapping[str, frozenset[str]]] = {
    "decision_visibility": _named(
        "DECISION_VISIBILITY", "CONTENT_REMOVED CONTENT_DISABLED CONTENT_DEMOTED CONTENT_AGE_RESTRICTED "
        "CONTENT_INTERACTION_RESTRICTED CONTENT_LABELLED OTHER"
    ),
    "decision_monetary": _named("DECISION_MONETARY", "SUSPENSION TERMINATION OTHER"),
    "decision_provision": _named(
        "DECISION_PROVISION", "PARTIAL_SUSPENSION TOTAL_SUSPENSION PARTIAL_TERMINATION TOTAL_TERMINATION"
    ),
    "decision_account": _named("DECISION_ACCOUNT", "SUSPENDED TERMINATED"),
    "account_type": _named("ACCOUNT_TYPE", "BUSINESS PRIVATE"),
    "decision_ground": _named("DECISION_GROUND", "ILLEGAL_CONTENT INCOMPATIBLE_CONTENT"),
    "incompatible_content_illegal": frozenset({"Yes", "No"}),
    "content_type": _named("CONTENT_TYPE", "APP AUDIO IMAGE PRODUCT SYNTHETIC_MEDIA TEXT VIDEO OTHER"),
    "category": _named("STATEMENT_CATEGORY", _CATEGORIES),
    "category_specification": _named("KEYWORD", _KEYWORDS),
    "territorial_scope": _COUNTRIES,
    "source_type": frozenset(
        {"SOURCE_ARTICLE_16", "SOURCE_TRUSTED_FLAGGER", "SOURCE_TYPE_OTHER_NOTIFICATION", "SOURCE_VOLUNTARY"}
    ),
    "automated_detection": frozenset({"Yes", "No"}),
    "automated_decision": _named("AUTOMATED_DECISION", "FULLY PARTIALLY NOT_AUTOMATED"),
}  # fmt: skip
LISTS: Final = frozenset(
    {"decision_visibility", "content_type", "category_specification", "territorial_scope"}
)  # fmt: skip
"""Fields with several values."""
_RESTRICTIONS: Final = ("decision_visibility", "decision_monetary", "decision_provision", "decision_account")
_GROUNDS: Final = {
    "DECISION_GROUND_ILLEGAL_CONTENT": ("illegal_content_legal_ground", "illegal_content_explanation"),
    "DECISION_GROUND_INCOMPATIBLE_CONTENT": ("incompatible_content_ground", "incompatible_content_explanation"),
}
_REQUIRED: Final = (
    "decision_ground", "content_type", "category", "content_date", "application_date", "decision_facts", "source_type",
    "automated_detection", "automated_decision", "puid",
)  # fmt: skip
LENGTHS: Final[Mapping[str, int]] = {
    "decision_visibility_other": 500, "decision_monetary_other": 500, "illegal_content_legal_ground": 500,
    "illegal_content_explanation": 2_000, "incompatible_content_ground": 500, "incompatible_content_explanation": 2_000,
    "content_type_other": 500, "decision_facts": 5_000, "source_identity": 500, "puid": 500,
}  # fmt: skip
"""Field → the most characters that it takes."""
FIELDS: Final = (
    "puid", "decision_visibility", "decision_visibility_other", "decision_monetary", "decision_monetary_other",
    "decision_provision", "decision_account", "account_type", "decision_ground", "illegal_content_legal_ground",
    "illegal_content_explanation", "incompatible_content_ground", "incompatible_content_explanation",
    "incompatible_content_illegal", "content_type", "content_type_other", "category", "category_specification",
    "territorial_scope", "content_language", "content_date", "application_date", "end_date_visibility_restriction",
    "end_date_monetary_restriction", "end_date_service_restriction", "end_date_account_restriction", "decision_facts",
    "source_type", "source_identity", "automated_detection", "automated_decision",
)  # fmt: skip
"""All fields that are sent, in the order of the columns of the CSV file."""
_PUID: Final = re.compile(r"[a-zA-Z0-9_-]+")
_LANGUAGE: Final = re.compile(r"[A-Z]{2}")
_DATES: Final = {"content_date": date(2000, 1, 1), "application_date": date(2020, 1, 1)}
_LAST: Final = date(2038, 1, 1)


def restricted(statement: Mapping[str, Any]) -> bool:
    """Whether anything was restricted: only then is a statement of reasons due (DSA Art. 17(1))."""
    return any(statement.get(field) for field in _RESTRICTIONS)


def fitted(statement: Mapping[str, Any]) -> dict[str, Any]:
    """`statement` with texts that are too long cut short, and without a source where there is none to name."""
    found = {
        name: _cut(value, LENGTHS[name]) if name in LENGTHS and name != "puid" else value
        for name, value in statement.items()
        if value is not None
    }
    if found.get("source_type") == "SOURCE_VOLUNTARY":
        found.pop("source_identity", None)
    return found


def problems(statement: Mapping[str, Any]) -> list[str]:
    """What the database would refuse about `statement`, field by field; nothing when it takes it."""
    return [said for rule in _RULES for said in rule(statement)]


def _cut(text: Any, most: int) -> Any:
    return text if not isinstance(text, str) or len(text) <= most else f"{text[: most - 1]}…"


def _are_there(statement: Mapping[str, Any]) -> Iterator[str]:
    for field in (*_REQUIRED, *_GROUNDS.get(str(statement.get("decision_ground")), ())):
        if statement.get(field) in (None, "", []):
            yield f"{field} is missing"
    if not restricted(statement):
        yield f"nothing is restricted: one of {', '.join(_RESTRICTIONS)} is needed"
    if "CONTENT_TYPE_OTHER" in (statement.get("content_type") or ()) and not statement.get("content_type_other"):
        yield "content_type_other is missing"


def _are_known(statement: Mapping[str, Any]) -> Iterator[str]:
    for field in statement:
        if field not in FIELDS:
            yield f"{field} is no field of the database"
    for field, allowed in _VALUES.items():
        value = statement.get(field)
        if value is None:
            continue
        if isinstance(value, list) != (field in LISTS):
            yield f"{field} is {'a list' if field in LISTS else 'one value'}"
            continue
        for each in value if isinstance(value, list) else [value]:
            if each not in allowed:
                yield f"{field} cannot be {each!r}"


def _are_readable(statement: Mapping[str, Any]) -> Iterator[str]:
    for field, most in LENGTHS.items():
        if len(str(statement.get(field) or "")) > most:
            yield f"{field} is longer than {most:,} characters"
    if not _PUID.fullmatch(str(statement.get("puid") or "")):
        yield "puid is made of letters, digits, - and _"
    language = statement.get("content_language")
    if language is not None and not _LANGUAGE.fullmatch(str(language)):
        yield "content_language is two capital letters (ISO 639-1)"


def _are_days(statement: Mapping[str, Any]) -> Iterator[str]:
    for field in FIELDS:
        if not field.startswith("end_date") and field not in _DATES:
            continue
        value = statement.get(field)
        if value is None:
            continue
        try:
            day = date.fromisoformat(str(value))
        except ValueError:
            yield f"{field} is a day, as 2026-05-01"
            continue
        if not _DATES.get(field, date.min) <= day <= _LAST:
            yield f"{field} is no day that the database takes"


_RULES: Final[tuple[Callable[[Mapping[str, Any]], Iterator[str]], ...]] = (
    _are_there, _are_known, _are_readable, _are_days,
)  # fmt: skip
