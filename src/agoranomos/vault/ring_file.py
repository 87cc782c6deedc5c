"""Where a system's key ring comes from: given from outside, or a file of its own; and how a key is added or let go."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from agoranomos.kernel.files import replace_whole
from agoranomos.vault.keys import (
    KeyRing,
    Random,
    Reach,
    add_master,
    kept_ring,
    nowhere,
    parse_ring,
    without_master,
)


class RingFile:
    """The ring in the file `path`, unless one is `given` from outside; `random` gives bytes for new keys, `reach` leads
    to those that lie elsewhere."""

    def __init__(self, path: Path, given: str | None, random: Random, reach: Reach = nowhere) -> None:
        self._path = path
        self._given = given
        self._random = random
        self._reach = reach

    @property
    def there(self) -> bool:
        """Whether there is a ring already; asking makes none."""
        return self._given is not None or self._path.exists()

    @cached_property
    def ring(self) -> KeyRing:
        """The ring; made when there is none, in a folder that is there."""
        if self._given:
            return parse_ring(self._given, self._reach)
        return kept_ring(self._path, self._random, self._reach)

    def add(self, reference: str | None = None) -> tuple[str, str]:
        """A new master key, or that which `reference` names elsewhere; its id, and what is left to be done by hand: see
        `vault.commands`.
        """
        text, key_id = add_master(self._text(), self._random, reference)
        return key_id, self._write(text)

    def drop(self, key_id: str) -> str:
        """Takes a master key out of the ring; what is left to be done by hand."""
        return self._write(without_master(self._text(), key_id))

    def _text(self) -> str:
        return self._given or self._path.read_text("ascii", errors="replace")

    def _write(self, text: str) -> str:
        """Where the ring is given from outside, the new one is left in a file for whoever gives it."""
        path = self._path.with_name(f"{self._path.name}.next") if self._given else self._path
        replace_whole(path, text)
        self.ring.renew()
        return f"Put the keys in {path} into AGORA_VAULT_KEY now, and remove the file." if self._given else ""
