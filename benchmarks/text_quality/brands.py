"""Much-copied brands: Latin and Chinese name, price tier, and the goods that are copied.

Prices are rounded ordinary retail prices in US dollars by tier and kind of goods. They only need
to be right within a factor of two: they separate "ordinary", "what a copy costs" and "absurd".
"""

from __future__ import annotations

from dataclasses import dataclass

LUXURY_TIERS = frozenset("SL")

#: Ordinary price of genuine goods in USD: kind of goods -> tier -> price.
PRICES: dict[str, dict[str, int]] = {
    "bag": {"S": 6000, "L": 1900, "M": 350, "P": 60, "B": 35},
    "wallet": {"S": 1100, "L": 480, "M": 140, "P": 35, "B": 20},
    "belt": {"S": 900, "L": 460, "M": 120, "P": 30, "B": 20},
    "shoes": {"S": 950, "L": 780, "M": 220, "P": 110, "B": 60},
    "clothes": {"S": 1800, "L": 700, "M": 140, "P": 60, "B": 35},
    "hat": {"S": 600, "L": 380, "M": 80, "P": 30, "B": 20},
    "watch": {"S": 14000, "L": 4500, "M": 600, "P": 150, "B": 80},
    "jewel": {"S": 5000, "L": 900, "M": 120, "P": 60, "B": 30},
    "eyewear": {"S": 450, "L": 350, "M": 180, "P": 110, "B": 50},
    "perfume": {"S": 250, "L": 140, "M": 90, "P": 50, "B": 30},
    "beauty": {"S": 120, "L": 48, "M": 38, "P": 25, "B": 12},
    "phone": {"L": 950, "M": 600, "P": 300, "B": 180},
    "earphone": {"L": 330, "M": 220, "P": 110, "B": 40},
    "charger": {"M": 30, "P": 22, "B": 15},
    "appliance": {"L": 420, "M": 180, "P": 90, "B": 50},
    "pen": {"L": 450, "M": 90, "P": 35, "B": 20},
    "toy": {"M": 90, "P": 40, "B": 25},
    "luggage": {"S": 3000, "L": 950, "M": 300, "P": 150, "B": 90},
    "storage": {"M": 60, "P": 30, "B": 15},
    "bottle": {"M": 60, "P": 38, "B": 25},
    "mouse": {"M": 90, "P": 45, "B": 25},
    "ink": {"M": 45, "P": 35, "B": 25},
}

