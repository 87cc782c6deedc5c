"""Every event of the contract, field by field."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import msgspec.inspect as shapes
import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.schema import TYPES
from agoranomos.kernel.schema.document import json_schema
from tests.builders import make_data, make_event

# Copied from the contract, so that a field that is renamed or becomes optional by accident is noticed. A bar stands
# between fields of which one is enough. The form of a notice, who may file for a brand, and decisions about single
# listings are optional fields that the contract leaves room for (docs/decisions/0021-notices-and-redress.md).
CONTRACT = """
seller.applied: application_id seller_id legal_name id_kind id_number [id_photo holding_photo face_photo birth_date
  phone email bank_account licence_number address region device_id ip]
application.decided: application_id outcome
store.opened: store_id seller_id [name categories region]
store.closed: store_id reason
campaign.declared: campaign
campaign.ended: campaign_id
partner.contracted: principal_id store_ids purposes fields ends_at
canary.planted: canary_id kind subject_id|number
brand.registered: brand_id names [aliases categories authorised_store_ids price_bands reference_pictures features
  rights_holder_ids]
goods.received: batch_id warehouse_id store_id [supplier_id factory brand_id quantity inspection]
batch.condemned: batch_id reason
listing.submitted: listing_id store_id title price [description brand category attributes pictures batch_id]
listing.updated: listing_id store_id title price [description brand category attributes pictures batch_id]
listing.removed: listing_id by
account.registered: account_id [phone_token device_id ip referrer legal_name id_number_token]
session.started: account_id principal_kind [store_id device_id ip user_agent]
order.placed: order_id buyer_id store_id lines paid [face_value coupon_ids device_id ip district recipient_token
  payee_id payer_token]
payout.requested: payout_id store_id amount [order_ids]
payout.settled: payout_id
order.shipped: order_id [batch_id]
order.delivered: order_id
order.refunded: order_id amount
return.requested: return_id order_id reason_code [listing_id text]
complaint.filed: complaint_id channel text [buyer_id order_id listing_id store_id]
notice.filed: notice_id rights_holder_id brand_id listing_ids kind statement [evidence filer_name filer_email
  filer_phone filer_address signature capacity work right_numbers good_faith accurate authorised]
notice.countered: notice_id statement
notice.decided: notice_id outcome [listings reason]
appeal.filed: appeal_id case_id|decision_id statement
testbuy.appraised: testbuy_id listing_id store_id verdict appraiser_id cost [batch_id]
review.posted: review_id author_id store_id rating [order_id listing_id text anonymous pictures]
review.edited: review_id by [rating text reason]
review.deleted: review_id by [rating text reason]
number.bound: virtual_number order_id expires_at [store_id account_id]
number.called: virtual_number from [duration_s]
payment.made: from_store_id|from_account_id to_account_id amount [note]
contact.made: store_id channel direction [order_id virtual_number account_id duration_s text]
harassment.reported: report_id buyer_id store_id [review_id text]
data.read: principal_id principal_kind endpoint subject_ids|subject_count fields [ip user_agent device_id session_id
  status export store_id purpose]
