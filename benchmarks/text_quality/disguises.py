"""Disguises: one pure function (text, rng) -> text per technique, with tables of our own.

A function returns the text unchanged when its technique cannot be applied (no letter has a double
in that script, the name has no Chinese character), so callers try another name. Chinese techniques
need word lists, which are read at run time from the shared data and never copied; a short list of
spellings seen in the wild is built in and is preferred.
"""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.text_quality.pinyin import PINYIN

Technique = Callable[[str, random.Random], str]

# ------------------------------------------------------------------ tables: letters


def _words(text: str) -> list[str]:
    """The words of a table."""
    return text.split()


def _doubles(text: str) -> dict[str, str]:
    """A table from words of a character and its doubles: "aа cс" is a -> а, c -> с."""
    return {word[0]: word[1:] for word in text.split()}


def _lists(text: str) -> dict[str, tuple[str, ...]]:
    """A table from words of a key and its values: "a=4,@"."""
    pairs = (word.split("=", 1) for word in text.split())
    return {key: tuple(values.split(",")) for key, values in pairs}


def _chains(text: str) -> tuple[tuple[str, ...], ...]:
    """Chains of techniques: "leet+invisible"."""
    return tuple(tuple(word.split("+")) for word in text.split())


HOMOGLYPHS: dict[str, dict[str, str]] = {
    "cyrillic": _doubles(
        """
        aа cс eе iі jј oо pр sѕ xх yу kк hһ dԁ qԛ wԝ lӏ nп uц rг bЬ AА BВ CС EЕ HН IІ JЈ KК
        MМ OО PР SЅ TТ XХ YУ NИ RЯ WШ GԌ UЦ
        """
    ),
    "greek": _doubles(
        """
        aα bβ eε iι kκ nη oο pρ tτ uυ vν wω xχ yγ cϲ dδ sς jϳ AΑ BΒ EΕ HΗ IΙ KΚ MΜ NΝ OΟ PΡ
        TΤ XΧ YΥ ZΖ CϹ DΔ SΣ LΛ
        """
    ),
    "cherokee": _doubles(
        """
        AᎪ BᏴ CᏟ DᎠ EᎬ GᏀ HᎻ IᏆ JᎫ KᏦ LᏞ MᎷ PᏢ RᎡ SᏚ TᎢ VᏙ WᎳ YᎽ ZᏃ dᏧ hᏂ aᎯ bᏏ iᎥ oᎾ sᏕ wᏇ
        eᏋ
        """
    ),
    "lisu": _doubles(
        """
        Aꓮ Bꓐ Cꓚ Dꓓ Eꓰ Fꓝ Gꓖ Hꓧ Iꓲ Jꓙ Kꓗ Lꓡ Mꓟ Nꓠ Oꓳ Pꓑ Rꓣ Sꓢ Tꓔ Uꓴ Vꓦ Wꓪ Xꓫ Yꓬ Zꓜ
        """
    ),
    "armenian": _doubles(
        """
        aɑ bЬ dժ eҽ fք gց hհ iι jյ lլ nո oօ pք qզ rր sՏ tէ uս wա x× yվ zʐ cϲ kƙ mʍ vν OՕ SՏ
        UՍ LԼ DՁ
        """
    ),
    "latin_like": _doubles(
        """
        aɑ gɡ iı lƖ nɴ oө rг uʋ yʏ eє kĸ dđ tŧ bƀ cƈ pƿ sʂ hħ mɱ vѵ wɯ xӿ zʐ AɅ Bß EƐ Il LⅬ
        CⅭ DⅮ MⅯ XⅩ VⅤ OØ NƝ GƓ TƬ RƦ SƼ KƘ UƱ PƤ YƳ HĦ JɈ WƜ ZƵ FƑ
        """
    ),
    "accented": _doubles(
        """
        aáàâäãåāą cçćč eéèêëēęė iíìîïīį nñńň oóòôöõøō sśšş uúùûüūů yýÿ zžźż dďđ gğģ kķ lłľĺ
        rřŕ tťţ AÁÀÂÄÃÅĀ CÇĆČ EÉÈÊËĒĘ IÍÌÎÏĪ NÑŃŇ OÓÒÔÖÕØŌ SŚŠŞ UÚÙÛÜŪŮ YÝŸ ZŽŹŻ DĎĐ GĞĢ LŁĽ
        RŘŔ TŤŢ
        """
    ),
}