_TABLE = """
Louis Vuitton|路易威登|L|bag wallet belt shoes clothes
Gucci|古驰|L|bag wallet belt shoes clothes eyewear perfume
Chanel|香奈儿|S|bag wallet jewel perfume beauty eyewear
Hermes|爱马仕|S|bag wallet belt shoes jewel
Prada|普拉达|L|bag wallet shoes clothes eyewear
Dior|迪奥|L|bag shoes clothes perfume beauty eyewear
Fendi|芬迪|L|bag wallet belt clothes
Celine|思琳|L|bag wallet eyewear
Balenciaga|巴黎世家|L|shoes bag clothes hat
Bottega Veneta|葆蝶家|L|bag wallet shoes
Saint Laurent|圣罗兰|L|bag wallet shoes beauty
Givenchy|纪梵希|L|bag clothes shoes beauty
Burberry|博柏利|L|clothes bag perfume
Loewe|罗意威|L|bag wallet clothes
Valentino|华伦天奴|L|shoes bag belt
Versace|范思哲|L|clothes shoes eyewear perfume
Goyard|戈雅|L|bag wallet
Miu Miu|缪缪|L|bag shoes clothes
Off-White||L|clothes shoes belt
Moncler|盟可睐|L|clothes hat
Canada Goose|加拿大鹅|L|clothes
Stone Island|石头岛|M|clothes hat
Coach|蔻驰|M|bag wallet belt shoes
Michael Kors|迈克高仕|M|bag wallet watch
Kate Spade|凯特丝蓓|M|bag wallet
Tory Burch|汤丽柏琦|M|bag shoes wallet
Furla|芙拉|M|bag wallet
Longchamp|珑骧|M|bag
Mulberry|迈宝瑞|L|bag wallet
Chloe|蔻依|L|bag perfume shoes
Marc Jacobs|马克雅可布|M|bag perfume
Ferragamo|菲拉格慕|L|belt shoes bag wallet
Christian Louboutin|路铂廷|L|shoes beauty
Jimmy Choo|周仰杰|L|shoes bag perfume
Manolo Blahnik|莫罗伯拉尼克|L|shoes
Golden Goose||M|shoes
Alexander McQueen|亚历山大麦昆|L|shoes clothes
Dolce & Gabbana|杜嘉班纳|L|clothes belt shoes perfume
Armani|阿玛尼|M|clothes watch perfume beauty
Hugo Boss|雨果博斯|M|clothes perfume
Ralph Lauren|拉夫劳伦|M|clothes hat
Lacoste|法国鳄鱼|M|clothes shoes
Tommy Hilfiger|汤米希尔费格|M|clothes
Calvin Klein|卡尔文克莱恩|M|clothes perfume
Supreme||M|clothes hat bag
Palm Angels|棕榈天使|M|clothes
Kenzo|高田贤三|M|clothes
Thom Browne|汤姆布朗|L|clothes
Comme des Garcons|川久保玲|M|clothes
Bape|安逸猿|M|clothes hat
Max Mara|麦丝玛拉|L|clothes
Balmain|巴尔曼|L|clothes
Philipp Plein|菲利普普兰|L|clothes shoes
Rimowa|日默瓦|L|luggage
Tumi|途明|M|luggage bag
Samsonite|新秀丽|P|luggage bag
Montblanc|万宝龙|L|pen wallet belt
Parker|派克|P|pen
Rolex|劳力士|S|watch
Omega|欧米茄|L|watch
Patek Philippe|百达翡丽|S|watch
Audemars Piguet|爱彼|S|watch
Cartier|卡地亚|L|watch jewel eyewear
Hublot|宇舶|S|watch
Tag Heuer|泰格豪雅|L|watch
Breitling|百年灵|L|watch
Panerai|沛纳海|L|watch
Vacheron Constantin|江诗丹顿|S|watch
Richard Mille|理查德米勒|S|watch
Jaeger LeCoultre|积家|S|watch
Longines|浪琴|M|watch
Tissot|天梭|M|watch
Tudor|帝舵|L|watch
Breguet|宝玑|S|watch
Zenith|真力时|L|watch
Chopard|萧邦|L|watch jewel
Piaget|伯爵|S|watch jewel
Franck Muller|法穆兰|S|watch
Casio|卡西欧|P|watch
Seiko|精工|M|watch
Citizen|西铁城|P|watch
Fossil||P|watch
Daniel Wellington|丹尼尔惠灵顿|P|watch
Swatch|斯沃琪|P|watch
Blancpain|宝珀|S|watch
Tiffany|蒂芙尼|L|jewel
Van Cleef & Arpels|梵克雅宝|S|jewel
Bvlgari|宝格丽|L|jewel watch perfume
Pandora|潘多拉|M|jewel
Swarovski|施华洛世奇|M|jewel
Chrome Hearts|克罗心|L|jewel clothes eyewear
Vivienne Westwood|薇薇安韦斯特伍德|M|jewel bag
Ray-Ban|雷朋|M|eyewear
Oakley|欧克利|M|eyewear
Gentle Monster||L|eyewear
Tom Ford|汤姆福特|L|eyewear perfume beauty
Nike|耐克|P|shoes clothes
Adidas|阿迪达斯|P|shoes clothes
Jordan|乔丹|P|shoes clothes
Yeezy|椰子|M|shoes
Puma|彪马|P|shoes clothes
New Balance|新百伦|P|shoes
Converse|匡威|B|shoes
Vans|范斯|B|shoes
Asics|亚瑟士|P|shoes
Reebok|锐步|P|shoes
Under Armour|安德玛|P|clothes shoes
Skechers|斯凯奇|P|shoes
Timberland|添柏岚|M|shoes
Dr. Martens|马丁大夫|M|shoes
Crocs|卡骆驰|B|shoes
Birkenstock|勃肯|P|shoes
UGG||M|shoes
Salomon|萨洛蒙|M|shoes
Onitsuka Tiger|鬼塚虎|P|shoes
Fila|斐乐|P|shoes clothes
Lululemon|露露乐蒙|M|clothes
The North Face|北面|M|clothes bag
Arc'teryx|始祖鸟|M|clothes
Columbia|哥伦比亚|P|clothes
Patagonia|巴塔哥尼亚|M|clothes
Champion||P|clothes
Carhartt|卡哈特|P|clothes hat
Levi's|李维斯|P|clothes
Diesel||M|clothes
MAC|魅可|P|beauty
Estee Lauder|雅诗兰黛|L|beauty perfume
Lancome|兰蔻|L|beauty perfume
SK-II||S|beauty
Shiseido|资生堂|L|beauty
Clinique|倩碧|M|beauty
La Mer|海蓝之谜|S|beauty
Maybelline|美宝莲|B|beauty
L'Oreal|欧莱雅|P|beauty
Kiehl's|科颜氏|M|beauty
Huda Beauty||M|beauty
Charlotte Tilbury||M|beauty
Laneige|兰芝|P|beauty
Sulwhasoo|雪花秀|L|beauty
Olaplex||P|beauty
Jo Malone|祖玛珑|M|perfume
Creed||S|perfume
Apple|苹果|L|phone earphone charger
Samsung|三星|M|phone earphone charger storage
Huawei|华为|M|phone earphone charger
Xiaomi|小米|P|phone earphone charger
Sony|索尼|M|earphone
Bose||M|earphone
Beats||M|earphone
JBL||P|earphone
Sennheiser|森海塞尔|M|earphone
Marshall|马歇尔|M|earphone
Dyson|戴森|L|appliance
Philips|飞利浦|P|appliance
Braun|博朗|P|appliance
Logitech|罗技|P|mouse
Razer|雷蛇|M|mouse
SanDisk|闪迪|P|storage
Kingston|金士顿|P|storage
Canon|佳能|P|ink
Epson|爱普生|P|ink
Lego|乐高|P|toy
Bandai|万代|P|toy
Pop Mart|泡泡玛特|P|toy
Barbie|芭比|P|toy
Hot Wheels|风火轮|B|toy
Stanley|史丹利|P|bottle
"""


