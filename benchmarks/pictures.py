"""Pictures: decoding and signing beside libjpeg-turbo alone, nights with repeats, and the index of a million.

Peers in the same run: decoding alone (OpenCV, simplejpeg), PDQ and imagehash per picture, and the PDQ index of
python-threatexchange. The pictures are drawn by chance and compressed as a shop's renditions are; text and shapes
stand in for goods, so the entropy decoder has as much to do as in a photo of the same number of bytes.
"""

from __future__ import annotations

import io
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np

from agoranomos.engine.pictures.decoding import decode
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.segment import Segment
from agoranomos.engine.pictures.signature import DECODED, Signature, content_hash, rounded, signature
from agoranomos.goods.pictures.eyes import FILES_AT_A_TIME, Caches, Eyes
from agoranomos.goods.pictures.model import Reference
from agoranomos.goods.pictures.references import References
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, cpu_seconds, megabytes

GOAL: Final = 6_944
"""Pictures a second: 600 million a day."""
SHARES: Final = (0.0, 0.7, 0.9, 0.95, 1.0)
_SIDES: Final = (400, 600, 800)
_MARKS: Final = 100


def run(materials: Materials, size: Size) -> list[Table]:
    """The three tables. `size.pictures` different pictures; an index of `size.known_pictures`."""
    files = drawn(size.pictures)
    with tempfile.TemporaryDirectory(dir=materials.folder) as folder:
        night = nights(Path(folder), files, size.pictures * 4)
    return [parts(files), night, known(files, size.known_pictures)]


def drawn(count: int) -> list[bytes]:
    """JPEG files of 400, 600 and 800 pixels, quality 82, with the fine grain of a camera."""
    import cv2

    chance = np.random.default_rng(5)
    files = []
    for number in range(count):
        side = _SIDES[number % len(_SIDES)]
        picture = np.full((side, side, 3), chance.integers(0, 256, 3), np.uint8)
        for _ in range(40):
            middle = tuple(int(each) for each in chance.integers(0, side, 2))
            axes = tuple(int(each) for each in chance.integers(side // 40, side // 5, 2))
            colour = tuple(int(each) for each in chance.integers(0, 256, 3))
            cv2.ellipse(picture, middle, axes, float(chance.integers(0, 180)), 0, 360, colour, -1)
        grain = chance.normal(0, 5, (side, side, 1))
        picture = np.clip(cv2.GaussianBlur(picture, (0, 0), 1) + grain, 0, 255).astype(np.uint8)
        files.append(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 82])[1].tobytes())
    return files


def _rate(call: Callable[[bytes], object], files: Sequence[bytes]) -> float:
    call(files[0])
    return len(files) / cpu_seconds(lambda: [call(each) for each in files])


def _missing(*modules: str) -> bool:
    return any(find_spec(each) is None for each in modules)


def _peers() -> dict[str, Callable[[bytes], object]]:
    """Other libraries, as far as they are installed (`make bench` installs all)."""
    calls: dict[str, Callable[[bytes], object]] = {}
    if not _missing("simplejpeg"):
        import simplejpeg

        calls["libjpeg-turbo alone, 1/8, by simplejpeg"] = lambda data: simplejpeg.decode_jpeg(
            data, "GRAY", min_height=1, min_width=1, fastdct=True
        )
    if not _missing("pdqhash", "PIL"):
        import pdqhash
        from PIL import Image

        calls["decoded 1/8, pdqhash"] = lambda data: pdqhash.compute(np.dstack([_eighth(data)] * 3))
        calls["decoded whole, pdqhash"] = lambda data: pdqhash.compute(np.asarray(Image.open(io.BytesIO(data))))
    if not _missing("imagehash", "PIL"):
        import imagehash
        from PIL import Image

        calls["decoded whole, imagehash pHash"] = lambda data: imagehash.phash(Image.open(io.BytesIO(data)))
    return calls