#: First code points of capital and small letters of the mathematical alphabets; holes below.
_MATH: dict[str, tuple[int, int]] = {
    "math_bold": (0x1D400, 0x1D41A),
    "math_italic": (0x1D434, 0x1D44E),
    "math_bold_italic": (0x1D468, 0x1D482),
    "math_script": (0x1D49C, 0x1D4B6),
    "math_bold_script": (0x1D4D0, 0x1D4EA),
    "math_fraktur": (0x1D504, 0x1D51E),
    "math_double_struck": (0x1D538, 0x1D552),
    "math_bold_fraktur": (0x1D56C, 0x1D586),
    "math_sans": (0x1D5A0, 0x1D5BA),
    "math_sans_bold": (0x1D5D4, 0x1D5EE),
    "math_mono": (0x1D670, 0x1D68A),
}
_MATH_HOLES: dict[int, str] = {
    int(entry[1:], 16): entry[0]
    for entry in _words(
        """
    ℎ1D455 ℬ1D49D ℰ1D4A0 ℱ1D4A1 ℋ1D4A3 ℐ1D4A4 ℒ1D4A7 ℳ1D4A8 ℛ1D4AD ℯ1D4BA ℊ1D4BC ℴ1D4C4
    ℭ1D506 ℌ1D50B ℑ1D50C ℜ1D515 ℨ1D51D ℂ1D53A ℍ1D53F ℕ1D545 ℙ1D547 ℚ1D548 ℝ1D549 ℤ1D551
        """
    )
}
SMALL_CAPITALS = dict(zip("abcdefghijklmnopqrstuvwxyz", "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘǫʀꜱᴛᴜᴠᴡxʏᴢ", strict=True))
SUPERSCRIPT = dict(zip("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ", strict=True))
UPSIDE_DOWN = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz∀ᗺƆᗡƎℲ⅁HIſꓘ˥WNOԀΌᴚS⊥∩ΛMX⅄Z",
        strict=True,
    )
)
MIRRORED = _doubles(
    """
    Bᗺ CƆ Dᗡ EƎ Fꟻ GӘ Kꓘ L⅃ NИ Pꟼ RЯ SƧ ZƸ JႱ aɒ bd cɔ db eɘ pq rɿ sƨ kʞ hʜ l| yγ nи
    """
)
LEET: dict[str, tuple[str, ...]] = _lists(
    r"""
    a=4,@,4,@,/-\,∆,^  b=8,8,6,13,|3,ß  c=(,<,¢,©,[  d=|),cl,0,|>  e=3,3,3,€,&  f=ph,ƒ,|=
    g=9,6,9,&  h=#,|-|,}{  i=1,!,1,l,|,¡  j=_|,;  k=|<,|{,x  l=1,|,I,£,|_  m=/\/\,rn,nn,|v|
    n=/\/,|\|,^/  o=0,0,0,(),°,*,[]  p=|°,|>,9  q=9  r=2,12,|2,®  s=5,$,5,z,§,$
    t=7,+,7,†  u=v,|_|,µ,(_)  v=\/,u  w=vv,\/\/,uu  x=%,><,*  y=¥,j,'/  z=2,2,7_
    """
)
INVISIBLE = (
    "\u200b",
    "\u200c",
    "\u200d",
    "\u2060",
    "\ufeff",
    "\u00ad",
    "\ufe0e",
    "\ufe0f",
    "\u180e",
    "\u200e",
    "\u2063",
    "\u034f",
    "\u2061",
    "\u115f",
    "\U000e0100",
)
SPLITTERS: dict[str, tuple[str, ...]] = {
    "split_space": (" ", " ", "  ", "\u00a0", "\u3000", "\u2009", "\t"),
    "split_dot": (".", ".", "·", "•", "․", "。", "..", "…"),
    "split_hyphen": ("-", "-", "–", "—", "~", "－", "--"),
    "split_underscore": ("_", "_", "＿", "__"),
    "split_star": ("*", "*", "★", "☆", "✦", "✱"),
    "split_slash": ("/", "/", "\\", "／"),
    "split_pipe": ("|", "|", "丨", "¦", "︱", "ǀ"),
    "split_emoji": ("🔥", "❤️", "✨", "💯", "👟", "🌟", "👜", "💎", "✅", "⭐️", "🎁", "♥", "👉"),
    "split_cjk_punctuation": (
        "、",
        "，",
        "．",
        "・",
        "【】",
        "「",
        "」",
        "《",
        "》",
        "〜",
        "丶",
        "灬",
        "：",
    ),
    "split_newline": ("\n", "\r\n", " \n", "\u2028"),
}
ZH_SYMBOLS: tuple[str, ...] = (
    " ",
    "  ",
    *_words(
        """
    . · 丶 灬 - _ * / 、 ， ~ ～ ★ ☆ ● ◆ ㄟ 乀 丨 | ➕ ❤ 🔥 ✨ 💯 🌟 ⭐ 😊 ㊣ ✔ → ℡ ㎜ 卐 ＊
    ` ' ゞ ︶ ( ) [ ] … ^ # @ % & =
        """
    ),
)

# ------------------------------------------------------------------ tables: Chinese, as typed

