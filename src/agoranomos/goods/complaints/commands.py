"""`agora complaints`: reads what buyers write."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import IO, Any

import click
import msgspec

from agoranomos.engine.stream.lines import event_files, lines
from agoranomos.goods.complaints.scorer import read_text
from agoranomos.kernel.errors import Invalid

_REJECTS_SHOWN = 20


class _Text(msgspec.Struct):
    """A line of the input; further fields are ignored."""

    id: str | int
    text: str


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def complaints() -> None:
    """What buyers write: do they say or suspect that the goods are fake?"""


@complaints.command()
@click.argument("texts", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="The file of scores.")
@click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
def score(texts: Path, out: Path, as_json: bool) -> None:
    """Score the JSON lines {id, text} of TEXTS (also .gz, .zst); each line of OUT is {id, score, spans, lang}.

    A score of 0.5 and above says or suspects a fake. `spans` are the words that say something of the goods, as
    characters `start` to `end` of the text, with a `code` and what it weighs. `lang` is zh, en, or other: not read.
    Lines that cannot be used are told on stderr by number, and left out.
    """
    sources = event_files([texts])
    if sources[0].format == "parquet":
        raise Invalid(f"{texts.name} is Parquet; texts are JSON lines (.jsonl, also .gz, .zst)")
    if out.exists() and out.samefile(texts):
        raise Invalid("--out is the file of texts; name another one")
    draft = out.with_name(out.name + ".draft")
    try:
        with draft.open("wb") as stream:
            summary = _score_all(sources[0], stream)
        draft.replace(out)
    except OSError as error:
        raise Invalid(f"{out} cannot be written ({error.strerror}); choose another place with --out") from error
    finally:
        draft.unlink(missing_ok=True)
    click.echo(msgspec.json.encode(summary).decode() if as_json else _in_words(summary, out))


def _score_all(source: Any, stream: IO[bytes]) -> dict[str, Any]:
    languages: Counter[str] = Counter()
    say_fake = surely = rejected = 0
    decoder, encoder = msgspec.json.Decoder(_Text), msgspec.json.Encoder()
    for number, line in lines(source):
        try:
            one = decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            rejected += 1
            if rejected <= _REJECTS_SHOWN:
                click.echo(f"line {number}: not a JSON object with an id and a text", err=True)
            continue
        reading = read_text(one.text)
        languages[reading.lang] += 1
        say_fake += reading.score >= 0.5
        surely += reading.score >= 0.9
        row = {"id": one.id, "score": reading.score, "spans": reading.spans, "lang": reading.lang}
        stream.write(encoder.encode(row) + b"\n")
    if rejected > _REJECTS_SHOWN:
        click.echo(f"… and {rejected - _REJECTS_SHOWN:,} more", err=True)
    return {
        "texts": languages.total(),
        "say_or_suspect_fake": say_fake,
        "surely": surely,
        "languages": dict(sorted(languages.items())),
        "rejected": rejected,
    }


def _in_words(summary: dict[str, Any], out: Path) -> str:
    languages = ", ".join(f"{name}: {count:,}" for name, count in summary["languages"].items())
    said = [
        f"{summary['texts']:,} texts read ({languages or 'none'}); scores are in {out}",
        f"{summary['say_or_suspect_fake']:,} say or suspect a fake, {summary['surely']:,} of them at 0.9 and above",
    ]
    if summary["rejected"]:
        said.append(f"{summary['rejected']:,} lines rejected (see stderr)")
    return "\n".join(said)