def _eighth(data: bytes) -> Any:
    import cv2

    return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_REDUCED_GRAYSCALE_8)


def parts(files: list[bytes]) -> Table:
    """Pictures a CPU-second of each step and of peers."""
    base = "libjpeg-turbo alone, 1/8, by OpenCV"
    calls: dict[str, Callable[[bytes], object]] = {
        "SHA-256 of the file": content_hash,
        base: _eighth,
        "decoded as large as the kernel needs": lambda data: decode(data, DECODED),
        "decoded and signed (the kernel)": signature,
    }
    rates = {name: _rate(call, files) for name, call in {**calls, **_peers()}.items()}
    rows = tuple((name, f"{rate:,.0f}", f"{rate / rates[base]:.2f}") for name, rate in rates.items())
    mean = sum(map(len, files)) / len(files) / 1000
    return Table(
        "A picture, step by step", ("step", "pictures/CPU-s", "to libjpeg-turbo"), rows,
        (f"{len(files)} JPEG of 400, 600 and 800 px, {mean:.0f} KB in the mean",),
    )  # fmt: skip


def _cpu_of(guard: Guard) -> float:
    """CPU seconds of this process and of the one that decodes for it."""
    used = time.process_time()
    fields = Path(f"/proc/{guard.child_id}/stat").read_text().rpartition(")")[2].split()
    return used + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _night(eyes: Eyes, guard: Guard, names: list[str]) -> float:
    """CPU seconds to look at these pictures, from names to what is seen in them."""
    begun = _cpu_of(guard)
    for at in range(0, len(names), FILES_AT_A_TIME):
        eyes.look(names[at : at + FILES_AT_A_TIME])
    return _cpu_of(guard) - begun


def nights(folder: Path, files: list[bytes], count: int) -> Table:
    """Pictures a second on two cores by the share that was there the night before; `count` pictures a night."""
    turbo = cpu_seconds(lambda: [_eighth(data) for data in files]) / len(files)
    root = folder / "night"
    root.mkdir()
    names = [f"{number}.jpg" for number in range(count)]
    for number, name in enumerate(names):
        # Bytes behind the end of a JPEG: another content, the same picture.
        (root / name).write_bytes(files[number % len(files)] + number.to_bytes(4, "big"))
    known = [(data, found) for data in files[:30] if isinstance(found := signature(data), Signature)]
    references = References(()).and_also(
        (Reference(role="fake", content=content_hash(data).hex(), name=f"known-{number}", number=number + 1), found)
        for number, (data, found) in enumerate(known)
    )
    rows = []
    with Guard() as guard:
        guard.ready()
        for share in SHARES:
            # Left open: to close the eyes is to end the child, which takes seconds to start.
            eyes = Eyes(root, references, Caches(folder / f"cache-{share}"), guard=guard)
            eyes.look(names[: max(1, round(count * share))])
            cpu = _night(eyes, guard, names) / count
            rate = 2 / cpu
            ratios = f"{turbo / cpu:.2f}", f"{rate / GOAL:.2f}"
            rows.append((f"{share:.0%}", f"{count:,}", f"{1e3 * cpu:.3f}", f"{rate:,.0f}", *ratios))
    return Table(
        f"A night on two cores (goal {GOAL:,} a second)",
        ("repeats", "pictures", "CPU-ms a picture", "per s by CPU time", "to libjpeg-turbo at 1/8", "of the goal"),
        tuple(rows),
        ("from the name of a file: reading, SHA-256, what was found before; else decoding, marks, QR codes, search",
         f"CPU time of both processes; libjpeg-turbo alone at 1/8 takes {1e3 * turbo:.3f} CPU-ms of the same files"),
    )  # fmt: skip


