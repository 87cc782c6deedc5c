"""The evidence about an incident around a campaign: rings, their coupons and orders, and what was planned about them.

The same incident gives the same bytes, so that two copies can be compared. See `evidence.archive` for the form.
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Final

from agoranomos.audit.notes import SigningKey
from agoranomos.evidence.archive import Manifest, PackageWriter
from agoranomos.evidence.checking import checked
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import derived
from agoranomos.promotions.remedies.plan import Plan
from agoranomos.promotions.tracing.service import Traces

KIND: Final = "incident"
BYTES_MAX: Final = 1 << 30
_READ_ME: Final = """Evidence of an incident around a campaign.

incident.json    what was given, to whom; rings with the ties that hold them together
members.jsonl    each member of a ring and each victim: score, reasons, value
coupons.jsonl    each coupon of theirs, from its issue to its use, with the ids of the events
orders.jsonl     each order that these coupons paid for
plan.json        what was planned about it, with amounts
manifest.json    the SHA-256 of each file
manifest.note    the manifest's SHA-256, signed (C2SP signed-note, Ed25519)
verify.py        checks all of this: python3 verify.py ARCHIVE --key KEY

Amounts are whole minor units. Accounts, devices and payees are ids of the marketplace, which knows the people.
"""


def packed(traces: Traces, plan: Plan, key: SigningKey) -> bytes:
    """The archive. Raises Invalid when there is no ring: nobody is referred for taking much."""
    incident = traces.incident
    accused = {name for ring in incident.rings for name in (*ring.members, *ring.victims)}
    if not accused:
        raise Invalid("no ring was found in this incident; taking much is no reason for a referral")
    coupons = [each for each in traces.coupons if each.account_id in accused]
    paid_for = {each.order_id for each in coupons}
    members = [each for each in incident.beneficiaries if each.account_id in accused]
    out = io.BytesIO()
    writer = PackageWriter(out)
    writer.add("README.txt", _READ_ME.encode())
    writer.add_lines("coupons.jsonl", coupons)
    writer.add_json("incident.json", incident)
    writer.add_lines("members.jsonl", members)
    writer.add_lines(
        "orders.jsonl", (order for name, order in sorted(traces.memory.orders.items()) if name in paid_for)
    )
    writer.add_json("plan.json", plan)
    facts = {
        "campaign_id": incident.campaign_id,
        "suspects": len({name for ring in incident.rings for name in ring.members}),
        "victims": len({name for ring in incident.rings for name in ring.victims}),
        "value": sum(each.value for each in members),
        "currency": incident.currency,
    }
    writer.finished(KIND, derived("pk", KIND, incident.campaign_id, plan.plan_id), key, facts=facts)
    return out.getvalue()


def verified(raw: bytes, key: str) -> Manifest:
    """The manifest of an archive that is whole and was signed by `key`. Raises Invalid and says what is wrong."""
    if len(raw) > BYTES_MAX:
        raise Invalid("this archive is too large to be one of ours")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "package.zip"
        file.write_bytes(raw)
        return checked(file, key)
