"""The form about a factory or supplier, for quality inspection: batches, where they are sold, what was said of them;
and as an evidence package that checks itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import sqlalchemy as sa

from agoranomos.audit.notes import SigningKey
from agoranomos.cases.inspection import queries
from agoranomos.cases.inspection.model import Form, Maker
from agoranomos.evidence.archive import Manifest, PackageWriter
from agoranomos.evidence.summary import Fact, Summary, Table, drawn
from agoranomos.goods.batches import queries as batches
from agoranomos.goods.batches.model import Batch
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.sellers.points.queries import seller_of_store

KIND: Final = "inspection_form"
BATCHES_MAX: Final = 5_000
README: Final = """Form about a factory or supplier, for quality inspection. 供质量监督检验使用的厂商信息表

summary.pdf    the summary, Chinese and English
form.json      all of it
batches.csv    what it delivered: batch, store, brand, pieces, when, what was said of it
listings.csv   where that is sold
verify.py      python3 verify.py PACKAGE.zip --key KEY  checks that nothing was changed
"""


def batches_of(connection: sa.Connection, maker: Maker, name: str) -> list[Batch]:
    """The batches of a factory or supplier, in the order of their ids, and one more than are told where there are."""
    limit = BATCHES_MAX + 1
    if maker == "factory":
        return batches.listed(connection, factory=name, limit=limit)
    return batches.listed(connection, supplier_id=name, limit=limit)


def form_of(connection: sa.Connection, maker: Maker, name: str) -> Form:
    """What the marketplace knows of a factory or supplier. Raises NotFound for one that delivered nothing."""
    found = batches_of(connection, maker, name) if is_id(name) else []
    if not found:
        raise NotFound(f"no batch of this {maker} came in; see `agora batches list`")
    told = found[:BATCHES_MAX]
    stores = sorted({each.store_id for each in told if each.store_id})
    sellers = {seller for store in stores if (seller := seller_of_store(connection, store))}
    listings = {listing for each in told for listing in batches.listings_of(connection, each.batch_id)}
    return Form(
        maker=maker, id=name, batches=tuple(told), stores=tuple(stores), sellers=tuple(sorted(sellers)),
        listings=tuple(sorted(listings)), brands=tuple(sorted({each.brand_id for each in told if each.brand_id})),
        pieces=sum(each.quantity or 0 for each in told), spoken_against=sum(each.why is not None for each in told),
        inspections=tuple(queries.about(connection, maker, name)), cut=len(found) > BATCHES_MAX,
    )  # fmt: skip


def write(form: Form, file: Path, key: SigningKey, made_at: str) -> Manifest:
    """Writes the form as a package into `file`."""
    with file.open("wb") as out:
        writer = PackageWriter(out)
        writer.add("README.txt", README.encode())
        writer.add_json("form.json", form)
        header = ("batch_id", "store_id", "brand_id", "quantity", "received_at", "inspection", "why", "condemned_at")
        writer.add_table("batches.csv", header, ([getattr(each, name) for name in header] for each in form.batches))
        writer.add_table("listings.csv", ("listing_id",), ([each] for each in form.listings))
        writer.add("summary.pdf", drawn(_summary(form, made_at)))
        facts = {"maker": form.maker, "id": form.id, "batches": len(form.batches), "stores": len(form.stores)}
        return writer.finished(
            KIND, derived("pk", KIND, form.maker, form.id, made_at), key, made_at=made_at, facts=facts
        )


def _summary(form: Form, made_at: str) -> Summary:
    facts = (
        Fact("厂商", form.maker, form.id),
        Fact("制作时间", "made", made_at),
        Fact("批次", "batches", f"{len(form.batches):,}{' …' if form.cut else ''}"),
        Fact("件数", "pieces", f"{form.pieces:,}"),
        Fact("有问题的批次", "batches spoken against", f"{form.spoken_against:,}"),
        Fact("店铺", "stores", ", ".join(form.stores)),
        Fact("卖家", "sellers", ", ".join(form.sellers)),
        Fact("品牌", "brands", ", ".join(form.brands)),
        Fact("在售商品", "listings", f"{len(form.listings):,}"),
    )
    rows = tuple(
        (each.batch_id, each.store_id, each.brand_id or "—", "—" if each.quantity is None else f"{each.quantity:,}",
         each.why or "—")
        for each in form.batches
    )  # fmt: skip
    header = ("批次 batch", "店铺 store", "品牌 brand", "件数 pieces", "问题 why")
    return Summary(
        chinese="厂商信息表", english="Form about a factory or supplier", facts=facts,
        tables=(Table("批次", "batches", header, rows),),
    )  # fmt: skip
