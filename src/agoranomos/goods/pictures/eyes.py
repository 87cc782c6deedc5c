"""Looks at the pictures of listings: from the names of files to what is seen in them, each content once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from time import monotonic
from typing import Final

import msgspec

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.files import Reader, read_bounded
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.guard import Looked as Decoded
from agoranomos.engine.pictures.places import Places
from agoranomos.engine.pictures.signature import Signature, content_hash
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.pictures.brands import with_brands
from agoranomos.goods.pictures.hashes import hash_in
from agoranomos.goods.pictures.kept import NEVER, Found, Kept, Match, Matched
from agoranomos.goods.pictures.model import Reference, Resembled, Seen
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

    def kept(self, signatures: SignatureCache | None = None) -> Kept:
        """What else was found, by content; who uses it uses `signatures` as well."""
        return Kept(self.folder / "found.sqlite", self.night, signatures)

    def tidy(self) -> None:
        """Drops what nobody asked for in a month of nights."""
        with self.signatures() as signatures, self.kept() as kept:
            signatures.drop_unused(NIGHTS_KEPT)
            kept.drop_unused(NIGHTS_KEPT)


class Looked(msgspec.Struct, frozen=True):
    """What was seen, in the order asked for, and how many files were decoded for it."""

    seen: tuple[Seen, ...]
    decoded: int


class Elsewhere(msgspec.Struct, frozen=True, eq=False):
    """What was found in a file, for eyes elsewhere to keep: why nothing was (`skipped`), else its content, what was
    found in that, and its signature where it has one."""

    skipped: str | None
    content: bytes = b""
    found: Found | None = None
    signature: Signature | None = None


class _File(msgspec.Struct):
    given: str
    path: str
    skipped: str | None
    content: bytes = b""
    found: Found | None = None


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
        hashed: Callable[[str], bytes | Skip | None] = lambda _: None,
    ) -> None:
        """`hashed` may know the content hash of a path without reading it."""
        self._hashed = hashed
        self._root = str(root.resolve())
        self._limits = limits or Limits()
        self._guard = guard or Guard(self._limits)
        self._reader = Reader(self._limits.bytes_max)
        self._signatures = caches.signatures()
        self._kept = caches.kept(self._signatures)
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

    def signatures(self, contents: Sequence[str]) -> dict[str, Signature]:
        """The signatures of contents that were looked at, as far as they are still kept."""
        found = self._signatures.get(map(bytes.fromhex, contents))
        return {digest.hex(): each for digest, each in found.items() if isinstance(each, Signature)}

    def look(self, given: Sequence[str], until: float | None = None) -> Looked:
        """What is seen in the pictures, in their order. Beginning none after `until` (by the clock): out_of_time."""
        places = Places(self._root)
        most = FILES_AT_A_TIME if until is None else _FILES_WHEN_PRESSED
        seen: list[Seen] = []
        decoded = 0
        for begin in range(0, len(given), most):
            files = [self._placed(path, places) for path in given[begin : begin + most]]
            if until is not None and self._clock() >= until:
                seen += [Seen(path=each.given, skipped=each.skipped or "out_of_time") for each in files]
                continue
            decoded += self._found(files)
            seen += map(self._seen, files)
        return Looked(tuple(seen), decoded)

    def found(self, paths: Sequence[str]) -> list[Elsewhere]:
        """What is found in the files at real `paths`, in their order, with all that eyes elsewhere need to know it."""
        made: list[Elsewhere] = []
        for begin in range(0, len(paths), FILES_AT_A_TIME):
            files = [_File(path, path, None) for path in paths[begin : begin + FILES_AT_A_TIME]]
            self._found(files)
            signatures = self._signatures.get({each.content for each in files if each.found is not None})
            for each in files:
                signature = signatures.get(each.content) if each.found is not None else None
                made.append(
                    Elsewhere(each.skipped, each.content, each.found, signature)
                    if isinstance(signature, Signature)
                    else Elsewhere(each.skipped, each.content, each.found)
                )
        return made

    def known(self, contents: Iterable[bytes]) -> set[bytes]:
        """Those of `contents` in which somebody looked for something before, and whose signature is kept."""
        wanted = list(contents)
        return self._kept.get(wanted).keys() & self._signatures.get(wanted).keys()

    def keep(self, found: Mapping[bytes, Found], signatures: Mapping[bytes, Signature | Skip]) -> None:
        """Keeps what eyes elsewhere found, all but words."""
        self._signatures.put(signatures)
        self._kept.keep(found)

    def _placed(self, given: str, places: Places) -> _File:
        path, skipped = places.of(given)
        return _File(given, path, skipped)

    def _found(self, files: list[_File]) -> int:
        """Says of each file what was found in its content; how many contents were decoded for it."""
        for each in files:
            self._hash(each)
        found = self._known({each.content for each in files if each.skipped is None})
        decoded = 0
        for part in self._new([each for each in files if each.skipped is None and each.content not in found]):
            made = self._looked_at(part)
            decoded += len(made)
            found.update(made)
        for each in files:
            if each.skipped is None:
                each.found = found[each.content]
        return decoded

    def _hash(self, file: _File) -> None:
        if file.skipped is None:
            hashed = self._hashed(file.path) or self._reader.hashed(file.path)
            if isinstance(hashed, Skip):
                file.skipped = hashed.reason
            else:
                file.content = hashed

    def _new(self, files: Iterable[_File]) -> Iterator[dict[bytes, bytes]]:
        """Contents not seen before, read a second time: so the bytes of those that are known are never held."""
        part: dict[bytes, bytes] = {}
        held = 0
        for file in files:
            data = read_bounded(file.path, self._limits.bytes_max)
            if isinstance(data, Skip):
                file.skipped = data.reason
                continue
            file.content = content_hash(data)  # of these bytes, whatever the file held a moment ago
            if file.content not in part:
                part[file.content] = data
                held += len(data)
            if held >= BYTES_AT_A_TIME:
                yield part
                part, held = {}, 0
        if part:
            yield part

    def _known(self, contents: Iterable[bytes]) -> dict[bytes, Found]:
        """What was found in these contents before; what is known since is searched for first."""
        found = self._kept.get(contents)
        if not len(self._references):
            return found
        state = self._references.number, self._beside
        older = {
            content: each
            for content, each in found.items()
            if each.skipped is None and (each.matched.number, each.matched.beside) != state
        }
        if older:
            signatures = self._signatures.get(older)
            for content, each in older.items():
                signature = signatures.get(content)
                if isinstance(signature, Signature):
                    older[content] = msgspec.structs.replace(each, matched=self._searched(signature, each.matched))
                else:
                    del found[content]  # its signature is gone, so that it is as if it were new
            self._kept.keep({content: each for content, each in older.items() if content in found})
            found.update((content, each) for content, each in older.items() if content in found)
        return found

    def _looked_at(self, contents: dict[bytes, bytes]) -> dict[bytes, Found]:
        """What is found in contents that are new."""
        made = dict(zip(contents, self._guard.looked(list(contents.values())), strict=True))
        self._signatures.put({content: _signature(each) for content, each in made.items()})
        words = self._kept.words(contents)
        found = {
            content: Found(each.reason)
            if isinstance(each, Skip)
            else Found(None, len(each.signature), each.codes, self._searched(each.signature, NEVER), words.get(content))
            for content, each in made.items()
        }
        self._kept.keep(found)
        return found

    def _searched(self, signature: Signature, before: Matched) -> Matched:
        """The known pictures that a picture shows; only those that came since `before` are searched."""
        number, beside = self._references.number, self._beside
        if not len(self._references):
            return NEVER
        kept: tuple[Match, ...] = ()
        where = self._references
        if before is not NEVER and before.beside == beside and before.number < number:
            kept, where = before.matches, self._since(before.number)
        found = {each.key: each for each in kept}
        found.update({each.key: each for each in map(_match, where.search(signature))})
        return Matched(number, beside, tuple(found.values()))

    def _since(self, number: int) -> References:
        if number not in self._later:
            self._later[number] = self._references.later_than(number)
        return self._later[number]

    def _seen(self, file: _File) -> Seen:
        found = file.found
        content = file.content.hex()
        if file.skipped == "hash_only" and hash_in(file.given) is not None:
            content = file.given.strip().lower()  # who else names it is known all the same
        if found is None or found.skipped is not None:
            return Seen(path=file.given, content=content, skipped=file.skipped or (found.skipped if found else None))
        matches = found.matched.matches
        resembles = _resembled(matches, self._references.known) if matches else ()
        return Seen(
            path=file.given,
            content=content,
            marks=found.marks,
            resembles=resembles,
            codes=found.codes,
            text=found.words,
        )


def _signature(looked: Decoded | Skip) -> Signature | Skip:
    return looked if isinstance(looked, Skip) else looked.signature


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