@dataclass(frozen=True, slots=True)
class Brand:
    """One much-copied brand."""

    latin: str
    zh: str
    tier: str
    goods: tuple[str, ...]

    @property
    def luxury(self) -> bool:
        """Whether an absurdly low price alone gives a copy away."""
        return self.tier in LUXURY_TIERS

    def price_usd(self, goods: str) -> int:
        """Ordinary price of genuine goods of that kind, in whole US dollars."""
        by_tier = PRICES[goods]
        return by_tier.get(self.tier) or max(by_tier.values())


def _load() -> tuple[Brand, ...]:
    rows = (line.split("|") for line in _TABLE.strip().splitlines())
    return tuple(Brand(latin, zh, tier, tuple(goods.split())) for latin, zh, tier, goods in rows)


BRANDS: tuple[Brand, ...] = _load()
BY_NAME: dict[str, Brand] = {brand.latin: brand for brand in BRANDS}

#: Further spellings that must not stand in a title that is to carry one brand only.
EXTRA_NAMES: tuple[str, ...] = tuple(
    """
    LV,YSL,iPhone,iPad,Airpods,Macbook,Galaxy,Redmi,Honor,荣耀,Oppo,Vivo,Realme,Infinix,
    Lenovo,联想,惠普,戴尔,Dell,华硕,Asus,神舟,宏碁,Acer,微软,Microsoft,Disney,迪士尼,Marvel,
    Pokemon,Air Max,Yeezy,BMW,Toyota,Honda,Benz,魅族,一加,努比亚,鬼泣,Kindle,Titan,Levis,
    Pikachu,Batman,守望先锋,魔兽,暴雪,英雄联盟,美的,格力,海尔,TCL,LG,Poco,Tecno,ThinkPad,
    萍果,Nokia,Motorola,Vanquish,MK,NBA,英雄,得力,晨光,HERO,deli,齐心,爱国者,先科,新科,
    Clarins,Amiri,Arai,Trunki,Lumos,Servo,Robot,Garsel,绿联,公牛,倍思,漫步者,飞科,飞利浦,
    松下,德国,罗马仕,毕亚兹,品胜,台电,海康,爱普生,兄弟,派克,永生,金豪,毕加索,凌美,白金,百乐,
    三菱,斑马,红米,Google,Airwalk,Fear of God,Anti Social,Polene,
    La Roche,Inspired,Cubot,Jentle,Nillkin,Samyang,Vanguard,
    Carvil,Eiger,Bata,Playboy,花花公子,Polo,Hello Kitty,Kitty
    """.replace("\n    ", "").split(",")
)
