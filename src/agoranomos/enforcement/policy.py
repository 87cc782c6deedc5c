"""What may be done on whose word, and where the brake stops: read from a TOML file.

The file is checked strictly and as a whole when it is loaded: a misspelt key that is silently ignored would switch a
safeguard off without anybody noticing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import msgspec

from agoranomos.kernel.actors import ActorKind
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import MINOR_DIGITS
from agoranomos.kernel.policies import parsed, stamped

Count = Annotated[int, msgspec.Meta(ge=1, le=10_000_000)]
Seconds = Annotated[int, msgspec.Meta(ge=1, le=31_536_000)]
CountedKind = Literal["listing", "store"]
"""Subjects of which the event log tells how many are live."""


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whether a second person must agree to an action of this kind, and which kind takes it back.

    `approval_above`: currency → minor units; when the amounts in the parameters of what is asked for at once add up to
    more, it needs a second person; with `amount_needed` also where no amount is given. `tells`: it only tells somebody
    something, so that the brake does not count it. `joins`: it is done once, and who asks for what stands adds a reason
    to it (`joining`). `joins_by`: parameters whose values tell one thing to be done from another, beside the subject.
    `rising`: parameter → its values from the least to the most; who asks for more than stands asks anew.
    """

    approval: bool
    undo: str | None = None
    approval_above: Mapping[str, Annotated[int, msgspec.Meta(ge=0)]] = {}
    tells: bool = False
    joins: bool = False
    joins_by: tuple[str, ...] = ()
    rising: Mapping[str, tuple[str, ...]] = {}
    amount_needed: bool = False

    def needs_approval(self, asked: Iterable[Mapping[str, Any]]) -> bool:
        """Whether actions of this kind with the parameters `asked`, asked for at once, need a second person.

        An amount is {"amount": minor units, "currency": code}; one in a currency without a line needs one.
        """
        if self.approval or not self.approval_above:
            return self.approval
        sums: dict[str, int] = {}
        for params in asked:
            money = params.get("amount")
            if not isinstance(money, Mapping):
                if self.amount_needed:
                    return True
                continue
            currency, amount = str(money.get("currency")), money.get("amount")
            sums[currency] = sums.get(currency, 0) + (amount if isinstance(amount, int) else 0)
        return any(total > self.approval_above.get(currency, 0) for currency, total in sums.items())

    def names(self, params: Mapping[str, Any]) -> tuple[str, ...]:
        """What, beside kind and subject, tells the thing to be done from others."""
        return tuple(str(params.get(each, "")) for each in self.joins_by)

    def level(self, params: Mapping[str, Any]) -> int:
        """How much is asked for: the sum of the places among the values of `rising`; what is not named is least."""
        levels = (values.index(one) for name, values in self.rising.items() if (one := params.get(name)) in values)
        return sum(levels)


class Share(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of what is live an actor may act on: `percent` of it, but in a small market `at_least` so many."""

    percent: Annotated[float, msgspec.Meta(gt=0, le=100)]
    at_least: Count

    def subjects_max(self, live: int) -> int:
        """How many different subjects that are, of `live`."""
        return max(self.at_least, math.floor(self.percent * live / 100))


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many different subjects an actor may act on within `window_s`, over all kinds and for single `kinds`;
    `shares` are lines beside these, by kind of subject, that grow with the catalogue.
    """

    window_s: Seconds
    subjects_max: Count
    kinds: Mapping[str, Count] = {}
    shares: Mapping[CountedKind, Share] = {}


class Webhooks(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How deliveries are tried; see docs/platform-engineer.md."""

    attempts_max: Annotated[int, msgspec.Meta(ge=1, le=100)]
    backoff_base_s: Seconds
    backoff_cap_s: Seconds
    timeout_s: Annotated[int, msgspec.Meta(ge=1, le=60)]
    answer_bytes_max: Count
    rotation_overlap_s: Seconds


class Kept(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How long what is done is kept."""

    deliveries_s: Seconds
    requests_s: Seconds


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The policy of actions; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    kinds: Mapping[str, Kind]
    unnamed: Kind
    brake: Mapping[ActorKind, Line]
    webhooks: Webhooks
    kept: Kept

    def kind(self, name: str) -> Kind:
        """What the policy says about the kind `name`. Raises Invalid for one that it does not name."""
        try:
            return self.kinds[name]
        except KeyError:
            raise Invalid("the policy of actions does not name this kind of action", pointer="/kind") from None

    def entry(self, name: str) -> Kind:
        """The same; for a kind that it does not name, what it says about all of those."""
        return self.kinds.get(name, self.unnamed)

    def lines(self, actor_kind: ActorKind, kind: str) -> list[tuple[str, int]]:
        """The lines that hold for an action: (which subjects count, at most how many); "" counts all kinds."""
        line = self.brake[actor_kind]
        own = line.kinds.get(kind)
        return [("", line.subjects_max)] + ([] if own is None else [(kind, own)])


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    source = path or resources.files(__package__) / "data" / "policy.toml"
    return parse_policy(source.read_bytes())


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "actions")
    _check(policy)
    return msgspec.structs.replace(
        policy, version=stamped(policy.version, raw)
    )  # fmt: skip


def _check(policy: Policy) -> None:
    if not policy.unnamed.approval or policy.unnamed.undo is not None:
        raise Invalid("unnamed must be { approval = true }: what nobody has thought of does not act by itself")
    for name, kind in policy.kinds.items():
        if kind.undo is not None and kind.undo not in policy.kinds:
            raise Invalid(f"kinds.{name}.undo names {kind.undo}, which is no kind of the policy")
        if (kind.joins_by or kind.rising) and not kind.joins:
            raise Invalid(f"kinds.{name}: joins_by and rising say how a kind joins; set joins = true")
        for currency in kind.approval_above:
            if currency not in MINOR_DIGITS:
                raise Invalid(f"kinds.{name}.approval_above: {currency[:8]} is no ISO 4217 code such as CNY")
    for actor in get_args(ActorKind):
        if actor not in policy.brake:  # whoever has no line would never be stopped
            raise Invalid(f"brake.{actor} is missing from the policy of actions")
    for actor, line in policy.brake.items():
        for name in line.kinds:
            if name not in policy.kinds:
                raise Invalid(f"brake.{actor}.kinds names {name}, which is no kind of the policy")