#: Sound-alikes and look-alikes seen or easily typed; whole names, preferred over generated ones.
SOUND_KNOWN: dict[str, tuple[str, ...]] = _lists(
    """
    耐克=奈克,耐刻,乃克,耐可,奈科,耐磕  阿迪达斯=阿迪达丝,阿笛达斯,啊迪达斯,阿迪大斯
    古驰=古奇,古池,谷驰,骨驰,古吃  香奈儿=香奈尔,香耐儿,香乃儿,相奈儿,香奶儿
    爱马仕=爱马士,爱玛仕,艾马仕,爱马式,哎马仕  普拉达=普辣达,普拉哒,朴拉达,普啦达
    路易威登=路易威灯,路亦威登,璐易威登,路易危登  迪奥=迪澳,笛奥,迪傲,帝奥,敌奥
    巴黎世家=巴梨世家,巴黎士家,芭黎世家,巴黎柿家  劳力士=老力士,劳力仕,捞力士,劳利士,牢力士
    欧米茄=欧米伽,殴米茄,欧咪茄  卡地亚=卡帝亚,咔地亚,卡地雅,卡第亚
    蔻驰=寇驰,扣驰,蔻池,口驰  博柏利=巴宝利,博柏力,薄柏利  芬迪=芬笛,粉迪,分迪
    纪梵希=纪凡希,纪梵西,记梵希  范思哲=范斯哲,凡思哲,范思折  圣罗兰=圣箩兰,胜罗兰,圣罗蓝
    北面=北棉,备面,呗面  始祖鸟=始组鸟,石祖鸟,始租鸟  加拿大鹅=加拿大俄,佳拿大鹅,加拿大蛾
    匡威=框威,匡葳,筐威  新百伦=新佰伦,鑫百伦,新百仑  乔丹=桥丹,侨丹,乔单
    苹果=平果,萍果,苹菓,坪果  华为=花为,华维,桦为,画为  戴森=代森,带森,戴深
    雅诗兰黛=雅思兰黛,雅诗兰代,亚诗兰黛  兰蔻=兰寇,蓝蔻,兰扣  宝格丽=宝阁丽,宝格利,保格丽
    蒂芙尼=蒂芙妮,帝芙尼,蒂夫尼  潘多拉=潘朵拉,盼多拉  乐高=了高,乐糕,勒高
    高仿=高访,高防,高放,搞仿,糕仿,高纺  复刻=复克,覆刻,付刻,复科  莆田=葡田,铺田,扑田,莆甜
    精仿=精访,京仿,精纺  微信=威信,薇信,维信,微芯
    """
)
LOOK_KNOWN: dict[str, str] = _doubles(
    """
    克兑充堯 古占舌咕 驰弛施 阿呵啊 迪廸油妯 达迏送 香杳馫 奈柰佘 儿几尔兒 爱受嗳 马乌鸟
    仕任什壮 路潞露 易昜昒 威葳崴 登凳澄 劳崂荣 力刀九 士土仕 普晋譜 拉垃啦 巴芭吧 世卋泄
    家冢稼 奥粤澳 卡咔佧 地他池 亚垭业 欧殴鸥 米釆咪 茄笳伽 宝宣玉 格恪茖 丽俪酾 蔻寇簆
    芬芥棻 范笵范 思恖崽 哲晢浙 圣怪坚 罗啰箩 兰蓝拦 北兆丘 面靣缅 匡筐框 新薪噺 百白佰
    伦沦仑 乔侨桥 丹舟彤 苹萍芊 果杲菓 华毕桦 为伪力 戴載襶 森林焱 彪虎髟 高髙嵩 仿彷防妨
    复夏覆 刻剋刾 莆蒲葡 田由甲畑 微徽嶶徵 信伩倍 精清晴 耐耏耎 乐东栎 蒂帝缔
    """
)

#: Characters in two or three pieces as a keyboard offers them.
SPLIT_KNOWN: dict[str, tuple[str, ...]] = _lists(
    """
    仿=亻方,人方,イ方  信=亻言,人言,イ言  加=力口  驴=马户  刻=亥刂,亥刀,亥リ  莆=艹甫,⺾甫
    迪=辶由,由辶  达=辶大,大辶  驰=马也  耐=而寸  路=足各,⻊各  地=土也  仕=亻士,人士
    拉=扌立,才立  欧=区欠  格=木各  范=艹氾  始=女台  组=纟且  祖=礻且,示且  鹅=我鸟
    新=亲斤  伦=亻仑,人仑  佰=亻百  明=日月  阿=阝可,卩可  斯=其斤  妮=女尼  珀=王白
    珑=王龙  精=米青  威=戌女  诗=讠寺  纪=纟己  佳=亻圭  柏=木白  利=禾刂,禾リ  浪=氵良
    琴=王王今  积=禾只  时=日寸  朋=月月  雷=雨田  彪=虎彡  肖=小月  罗=四夕  茅=艹矛
    芬=艹分  芙=艹夫  苹=艹平  蔻=艹寇  戴=十田共戈  森=木林  香=禾日  家=宀豕  思=田心
    琳=王林  古=十口  华=化十  普=並日  登=癶豆  易=日勿  哲=折口
    """
)