def known(files: list[bytes], count: int) -> Table:
    """Queries against an index of `count` pictures, one core."""
    signatures = [each for each in map(signature, files) if isinstance(each, Signature)]
    built: list[Segment] = []
    seconds = cpu_seconds(lambda: built.append(crowd(signatures, count)))
    own = Segment.of([f"own-{k}" for k in range(len(signatures))], signatures)
    index = Index([built[0].joined(own)])
    built.clear()
    asked = [each for each in map(signature, map(_darker, files)) if isinstance(each, Signature)]
    index.search(asked[0])
    times, hits = [], 0
    for number, each in enumerate(asked):
        begun = time.process_time()
        found = index.search(each)
        times.append(time.process_time() - begun)
        hits += any(match.name == f"own-{number}" for match in found)
    ordered = sorted(times)
    rows = [
        (
            f"agoranomos, {len(index):,} pictures",
            f"{1e3 * sum(times) / len(times):.2f}",
            f"{1e3 * ordered[int(0.99 * len(ordered))]:.2f}",
            megabytes(index.bytes),
            f"{hits / len(asked):.3f}",
        )
    ]
    if not _missing("threatexchange", "faiss"):
        rows.append(threatexchange(count))
    return Table(
        "Searching known pictures, one core",
        ("index", "ms a query", "99 % below", "memory", "found"),
        tuple(rows),
        (
            f"the index was built in {seconds:.0f} CPU-seconds; its crowd is made of real marks, mixed and changed",
            "PDQ finds copies that are nearly the same, the index also crops, frames, collages and mirrored ones",
        ),
    )


def crowd(signatures: Sequence[Signature], count: int) -> Segment:
    """`count` pictures of marks drawn from `signatures`, their doubtful bits drawn anew and one in eight turned."""
    chance = np.random.default_rng(7)
    words = np.concatenate([each.words for each in signatures])
    doubts = np.concatenate([each.doubts for each in signatures])
    places = np.concatenate([rounded(each.places) for each in signatures])
    flags = np.concatenate([each.flags for each in signatures])
    total = count * _MARKS
    made = np.empty((total, 2), np.uint64)
    step = 2_000_000
    for begin in range(0, total, step):
        part = slice(begin, min(total, begin + step))
        shape = (part.stop - part.start, 2)
        drawn_from = chance.integers(0, len(words), shape[0])
        some, more, most = (chance.integers(0, 1 << 56, shape, dtype=np.uint64) for _ in range(3))
        made[part] = words[drawn_from] ^ (doubts[drawn_from] & some) ^ (some & more & most)
    lain = np.resize(chance.permutation(len(words)), total)
    ends = np.arange(0, total + 1, _MARKS)
    sizes = np.full((count, 2), 190, np.float32)
    return Segment.of_arrays([str(k) for k in range(count)], made, places[lain], flags[lain], ends, sizes)


def _darker(data: bytes) -> bytes:
    """A crop of 10 % a side, darker, compressed again."""
    import cv2

    picture: Any = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    height, width = picture.shape[:2]
    cut = picture[height // 10 : -height // 10, width // 10 : -width // 10]
    darker = (cut * 0.85).astype(np.uint8)
    return bytes(cv2.imencode(".jpg", darker, [cv2.IMWRITE_JPEG_QUALITY, 75])[1].tobytes())


def threatexchange(count: int) -> tuple[str, str, str, str, str]:
    """The PDQ index of python-threatexchange over as many random hashes."""
    from threatexchange.signal_type.pdq.pdq_index import PDQIndex

    chance = np.random.default_rng(8)
    hashes = [each.tobytes().hex() for each in chance.integers(0, 256, (count, 32), dtype=np.uint8)]
    index = PDQIndex.build([(each, k) for k, each in enumerate(hashes)])
    begun = time.process_time()
    asked = 20
    hits = sum(any(match.metadata == k for match in index.query(hashes[k])) for k in range(asked))
    each_ms = 1e3 * (time.process_time() - begun) / asked
    return (f"python-threatexchange PDQ, {count:,}", f"{each_ms:.2f}", "", "", f"{hits / asked:.3f}")