export.requested: export_id principal_id purpose fields destination_region [subject_count]
export.approved: export_id staff_id
coupon.issued: coupon_id campaign_id account_id face_value [device_id ip]
coupon.claimed: coupon_id campaign_id account_id [order_id paid device_id ip payee_id]
coupon.redeemed: coupon_id campaign_id account_id [order_id paid device_id ip payee_id]
coupon.refunded: coupon_id campaign_id account_id [order_id paid device_id ip payee_id]
coupon.voided: coupon_id campaign_id account_id [order_id paid device_id ip payee_id]
staff.acted: staff_id action target_kind target_id [case_id reason on_behalf_of]
case.decided: case_id subject outcome clause [seller_id store_id notice_id overturns]
course.completed: seller_id course_id
programme.milestone: seller_id milestone
certification.held: seller_id region outcome
consent.given: seller_id purpose recipient ends_at
"""


def contract() -> dict[str, tuple[set[str], set[tuple[str, ...]], set[str]]]:
    """Type → (required, groups of which one is required, optional)."""
    found = {}
    for line in re.sub(r"\n  ", " ", CONTRACT).strip().splitlines():
        kind, _, fields = line.partition(": ")
        plain, _, optional = fields.partition("[")
        words = plain.split()
        groups = {tuple(word.split("|")) for word in words if "|" in word}
        found[kind] = ({word for word in words if "|" not in word}, groups, set(optional.rstrip("]").split()))
    return found


def fields(kind: str) -> dict[str, shapes.Field]:
    structure = shapes.type_info(TYPES[kind])
    assert isinstance(structure, shapes.StructType)
    return {field.encode_name: field for field in structure.fields}


def test_the_types_are_those_of_the_contract() -> None:
    assert set(contract()) == set(TYPES)


@pytest.mark.parametrize("kind", TYPES)
def test_fields_are_those_of_the_contract(kind: str) -> None:
    required, groups, optional = contract()[kind]
    ours = fields(kind)
    assert {name for name, field in ours.items() if field.required} == required
    assert set(TYPES[kind].either) == groups
    one_of = {name for group in groups for name in group}
    assert {name for name, field in ours.items() if not field.required} == optional | one_of


@pytest.mark.parametrize("kind", TYPES)
def test_least_and_most_are_taken_and_nothing_is_lost(kind: str) -> None:
    for full in (False, True):
        data = make_data(kind, full=full) | {"unknown": {"deep": [1, None]}}
        event = parse_event(make_event(kind, data=data))
        assert event.data == data
        assert type(event.body) is TYPES[kind]
        assert msgspec.to_builtins(event.body).keys() <= fields(kind).keys()


@pytest.mark.parametrize("kind", TYPES)
def test_each_required_field_is_missed_at_its_place(kind: str) -> None:
    whole = make_data(kind)
    for name in whole:
        data = {key: value for key, value in whole.items() if key != name}
        with pytest.raises(Invalid, match="required") as caught:
            parse_event(make_event(kind, data=data))
        assert caught.value.pointer == f"/data/{name}"


@pytest.mark.parametrize("kind", TYPES)
def test_each_field_refuses_another_type_at_its_place(kind: str) -> None:
    whole = make_data(kind, full=True)
    for name, field in fields(kind).items():
        if "AnyType" in repr(field.type) and "StructType" not in repr(field.type):
            continue
        wrong: Any = {"SECRET": 1} if isinstance(whole[name], str | list) else "SECRET"
        if isinstance(whole[name], dict) and "colour" in whole[name]:
            wrong = ["SECRET"]
        if name == "status":
            wrong = [1]
        with pytest.raises(Invalid) as caught:
            parse_event(make_event(kind, data={**whole, name: wrong}))
        assert caught.value.pointer == f"/data/{name}"
        assert "SECRET" not in caught.value.message


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("data.read", ("subject_ids", "subject_count")),
        ("payment.made", ("from_store_id", "from_account_id")),
        ("canary.planted", ("subject_id", "number")),
        ("appeal.filed", ("case_id", "decision_id")),
    ],
)
def test_one_of_two_is_enough_and_none_is_refused(kind: str, names: tuple[str, str]) -> None:
    whole = make_data(kind, full=True)
    for left_out in names:
        parse_event(make_event(kind, data={key: value for key, value in whole.items() if key != left_out}))
        parse_event(make_event(kind, data={**whole, left_out: None}))
    with pytest.raises(Invalid, match=f"{names[0]} and {names[1]}") as caught:
        parse_event(make_event(kind, data={**whole, **dict.fromkeys(names)}))
    assert caught.value.pointer == f"/data/{names[0]}"


def test_nobody_read_is_somebody_counted() -> None:
    event = parse_event(make_event("data.read", data=make_data("data.read") | {"subject_ids": []}))
    assert event.data["subject_ids"] == []


def test_a_campaign_is_one_entry_of_a_campaign_file() -> None:
    campaign = {
        "id": "spring",
        "benefit": {"kind": "percent", "value": 12.5, "cap": {"amount": 5000, "currency": "CNY"}},
        "applies_to": {"categories": ["shoes"], "cash_equivalent": False, "prices": {"min": _yuan(1), "max": _yuan(9)}},
        "min_spend": _yuan(100),
        "stacks_with": ["welcome"],
        "budget": {"amount": _yuan(1_000_000), "count": 5000},
        "per_account": {"count": 1, "window_days": 30},
        "starts_at": "2026-05-01T00:00:00+08:00",
        "ends_at": "2026-05-31T00:00:00+08:00",
        "codes": {"length": 10, "alphabet": "alnum"},
        "funded_by": "merchant",
        "expected": {"claims_per_minute": 20, "paid_to_face_ratio": 0.6, "new_account_share": 0.1},
    }
    body = parse_event(make_event("campaign.declared", data={"campaign": campaign})).body
    assert msgspec.to_builtins(body)["campaign"]["benefit"]["value"] == 12.5
    wrong = {**campaign, "benefit": {"kind": "percent", "value": "20 %"}}
    with pytest.raises(Invalid) as caught:
        parse_event(make_event("campaign.declared", data={"campaign": wrong}))
    assert caught.value.pointer == "/data/campaign/benefit/value"


def _yuan(amount: int) -> dict[str, Any]:
    return {"amount": amount * 100, "currency": "CNY"}


def test_the_schema_names_every_type_and_refers_to_what_is_there() -> None:
    schema = json_schema()
    assert schema["properties"]["type"]["enum"] == sorted(TYPES)
    references = set(re.findall(r'"\$ref": "#/\$defs/(\w+)"', json.dumps(schema)))
    assert references == set(schema["$defs"])
    by_kind = {
        each["title"]: schema["$defs"][each["properties"]["data"]["$ref"].split("/")[-1]] for each in schema["oneOf"]
    }
    for kind, (required, groups, optional) in contract().items():
        definition = by_kind[kind]
        assert set(definition.get("required", ())) == required
        assert set(definition["properties"]) == required | optional | {name for group in groups for name in group}
        said = [tuple(each["required"][0] for each in one["anyOf"]) for one in definition.get("allOf", ())]
        assert set(said) == groups
