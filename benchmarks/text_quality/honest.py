"""Real catalogues as contract LISTINGS: what an honest shop floor looks like.

``python -m benchmarks.text_quality.honest OUT_DIR`` writes one Parquet file per set that is found
below the folder named by AGORA_SHARED_DATA. Titles, prices and currencies are the shops' own, with
one exception: the Chinese title set has no prices, so an ordinary one is drawn for the kind of
goods, fixed by the title.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

#: Digits after the decimal point in ISO 4217, where they are not two.
MINOR_DIGITS = {"CLP": 0, "VND": 0, "JPY": 0, "KRW": 0, "KWD": 3}

LISTINGS_SCHEMA = pa.schema(
    [
        ("listing_id", pa.string()),
        ("store_id", pa.string()),
        ("title", pa.string()),
        ("price_amount", pa.int64()),
        ("currency", pa.string()),
        ("seller_id", pa.string()),
        ("description", pa.string()),
        ("brand", pa.string()),
        ("category", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Listing:
    """One row of LISTINGS."""

    listing_id: str
    store_id: str
    title: str
    price_amount: int
    currency: str
    seller_id: str | None = None
    description: str = ""
    brand: str = ""
    category: str = ""


def shared_data() -> Path | None:
    """The folder of real data, or None when it is not there."""
    name = os.environ.get("AGORA_SHARED_DATA")
    return Path(name) if name and Path(name).is_dir() else None


def to_minor(price: str, currency: str) -> int | None:
    """A price as written, in minor units; None when it is no positive number."""
    try:
        value = Decimal(price.strip())
    except (InvalidOperation, AttributeError):
        return None
    if not value.is_finite() or value <= 0:
        return None
    return int((value.scaleb(MINOR_DIGITS.get(currency, 2))).to_integral_value())


def opaque(*parts: object) -> str:
    """A short id that does not tell what it was made from."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _rows(path: Path) -> Iterator[dict[str, str]]:
    csv.field_size_limit(1 << 24)
    with path.open(encoding="utf-8", newline="") as handle:
        yield from csv.DictReader(handle)


def _priced(path: Path) -> Iterator[tuple[dict[str, str], int]]:
    """The rows of a crawled shop that have a price, with it in minor units."""
    for row in _rows(path):
        price = to_minor(row["final_price"], row["currency"])
        if price is not None:
            yield row, price


def _crumbs(text: str) -> str:
    """A category path from a JSON list of names or of {name} objects."""
    try:
        items = json.loads(text)
    except (json.JSONDecodeError, TypeError):
        return ""
    if not isinstance(items, list):
        return ""
    names = (item.get("name", "") if isinstance(item, dict) else item for item in items)
    return " > ".join(str(name) for name in names)


def flipkart(root: Path) -> Iterator[Listing]:
    """20,000 Indian products; the category joins on the product's id."""
    categories: dict[str, str] = {}
    with (root / "flipkart/flipkart_categories.csv").open(encoding="utf-8", newline="") as handle:
        for key, _, path in csv.reader(handle):
            tree = path.strip('[]"').split(" >> ")
            categories[key] = " > ".join(tree[:-1]) if len(tree) > 1 else ""
    for row in _rows(root / "flipkart/flipkart_price_brand.csv"):
        price = to_minor(row["discounted_price"] or row["retail_price"], "INR")
        if price is None:
            continue
        yield Listing(
            f"fk-{row['uniq_id']}",
            f"fk-s-{opaque(row['brand'] or row['product_name'].split(' ')[0])}",
            row["product_name"],
            price,
            "INR",
            brand=row["brand"],
            category=categories.get(row["uniq_id"], ""),
        )


def adidas_nike(root: Path) -> Iterator[Listing]:
    """3,268 products of the two brands' own Indian shops, at the price that a buyer pays."""
    for row in _rows(root / "adidas_nike/adidas_vs_nike.csv"):
        price = to_minor(row["Sale Price"], "INR") or to_minor(row["Listing Price"], "INR")
        if price is None:
            continue
        maker = "Nike" if row["Brand"] == "Nike" else "Adidas"
        yield Listing(
            f"an-{row['Product ID']}",
            f"an-{maker.lower()}-store",
            row["Product Name"],
            price,
            "INR",
            seller_id=f"an-{maker.lower()}",
            description=row["Description"],
            brand=maker,
            category="Footwear",
        )


def shopee(root: Path) -> Iterator[Listing]:
    """1,000 products of Shopee in eleven countries."""
    for row, price in _priced(root / "shopee_lazada_shein/shopee-products.csv"):
        store = row["seller_id"] or opaque(row["seller_name"])
        yield Listing(
            f"sp-{row['id']}",
            f"sp-{store}",
            row["title"],
            price,
            row["currency"],
            seller_id=f"sp-u-{store}",
            description=row["Product Description"],
            brand=row["brand"],
            category=_crumbs(row["breadcrumb"]),
        )


