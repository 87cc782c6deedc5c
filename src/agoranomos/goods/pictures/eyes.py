"""Looks at the pictures of listings: from the names of files to what is seen in them, each content once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec

from agoranomos.engine.pictures.barcodes import Barcode
from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.decoding import Limits, Skip
from agoranomos.engine.pictures.files import read_bounded
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.signature import Signature, content_hash
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.pictures.brands import with_brands
from agoranomos.goods.pictures.kept import Kept, Match, Matched
from agoranomos.goods.pictures.model import Reference, Resembled, Seen
from agoranomos.goods.pictures.places import placed
from agoranomos.goods.pictures.references import MATCHES_MAX, References

BYTES_AT_A_TIME: Final = 48 << 20
"""Files of so many bytes together are held in memory at a time, or a single larger one."""
FILES_AT_A_TIME: Final = 64
NIGHTS_KEPT: Final = 30
"""Nights after which what was not asked for is dropped from the caches."""
_FILES_WHEN_PRESSED: Final = 2


class Caches(msgspec.Struct, frozen=True):
    """Where what was found is kept between nights: a folder, and the number of this night."""

    folder: Path
    night: int = 0

    def signatures(self) -> SignatureCache:
        """Signatures by content."""
        return SignatureCache(self.folder / "signatures.sqlite", self.night)

    def kept(self) -> Kept:
        """What else was found, by content."""
        return Kept(self.folder / "found.sqlite", self.night)

    def tidy(self) -> None:
        """Drops what nobody asked for in a month of nights."""
        with self.signatures() as signatures, self.kept() as kept:
            signatures.drop_unused(NIGHTS_KEPT)
            kept.drop_unused(NIGHTS_KEPT)


class Looked(msgspec.Struct, frozen=True):
    """What was seen, in the order asked for, and how many files were decoded for it."""

    seen: tuple[Seen, ...]
    decoded: int


class _File(msgspec.Struct):
    given: str
    skipped: str | None = None
    data: bytes = b""
    content: str = ""


class Eyes:
    """Looks at files under `root`. For one thread; `with Eyes(…) as eyes`."""

    def __init__(
        self,
        root: Path,
        references: References,
        caches: Caches,
        *,
        beside: str = "",
        limits: Limits | None = None,
        guard: Guard | None = None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._root = str(root.resolve())
        self._limits = limits or Limits()
        self._guard = guard or Guard(self._limits)
        self._signatures = caches.signatures()
        self._kept = caches.kept()
        self._clock = clock
        self.show(references, beside)

    def __enter__(self) -> Eyes:
        self._guard.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ready(self) -> None:
        """Starts the child process now, so that the first picture need not wait for it."""
        self._guard.ready()

    def close(self) -> None:
        """Ends the child process and closes the caches."""
        self._guard.__exit__(None, None, None)
        self._kept.close()
        self._signatures.__exit__(None, None, None)

    def show(self, references: References, beside: str = "") -> None:
        """The known pictures from now on; `beside` is a hash of those that are not of the store."""
        self._references = references
        self._beside = beside
        self._later: dict[int, References] = {}

    def know(self, references: References, brands: Iterable[Brand]) -> None:
        """The known pictures from now on: `references`, and those under the root that `brands` name as their own."""
        beside = with_brands(references, brands, Path(self._root), self._signatures, self._guard)
        self.show(beside.references, beside.hash)

    @property
    def version(self) -> str:
        """Names the known pictures, and the state of the store that they come from."""
        count, number = self._references.state
        return f"{count}.{number}.{self._beside}".rstrip(".")

    @property
    def state(self) -> tuple[int, int]:
        """The state of the store that the known pictures come from."""
        return self._references.state

    def look(self, given: Sequence[str], until: float | None = None) -> Looked:
        """What is seen in the pictures, in their order. Beginning none after `until` (by the clock): out_of_time."""
        seen: list[Seen] = []
        decoded = 0
        most = FILES_AT_A_TIME if until is None else _FILES_WHEN_PRESSED
        for files in self._opened(given, most):
            if until is not None and self._clock() >= until:
                seen += [Seen(path=each.given, skipped=each.skipped or "out_of_time") for each in files]
                continue
            made, count = self._seen(files)
            seen += made
            decoded += count
        return Looked(tuple(seen), decoded)

    def _opened(self, given: Sequence[str], most: int) -> Iterator[list[_File]]:
        part: list[_File] = []
        held = 0
        for path in given:
            file = _File(path)
            there = placed(self._root, path)
            if isinstance(there, str):
                file.skipped = there
            else:
                data = read_bounded(there, self._limits.bytes_max)
                if isinstance(data, Skip):
                    file.skipped = data.reason
                else:
                    file.data, file.content = data, content_hash(data).hex()
                    held += len(data)
            part.append(file)
            if len(part) >= most or held >= BYTES_AT_A_TIME:
                yield part
                part, held = [], 0
        if part:
            yield part

    def _seen(self, files: list[_File]) -> tuple[list[Seen], int]:
        contents = {each.content: each.data for each in files if each.content}
        signed, decoded = self._signed(contents)
        signatures = {content: each for content, each in signed.items() if isinstance(each, Signature)}
        codes = self._codes({content: contents[content] for content in signatures})
        resembles = self._resembled(signatures)
        words = self._kept.words(signatures)
        made = []
        for file in files:
            signature = signed.get(file.content)
            if not isinstance(signature, Signature):
                reason = file.skipped if signature is None else signature.reason
                made.append(Seen(path=file.given, content=file.content, skipped=reason))
                continue
            made.append(
                Seen(
                    path=file.given, content=file.content, marks=len(signature), resembles=resembles[file.content],
                    codes=codes.get(file.content, ()), text=words.get(file.content),
                )
            )  # fmt: skip
        return made, decoded

    def _signed(self, contents: dict[str, bytes]) -> tuple[dict[str, Signature | Skip], int]:
        """The signatures, and how many of them were made just now."""
        hashes = {bytes.fromhex(content): content for content in contents}
        found = self._signatures.get(hashes)
        new = [digest for digest in hashes if digest not in found]
        made = dict(zip(new, self._guard.signatures([contents[hashes[each]] for each in new]), strict=True))
        self._signatures.put(made)
        return {hashes[digest]: each for digest, each in {**found, **made}.items()}, len(new)

    def _codes(self, contents: dict[str, bytes]) -> dict[str, tuple[Barcode, ...]]:
        found = self._kept.codes(contents)
        new = [content for content in contents if content not in found]
        made = dict(zip(new, self._guard.codes([contents[each] for each in new]), strict=True))
        read = {content: each for content, each in made.items() if not isinstance(each, Skip)}
        self._kept.keep_codes(read)
        return {**found, **read}

    def _resembled(self, signatures: dict[str, Signature]) -> dict[str, tuple[Resembled, ...]]:
        if not len(self._references):
            return dict.fromkeys(signatures, ())
        before = self._kept.matches(signatures)
        number, beside = self._references.number, self._beside
        known = self._references.known
        found: dict[str, Matched] = {}
        fresh: dict[str, Matched] = {}
        for content, signature in signatures.items():
            earlier = before.get(content)
            if earlier is not None and (earlier.number, earlier.beside) == (number, beside):
                found[content] = earlier
                continue
            kept: tuple[Match, ...] = ()
            where = self._references
            if earlier is not None and earlier.beside == beside and earlier.number < number:
                kept, where = earlier.matches, self._since(earlier.number)
            new = {each.key: each for each in kept}
            new.update({each.key: each for each in map(_match, where.search(signature))})
            found[content] = fresh[content] = Matched(number, beside, tuple(new.values()))
        self._kept.keep_matches(fresh)
        return {content: _resembled(each.matches, known) for content, each in found.items()}

    def _since(self, number: int) -> References:
        if number not in self._later:
            self._later[number] = self._references.later_than(number)
        return self._later[number]


def _match(one: Resembled) -> Match:
    return Match(f"{one.role}:{one.content}", one.score, one.marks, one.share, one.how)


def _resembled(matches: Sequence[Match], known: Mapping[str, Reference]) -> tuple[Resembled, ...]:
    """Without what is not known any more."""
    found = [
        Resembled(
            role=known[each.key].role, name=known[each.key].name, content=known[each.key].content,
            brand_id=known[each.key].brand_id, score=each.score, marks=each.marks, share=each.share, how=each.how,
        )
        for each in matches
        if each.key in known
    ]  # fmt: skip
    found.sort(key=lambda each: (-each.score, -each.marks, each.role, each.name, each.content))
    return tuple(found[:MATCHES_MAX])