@dataclass(slots=True)
class ChineseTables:
    """Word lists for Chinese disguises: character -> other characters (or character parts)."""

    look: dict[str, list[str]] = field(default_factory=dict)
    sound: dict[str, list[str]] = field(default_factory=dict)
    parts: dict[str, list[list[str]]] = field(default_factory=dict)
    traditional: dict[str, list[str]] = field(default_factory=dict)
    martian: dict[str, list[str]] = field(default_factory=dict)
    rare: dict[str, list[str]] = field(default_factory=dict)
    symbols: list[str] = field(default_factory=lambda: list(ZH_SYMBOLS))

    @classmethod
    def read(cls, folder: Path, frequency: Mapping[str, int] | None = None) -> ChineseTables:
        """Read the lists of AGORA_SHARED_DATA/text/variants.

        ``frequency`` counts characters in real text: a seller types a sound-alike that the input
        method offers, so the rarest homophones are dropped.
        """
        freq = frequency or {}
        parts, solid = _read_parts(folder / "chaizi-jt.txt"), _left_right(folder)
        tables = cls(parts={c: [p for p in ps if len(p) == 2] for c, ps in parts.items() if c in solid})
        tables.parts = {c: ps for c, ps in tables.parts.items() if ps}
        for name in ("形近字语料库.txt", "contr4l_形近字语料库（CV2）.txt"):
            for char, others in _read_rows(folder / name):
                kept = [o for o in others if _share_component(char, o, parts)]
                tables.look[char] = list(dict.fromkeys(tables.look.get(char, []) + kept))
        for char, others in _read_rows(folder / "音近字语料库.txt"):
            ranked = sorted(others, key=lambda o: (-freq.get(o, 0), o)) if freq else list(others)
            tables.sound[char] = ranked[:8]
        for char, values in _read_pairs(folder / "opencc" / "STCharacters.txt"):
            tables.traditional[char] = values
        for char, values in _read_pairs(folder / "简体-火星文词典.txt"):
            tables.martian[char] = values
        tables.rare = _rare_variants(folder, tables.traditional)
        symbols = (folder / "无意义符号.txt").read_text("utf-8").split()
        tables.symbols = list(dict.fromkeys([*ZH_SYMBOLS, *symbols[:60]]))
        return tables


def _read_rows(path: Path) -> Iterable[tuple[str, list[str]]]:
    for line in path.read_text("utf-8-sig").splitlines():
        char, _, rest = line.partition(" ")
        if len(char) == 1 and rest.strip():
            yield char, [c for c in rest.strip() if c != char]


def _read_pairs(path: Path) -> Iterable[tuple[str, list[str]]]:
    for line in path.read_text("utf-8-sig").splitlines():
        if line.startswith("#") or "\t" not in line:
            continue
        left, right = (part.strip() for part in line.split("\t", 1))
        values = [v for v in right.split() if v != left and len(v) == 1]
        if len(left) == 1 and values:
            yield left, values


def _read_parts(path: Path) -> dict[str, list[list[str]]]:
    result: dict[str, list[list[str]]] = {}
    for line in path.read_text("utf-8-sig").splitlines():
        char, *ways = line.split("\t")
        if len(char) == 1:
            result[char] = [way.split() for way in ways if way.strip()]
    return result


def _left_right(folder: Path) -> set[str]:
    """Characters written as a left and a right half: only these still read well when split."""
    found = set()
    text = (folder / "contr4l_结构字典（20000字）.txt").read_text("utf-8-sig")
    for line in text.splitlines():
        if line.startswith("'") and line.rstrip(",").endswith(":'1'"):
            found.add(line[1])
    return found


def _share_component(one: str, two: str, parts: Mapping[str, list[list[str]]]) -> bool:
    strokes = set("一丨丶丿乙乚亅㇆二口十")
    first = {p for way in parts.get(one, []) for p in way} | {one}
    second = {p for way in parts.get(two, []) for p in way} | {two}
    return bool((first & second) - strokes)