def lazada(root: Path) -> Iterator[Listing]:
    """1,000 products of Lazada in five countries."""
    for row, price in _priced(root / "shopee_lazada_shein/lazada-products.csv"):
        store = opaque(row["domain"], row["seller_name"])
        yield Listing(
            f"lz-{row['sku']}",
            f"lz-{store}",
            row["title"],
            price,
            row["currency"],
            seller_id=f"lz-u-{store}",
            description=row["product_description"],
            brand=row["brand"],
            category=_crumbs(row["breadcrumb"]),
        )


def shein(root: Path) -> Iterator[Listing]:
    """1,000 products of Shein, USA."""
    for row, price in _priced(root / "shopee_lazada_shein/shein-products.csv"):
        yield Listing(
            f"sh-{row['product_id']}",
            f"sh-{opaque(row['brand'])}",
            row["product_name"],
            price,
            row["currency"],
            description=row["description"],
            brand=row["brand"],
            category=_crumbs(row["category_tree"]),
        )


#: Kinds of goods in the Chinese set with an ordinary price span in yuan; the first that fits wins.
_ZH_BANDS: tuple[tuple[str, int, int], ...] = (
    (r"膜|贴纸|贴膜|手机壳|保护套|保护壳|硅胶套|键盘贴|数据线|转接|扎带|笔芯|便利贴|标签", 9, 59),
    (r"墨盒|硒鼓|碳粉|色带|电池|充电器|充电宝|移动电源|支架|鼠标垫|U盘|内存卡|手环|耳机", 29, 299),
    (r"电脑包|双肩包|内胆包|手提包|斜挎包|笔袋|背包", 49, 259),
    (
        r"服务器|工作站|一体机|台式机|主机|笔记本电脑|投影仪|复印机|相机|冰柜|展示柜|冰箱|空调",
        1999,
        8999,
    ),
    (
        r"路由器|交换机|打印机|显示器|音响|音箱|麦克风|声卡|点钞机|净水|热水器|洗衣机|电视",
        199,
        2599,
    ),
    (r"手机|平板", 699, 4999),
    (r"办公桌|办公椅|文件柜|保险柜|沙发", 299, 1999),
)


def _zh_price(title: str) -> int:
    """An ordinary price in fen for that kind of goods, the same at every run."""
    low, high = next(((lo, hi) for exp, lo, hi in _ZH_BANDS if re.search(exp, title)), (19, 199))
    share = int(opaque(title)[:8], 16) / 0xFFFFFFFF
    return int(low * float(high / low) ** share) * 100 - 10


def jd_titles_zh(root: Path) -> Iterator[Listing]:
    """10,000 Chinese titles, mostly office goods and electronics. The prices are not real."""
    lines = (root / "jd_titles_zh/titles.txt").read_text("utf-8").split("\n")
    for number, line in enumerate(lines):
        title = line.strip()
        if title:
            key = opaque("jd", number, title)
            yield Listing(f"jd-{key}", f"jd-s-{key[:3]}", title, _zh_price(title), "CNY")


SETS: dict[str, Callable[[Path], Iterator[Listing]]] = {
    "flipkart": flipkart,
    "adidas_nike": adidas_nike,
    "shopee": shopee,
    "lazada": lazada,
    "shein": shein,
    "jd_titles_zh": jd_titles_zh,
}


def unique(listings: Iterable[Listing]) -> list[Listing]:
    """Without rows that repeat an id: several sets list one product twice."""
    return list({item.listing_id: item for item in listings}.values())


def table(listings: Iterable[Listing]) -> pa.Table:
    """LISTINGS as an Arrow table."""
    rows = list(listings)
    columns = {
        name: pa.array([getattr(row, name) for row in rows], LISTINGS_SCHEMA.field(name).type)
        for name in LISTINGS_SCHEMA.names
    }
    return pa.table(columns, schema=LISTINGS_SCHEMA)


def load(data: Path, name: str) -> list[Listing]:
    """One set by name."""
    return unique(SETS[name](data / "listings"))


def write_all(data: Path, out: Path) -> dict[str, Path]:
    """Write every set; the paths by name."""
    out.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name in SETS:
        paths[name] = out / f"{name}.parquet"
        pq.write_table(table(load(data, name)), paths[name])
    return paths


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    args = parser.parse_args(argv)
    data = shared_data()
    if data is None:
        print("AGORA_SHARED_DATA names no folder", file=sys.stderr)
        return 2
    for name, path in write_all(data, args.out).items():
        print(f"{name}: {pq.read_metadata(path).num_rows} rows -> {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