def _rare_variants(folder: Path, traditional: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Rare forms of a character: Japanese, Taiwanese, Hong Kong and compatibility forms."""
    to_simple: dict[str, list[str]] = {}
    for simple, values in traditional.items():
        for value in values:
            to_simple.setdefault(value, []).append(simple)
    rare: dict[str, list[str]] = {}

    def add(base: str, form: str) -> None:
        for char in [base, *to_simple.get(base, [])]:
            if form not in (char, *traditional.get(char, [])) and form not in rare.get(char, []):
                rare.setdefault(char, []).append(form)

    for name in ("JPShinjitaiCharacters.txt", "TWVariants.txt", "HKVariants.txt"):
        for left, values in _read_pairs(folder / "opencc" / name):
            for value in values:
                add(value, left)
                add(left, value)
    for left, values in _read_pairs(folder / "opencc" / "CJK_Compatibility_Ideographs.txt"):
        for value in values:
            add(value, left)
    for left, values in _read_pairs(folder / "fanjian_suoyin.txt"):
        for value in values:
            add(value, left)
    return rare


# ------------------------------------------------------------------ helpers


def _is_han(char: str) -> bool:
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def _letters(text: str) -> list[int]:
    return [i for i, c in enumerate(text) if c.isascii() and c.isalpha()]


def _some(indices: list[int], rng: random.Random, full: float = 0.5) -> set[int]:
    """All positions, or a random non-empty part: sellers often change only one or two letters."""
    if not indices:
        return set()
    if rng.random() < full:
        return set(indices)
    return set(rng.sample(indices, rng.randint(1, max(1, min(3, len(indices) - 1)))))


def _map_some(text: str, table: Mapping[str, str], rng: random.Random, full: float = 0.5) -> str:
    usable = [i for i, c in enumerate(text) if c in table]
    chosen = _some(usable, rng, full)
    return "".join(
        rng.choice(table[c]) if i in chosen and len(table[c]) > 1 else table[c] if i in chosen else c
        for i, c in enumerate(text)
    )


def _between(text: str, rng: random.Random, pick: Callable[[], str], every: float = 0.6) -> str:
    """Put something between neighbours of a word, everywhere or in one to three places."""
    gaps = [i for i in range(1, len(text)) if text[i - 1] != " " and text[i] != " "]
    if not gaps:
        return text
    if rng.random() < every:
        chosen = set(gaps)
        one = pick()
        return "".join((one if i in chosen else "") + c for i, c in enumerate(text))
    chosen = set(rng.sample(gaps, min(len(gaps), rng.randint(1, 3))))
    return "".join((pick() if i in chosen else "") + c for i, c in enumerate(text))


# ------------------------------------------------------------------ Latin techniques


def full_width(text: str, rng: random.Random) -> str:
    """ＮＩＫＥ: full-width forms of all printable ASCII."""
    if rng.random() < 0.5:
        text = text.upper()
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def random_case(text: str, rng: random.Random) -> str:
    """nIkE: mixed case that is neither lower, upper nor capitalised."""
    if len(_letters(text)) < 3:
        return text
    for _ in range(50):
        mixed = "".join(rng.choice((c.lower(), c.upper())) for c in text)
        if mixed not in (text, text.lower(), text.upper(), text.title(), text.swapcase()):
            return mixed
    return text.swapcase()


def _homoglyph(script: str) -> Technique:
    def technique(text: str, rng: random.Random) -> str:
        table = HOMOGLYPHS[script]
        uppercase_only = script in ("cherokee", "lisu")
        source = text.upper() if uppercase_only or rng.random() < 0.3 else text
        changed = _map_some(source, table, rng)
        return text if changed == source else changed

    technique.__doc__ = f"Letters with doubles in {script}; all of them or one to three."
    return technique


def _math(alphabet: str) -> Technique:
    capital, small = _MATH[alphabet]

    def one(char: str) -> str:
        if "A" <= char <= "Z":
            code = capital + ord(char) - 65
        elif "a" <= char <= "z":
            code = small + ord(char) - 97
        else:
            return char
        return _MATH_HOLES.get(code, chr(code))

    def technique(text: str, _rng: random.Random) -> str:
        return "".join(one(c) for c in text)

    technique.__doc__ = f"Letters of the mathematical alphabet {alphabet}."
    return technique


def _offset(capital: int, small: int | None) -> Technique:
    def technique(text: str, _rng: random.Random) -> str:
        source = text if small is not None else text.upper()
        out = []
        for char in source:
            if "A" <= char <= "Z":
                out.append(chr(capital + ord(char) - 65))
            elif "a" <= char <= "z" and small is not None:
                out.append(chr(small + ord(char) - 97))
            else:
                out.append(char)
        return "".join(out)

    technique.__doc__ = f"Letters enclosed, from U+{capital:04X}."
    return technique


def regional_indicators(text: str, rng: random.Random) -> str:
    """🇳 🇮 🇰 🇪, with a space or a zero-width space so that no flags appear."""
    gap = rng.choice((" ", "\u200b", " "))
    return "  ".join(
        gap.join(chr(0x1F1E6 + ord(c) - 65) if "A" <= c <= "Z" else c for c in word) for word in text.upper().split()
    )


def small_capitals(text: str, _rng: random.Random) -> str:
    """ɴɪᴋᴇ"""
    return "".join(SMALL_CAPITALS.get(c.lower(), c) for c in text)


def superscript(text: str, _rng: random.Random) -> str:
    """ⁿⁱᵏᵉ"""
    return "".join(SUPERSCRIPT.get(c.lower(), c) for c in text)


def leet(text: str, rng: random.Random) -> str:
    """N1k3: digits and signs for one to all letters; multi-sign letters at times."""
    usable = [i for i, c in enumerate(text) if c.lower() in LEET]
    simple = [i for i in usable if len(LEET[text[i].lower()][0]) == 1]
    chosen = _some(simple or usable, rng, 0.4)
    return "".join(rng.choice(LEET[c.lower()]) if i in chosen else c for i, c in enumerate(text))


def invisible(text: str, rng: random.Random) -> str:
    """Zero-width characters, variation selectors or soft hyphens between letters."""
    return _between(text, rng, lambda: rng.choice(INVISIBLE), 0.4)


def combining_light(text: str, rng: random.Random) -> str:
    """N̶i̶k̶e̶ or N̲i̲k̲e̲: one mark on each letter (strike, underline, ring, dot)."""
    mark = rng.choice("\u0336\u0332\u0335\u0338\u0307\u030a\u0323\u0330\u20dd\u0305\u0489")
    return "".join(c + mark if c.isalnum() else c for c in text)


def zalgo_heavy(text: str, rng: random.Random) -> str:
    """Many marks above and below each letter."""
    marks = [chr(c) for c in (*range(0x300, 0x315), *range(0x316, 0x334), *range(0x346, 0x350))]
    out = []
    for char in text:
        out.append(char)
        if char.isalnum():
            out.extend(rng.choice(marks) for _ in range(rng.randint(4, 9)))
    return "".join(out)


def _split(name: str) -> Technique:
    def technique(text: str, rng: random.Random) -> str:
        return _between(text, rng, lambda: rng.choice(SPLITTERS[name]), 0.75)

    technique.__doc__ = f"Characters apart by {name.removeprefix('split_')}."
    return technique


def partial_split(text: str, rng: random.Random) -> str:
    """Ni ke: one cut in the middle of a word."""
    spots = [i for i in range(1, len(text)) if text[i - 1].isalnum() and text[i].isalnum()]
    inner = [i for i in spots if i >= 2 and i <= len(text) - 2] or spots
    if not inner:
        return text
    spot = rng.choice(inner)
    return text[:spot] + rng.choice((" ", " ", " ", "-", ".", "_", "/", "|", " . ")) + text[spot:]


def reversed_text(text: str, _rng: random.Random) -> str:
    """ekiN"""
    return text[::-1]


def upside_down(text: str, rng: random.Random) -> str:
    """ǝʞᴉu: letters turned by half a turn, last first."""
    source = text.lower() if rng.random() < 0.6 else text
    return "".join(UPSIDE_DOWN.get(c, c) for c in reversed(source))


def mirrored(text: str, rng: random.Random) -> str:
    """ИIKƎ: mirrored letters in their place."""
    source = text.upper() if rng.random() < 0.7 else text
    return "".join(MIRRORED.get(c, c) for c in source)


def doubled(text: str, rng: random.Random) -> str:
    """Niike: one or two letters written two or three times."""
    letters = [i for i in _letters(text) if i > 0 and text[i - 1].lower() != text[i].lower()]
    if not letters:
        return text
    chosen = set(rng.sample(letters, min(len(letters), rng.randint(1, 2))))
    times = {i: rng.choice((2, 2, 3)) for i in sorted(chosen)}
    return "".join(c * times.get(i, 1) for i, c in enumerate(text))


_NEAR = _doubles(
    """
    asq bvn cxk dsf ewi fdg gfh hgj iuey kcjl lkr mn nm oipa pob rtl szc try uio vbw wv xzc
    yui zsx
    """
)


def misspelling(text: str, rng: random.Random) -> str:
    """Nkie, Adiddas, Guci: one letter dropped, swapped or replaced by a near one."""
    inner = [i for i in _letters(text) if i > 0 and text[i - 1].isalpha()]
    if len(inner) < 3:
        return text
    for _ in range(20):
        i = rng.choice(inner)
        way = rng.choice(("drop", "swap", "near", "near"))
        if way == "drop":
            out = text[:i] + text[i + 1 :]
        elif way == "swap" and i + 1 < len(text) and text[i + 1].isalpha():
            out = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
        else:
            near = rng.choice(_NEAR.get(text[i].lower(), text[i]))
            out = text[:i] + (near.upper() if text[i].isupper() else near) + text[i + 1 :]
        if out.lower() != text.lower():
            return out
    return text


def mixed_scripts(text: str, rng: random.Random) -> str:
    """Letters from three or more scripts and alphabets in one word."""
    pools: dict[str, list[str]] = {}
    for script in ("cyrillic", "greek", "armenian", "lisu", "cherokee", "latin_like"):
        for key, value in HOMOGLYPHS[script].items():
            pools.setdefault(key, []).append(value)
    for alphabet in ("math_bold", "math_double_struck", "math_bold_script", "math_fraktur"):
        for char in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
            pools.setdefault(char, []).append(_math(alphabet)(char, rng))
    out = "".join(rng.choice(pools[c]) if c in pools and rng.random() < 0.75 else c for c in text)
    return out if out != text else _homoglyph("cyrillic")(text, rng)


LATIN: dict[str, Technique] = {
    "full_width": full_width,
    "random_case": random_case,
    **{f"homoglyph_{name}": _homoglyph(name) for name in HOMOGLYPHS},
    **{name: _math(name) for name in _MATH},
    "circled": _offset(0x24B6, 0x24D0),
    "circled_negative": _offset(0x1F150, None),
    "squared": _offset(0x1F130, None),
    "squared_negative": _offset(0x1F170, None),
    "parenthesised": _offset(0x1F110, 0x249C),
    "regional_indicators": regional_indicators,
    "small_capitals": small_capitals,
    "superscript": superscript,
    "leet": leet,
    "invisible": invisible,
    "combining_light": combining_light,
    "zalgo_heavy": zalgo_heavy,
    **{name: _split(name) for name in SPLITTERS},
    "partial_split": partial_split,
    "reversed": reversed_text,
    "upside_down": upside_down,
    "mirrored": mirrored,
    "doubled": doubled,
    "misspelling": misspelling,
    "mixed_scripts": mixed_scripts,
}

# ------------------------------------------------------------------ Chinese techniques


def _swap_han(text: str, table: Mapping[str, Iterable[str]], rng: random.Random, most: int = 2) -> str:
    usable = [i for i, c in enumerate(text) if any(o != c for o in table.get(c, ()))]
    if not usable:
        return text
    chosen = set(rng.sample(usable, rng.randint(1, min(most, len(usable)))))
    out = list(text)
    for i in sorted(chosen):
        out[i] = rng.choice([o for o in table[text[i]] if o != text[i]])
    return "".join(out)


def pinyin_full(text: str, rng: random.Random) -> str:
    """naike, nai ke, NaiKe: the whole name in pinyin."""
    if not all(c in PINYIN for c in text):
        return text
    syllables = [PINYIN[c] for c in text]
    style = rng.choice(("join", "space", "camel", "upper", "join"))
    if style == "space":
        return " ".join(syllables)
    if style == "camel":
        return "".join(s.capitalize() for s in syllables)
    joined = "".join(syllables)
    return joined.upper() if style == "upper" else joined


def pinyin_initials(text: str, rng: random.Random) -> str:
    """AMS for 爱马仕."""
    if len(text) < 2 or not all(c in PINYIN for c in text):
        return text
    initials = "".join(PINYIN[c][0] for c in text)
    return rng.choice((initials.upper(), initials, ".".join(initials.upper())))


def pinyin_mixed(text: str, rng: random.Random) -> str:
    """nai克: pinyin (or its first letter) for some of the characters."""
    usable = [i for i, c in enumerate(text) if c in PINYIN]
    if len(usable) < 2:
        return text
    chosen = set(rng.sample(usable, rng.randint(1, len(usable) - 1)))
    short = rng.random() < 0.35
    out = []
    for i, char in enumerate(text):
        if i in chosen:
            sound = PINYIN[char][0] if short else PINYIN[char]
            out.append(sound.upper() if rng.random() < 0.25 else sound)
        else:
            out.append(char)
    return "".join(out)


def zh_partial_split(text: str, rng: random.Random) -> str:
    """香奈 儿"""
    if len(text) < 2:
        return text
    spot = rng.randint(1, len(text) - 1)
    return text[:spot] + rng.choice((" ", " ", "  ", "-", ".", "\u3000")) + text[spot:]


def chinese_techniques(tables: ChineseTables) -> dict[str, Technique]:
    """The Chinese techniques over the given word lists."""

    def look_alike(text: str, rng: random.Random) -> str:
        """One or two characters that look alike (形近); a short name keeps all but one."""
        merged = {c: [*LOOK_KNOWN.get(c, "")] or tables.look.get(c, [])[:3] for c in text}
        return _swap_han(text, merged, rng, 1 if len(text) <= 3 else 2)

    def sound_alike(text: str, rng: random.Random) -> str:
        """One or two characters that sound alike (同音)."""
        if text in SOUND_KNOWN and rng.random() < 0.6:
            return rng.choice(SOUND_KNOWN[text])
        return _swap_han(text, tables.sound, rng)

    def split_characters(text: str, rng: random.Random) -> str:
        """亻方 for 仿 (拆字): one or more characters in two halves."""
        ways = {c: [*SPLIT_KNOWN.get(c, ()), *("".join(w) for w in tables.parts.get(c, []))] for c in text}
        usable = [i for i, c in enumerate(text) if ways[c]]
        chosen = _some(usable, rng, 0.5)
        return "".join(rng.choice(ways[c]) if i in chosen else c for i, c in enumerate(text))

    def traditional(text: str, _rng: random.Random) -> str:
        """Traditional characters in simplified text."""
        return "".join(tables.traditional[c][0] if c in tables.traditional else c for c in text)

    def martian(text: str, rng: random.Random) -> str:
        """火星文: every character in its odd form."""
        return "".join(rng.choice(tables.martian[c]) if c in tables.martian else c for c in text)

    def rare_variant(text: str, rng: random.Random) -> str:
        """Rare, Japanese, regional or compatibility forms."""
        return _swap_han(text, tables.rare, rng, len(text))

    def separated(text: str, rng: random.Random) -> str:
        """耐.克 耐灬克: the same or varying symbols between the characters."""
        return _between(text, rng, lambda: rng.choice(tables.symbols), 0.6)

    def separated_emoji(text: str, rng: random.Random) -> str:
        """耐🔥克"""
        return _between(text, rng, lambda: rng.choice(SPLITTERS["split_emoji"]), 0.6)

    return {
        "zh_look_alike": look_alike,
        "zh_sound_alike": sound_alike,
        "zh_pinyin": pinyin_full,
        "zh_pinyin_initials": pinyin_initials,
        "zh_pinyin_mixed": pinyin_mixed,
        "zh_split_characters": split_characters,
        "zh_traditional": traditional,
        "zh_martian": martian,
        "zh_rare_variant": rare_variant,
        "zh_separated": separated,
        "zh_separated_emoji": separated_emoji,
        "zh_partial_split": zh_partial_split,
        "zh_reversed": reversed_text,
        "zh_invisible": invisible,
    }


# ------------------------------------------------------------------ combinations

#: Techniques that still read when one follows the other, in order of use.
LATIN_CHAINS: tuple[tuple[str, ...], ...] = _chains(
    """
    misspelling+split_dot  misspelling+leet  leet+split_space  leet+invisible
    homoglyph_cyrillic+split_star  homoglyph_cyrillic+invisible  doubled+leet
    full_width+split_space  full_width+split_emoji  random_case+split_hyphen
    random_case+homoglyph_greek  leet+homoglyph_cyrillic  math_bold+split_dot
    small_capitals+split_space  circled+split_emoji  reversed+leet
    misspelling+homoglyph_cyrillic+split_space  leet+random_case+split_dot
    doubled+random_case+invisible  homoglyph_accented+split_pipe  homoglyph_accented+leet
    partial_split+leet  leet+combining_light  random_case+partial_split+homoglyph_latin_like
    """
)
CHINESE_CHAINS: tuple[tuple[str, ...], ...] = _chains(
    """
    zh_sound_alike+zh_separated  zh_look_alike+zh_separated  zh_look_alike+zh_sound_alike
    zh_pinyin_mixed+full_width  zh_pinyin_mixed+leet  zh_pinyin+split_dot
    zh_pinyin+split_space  zh_pinyin+math_bold  zh_sound_alike+zh_pinyin_mixed
    zh_traditional+zh_separated_emoji  zh_martian+zh_separated
    zh_sound_alike+zh_partial_split  zh_split_characters+zh_separated
    zh_pinyin+homoglyph_cyrillic  zh_pinyin_mixed+zh_separated+full_width
    zh_pinyin_initials+circled
    """
)


def chain(names: Iterable[str], techniques: Mapping[str, Technique]) -> Technique:
    """One technique after the other; unchanged text when any of them has no effect."""
    steps = [techniques[name] for name in names]

    def technique(text: str, rng: random.Random) -> str:
        out = text
        for step in steps:
            changed = step(out, rng)
            if changed == out:
                return text
            out = changed
        return out

    return technique


# ------------------------------------------------------------------ digits for contacts

_DIGITS_ZH = ("零", "一", "二", "三", "四", "五", "六", "七", "八", "九")
_DIGITS_SOUND = (
    "洞林领",
    "妖幺伊医",
    "贰两耳儿",
    "叁伞散",
    "肆寺私思",
    "伍吾舞午",
    "陆溜柳留",
    "柒拐妻漆",
    "捌爸扒吧",
    "玖酒久旧",
)
_DIGITS_EN = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DIGITS_ES = ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve")


def _digits(text: str, one: Callable[[int], str], gap: str = "") -> str:
    return gap.join(one(int(c)) if c.isdigit() and c.isascii() else c for c in text)


def _enclosed_digit(value: int, rng: random.Random) -> str:
    styles = ("⓪①②③④⑤⑥⑦⑧⑨", "⓿❶❷❸❹❺❻❼❽❾", "🄋➀➁➂➃➄➅➆➇➈")
    return rng.choice(styles)[value]


def _number_letters(text: str, rng: random.Random) -> str:
    table = {"0": "oOο", "1": "lI|i", "5": "sS", "8": "B", "2": "Zz", "9": "gq", "6": "b", "3": "Ʒ"}
    return "".join(rng.choice(table[c]) if c in table and (c in "01" or rng.random() < 0.3) else c for c in text)


def _number_spaced(text: str, rng: random.Random) -> str:
    gap = rng.choice((" ", "  ", "-", ".", "_", "*", ",", "，", "/", "·", "~", "丶", "\u3000"))
    return gap.join(text)


def _number_grouped(text: str, rng: random.Random) -> str:
    """138 ❤ 0013 ❤ 8000: groups with a symbol between."""
    gap = rng.choice((" ❤ ", "🔥", " ~ ", "——", "＊", "。", "✨", " ("))
    return gap.join((text[:3], text[3:7], text[7:])).strip()


def _number_mixed(text: str, rng: random.Random) -> str:
    out = []
    for char in text:
        value = int(char)
        out.append(rng.choice((char, char, _DIGITS_ZH[value], chr(0xFF10 + value), _enclosed_digit(value, rng))))
    return "".join(out)


NUMBERS: dict[str, Technique] = {
    "number_plain": lambda text, _rng: text,
    "number_words_en": lambda text, _rng: _digits(text, lambda d: _DIGITS_EN[d], " "),
    "number_words_es": lambda text, _rng: _digits(text, lambda d: _DIGITS_ES[d], " "),
    "number_chinese": lambda text, _rng: _digits(text, lambda d: _DIGITS_ZH[d]),
    "number_chinese_formal": lambda text, _rng: _digits(text, lambda d: "零壹贰叁肆伍陆柒捌玖"[d]),
    "number_sound_alike": lambda text, rng: _digits(text, lambda d: rng.choice(_DIGITS_SOUND[d])),
    "number_circled": lambda text, rng: _digits(text, lambda d: _enclosed_digit(d, rng)),
    "number_keycap": lambda text, _rng: _digits(text, lambda d: f"{d}\ufe0f\u20e3"),
    "number_full_width": lambda text, _rng: _digits(text, lambda d: chr(0xFF10 + d)),
    "number_math": lambda text, rng: _digits(text, lambda d: chr(rng.choice((0x1D7CE, 0x1D7D8, 0x1D7EC)) + d)),
    "number_superscript": lambda text, _rng: _digits(text, lambda d: "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]),
    "number_spaced": _number_spaced,
    "number_grouped": _number_grouped,
    "number_letters": _number_letters,
    "number_mixed": _number_mixed,
}


def visible(text: str) -> str:
    """What the eye sees: without format characters, variation selectors and fillers."""
    return "".join(
        c
        for c in text
        if unicodedata.category(c) != "Cf"
        and not 0xFE00 <= ord(c) <= 0xFE0F
        and not 0xE0100 <= ord(c) <= 0xE01EF
        and ord(c) not in (0x34F, 0x115F, 0x180E)
    )
