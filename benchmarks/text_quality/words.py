"""How sellers of copies talk: replica words, coded names, model lines, contact.

Written from reading what such sellers type in Chinese, English, Spanish, Portuguese, Indonesian,
Malay, Thai and Vietnamese shops. Nothing here comes from the detectors.
"""

from __future__ import annotations


def _items(text: str) -> tuple[str, ...]:
    """The items of a table: apart by bars or lines; a lone hyphen is the empty text."""
    found = (item.strip() for item in text.replace("\n", "|").split("|"))
    return tuple("" if item == "-" else item for item in found if item)


def _coded(text: str) -> tuple[tuple[str, str, str], ...]:
    """Rows of brand, coded name, kind of goods."""
    rows: list[tuple[str, str, str]] = []
    for line in text.strip().splitlines():
        brand, goods, names = (part.strip() for part in line.split(" : "))
        rows.extend((brand, name, goods) for name in _items(names))
    return tuple(rows)


#: Plain replica words by language; `_weak` is trade talk, judged as its own technique.
REPLICA: dict[str, tuple[str, ...]] = {
    "zh": _items(
        """
            高仿 | 精仿 | 超A | A货 | 复刻 | 1:1 | 一比一 | 莆田纯原 | 莆田 | 顶级复刻
            超高仿 | 1比1复刻 | 高仿A货 | 仿品 | N厂 | VS厂 | 莆田工厂直销 | 复刻版
            顶级A货 | 仿版 | 一比一开模 | 高版本复刻 | N厂复刻 | 对版复刻 | 1:1复刻 | 精仿版
            山寨版
        """
    ),
    "zh_weak": _items(
        """
            原单 | 尾单 | 专柜品质 | 公司级 | 纯原版本 | 过验 | 支持某物鉴定 | 真标 | 高版本
            代工厂流出 | 厂货 | 外贸原单 | 原厂皮 | 顶级版本 | 对版 | 海外代工 | 原版开模
            支持过某物 | 工厂尾货 | 跟单货 | 免检品 | 顶配版本 | 定制款支持专柜对比
        """
    ),
    "en": _items(
        """
            replica | 1:1 | AAA | AAA+ | super fake | superfake | mirror quality
            first copy | master copy | 7A quality | high copy | knockoff | rep | 1:1 replica
            top replica | mirror copy | AAA quality replica | UA batch | clone
            high quality copy | dupe 1:1 | best batch | LJR batch | PK god | premium copy
            AAAA grade | 5A | super clone
        """
    ),
    "en_weak": _items(
        """
            inspired | OEM quality | factory seconds | overrun | surplus original factory
            unauthorized authentic | same factory | with box and dust bag no receipt
            oem grade | not from store but same quality | passes legit check | high version
            no logo box
        """
    ),
    "es": _items(
        """
            réplica AAA | réplica | clon | calidad espejo | 1:1 | réplica exacta | imitación
            clon 1.1 | triple A | AAA | G5 calidad | calidad AAA | tipo original AAA
            copia 1a
        """
    ),
    "pt": _items(
        """
            réplica | 1ª linha | primeira linha | linha premium réplica | réplica AAA
            clone
        """
    ),
    "id": _items(
        """
            KW super | KW1 | mirror 1:1 | grade ori | replika | premium mirror | KW premium
            import mirror quality | kualitas mirror | KWS | super mirror | tiruan
            grade AAA
        """
    ),
    "ms": _items(
        """
            AAA | copy ori | grade 5A | tiruan | 1:1 copy | high copy | gred AAA | replika
        """
    ),
    "th": _items(
        """
            งานมิลเลอร์ | งานก๊อป | ก๊อปเกรดA | เกรดมิลเลอร์ 1:1 | ของก๊อป | งานเทียบแท้
            mirror 1:1
        """
    ),
    "vi": _items(
        """
            rep 1:1 | siêu cấp | like auth | hàng F1 | replica 1:1 | fake 1 | rep 11
            sc 1:1
        """
    ),
}

#: Hand-made disguises of replica words, as really typed.
REPLICA_DISGUISED: dict[str, tuple[str, ...]] = {
    "zh": _items(
        """
            高彷 | 高访 | 高防 | 搞仿 | 高fang | gao仿 | G仿 | 高亻方 | 高f | 高.仿 | 高 仿
            髙仿 | 髙彷 | 糕仿 | 高放 | 镐仿 | 高倣 | gf货 | GF版 | 精彷 | 精访 | 京仿
            精fang | 复克 | 覆刻 | 復刻 | fu刻 | 复ke | 副刻 | 复科 | 复k | fk版 | 複刻
            福刻 | 复🔪 | 莆tian | pu田 | 甫田 | 葡田 | 莆畑 | 浦田 | p田 | PT货 | pt纯原
            莆🈺 | 铺田 | 莆甜 | 1比1 | 一:一 | 1b1 | ①:① | ①比① | 1：1 | 1∶1 | 壹比壹
            1 : 1 | 1;1 | 1/1 | 1＊1 | 一比1 | yi比一 | 伊比伊 | 1毕1 | A huo | a貨 | A💰
            Ａ貨 | A伙 | 𝐀货 | 🅰货 | A.货 | 超🅰 | 超ａ | 潮A | 朝A货 | dǐng级 | 顶級 | 顶j
            丁级 | 钉级复k | 纯元 | 纯原PT | 仿p | fang品 | 彷品 | 亻方品 | 纺品 | 方品同款
            三寨 | 山zhai | 扇寨 | N🏭 | Ⓝ厂 | 恩厂 | n.c复k | vs🏭 | V$厂 | ZF🏭 | cle@n厂
            莆★田 | 复❤刻 | 高⭐仿 | 高丶仿 | 莆丨田
        """
    ),
    "en": _items(
        """
            rep1ica | repl1ca | r3plica | repIica | re-plica | replicaa | r e p l i c a
            rep.lica | replika | replca | rеplica | rерliса | ʀᴇᴘʟɪᴄᴀ | 𝐫𝐞𝐩𝐥𝐢𝐜𝐚
            ｒｅｐｌｉｃａ | r*plica | repl!ca | reppz | r3ps | rep$ | repz 1.1 | R E P
            r.e.p. | ʳᵉᵖ | sup3rfake | supafake | super f@ke | s.u.p.e.r.f.a.k.e
            super fak3 | supr fake | ѕuреrfаkе | super f4ke | 5uper fake | superfayk
            mirr0r quality | m!rror copy | mirr or 1.1 | miror qlty | ᴍɪʀʀᴏʀ ǫᴜᴀʟɪᴛʏ
            mirr*r | 1st c0py | f1rst copy | frst copy | 1st cpy | first c o p y
            m@ster copy | master c0py | mastr cpy | 7 A | 7-A | ７Ａ | seven A quality
            A.A.A | A A A | ＡＡＡ | ᴀᴀᴀ | triple A | 3xA | A+A+A+ | 🅰🅰🅰 | Ⓐⓐⓐ | АAА
            1:l | l:l | 1.1 | 1/1 | 1;1 | 1 to 1 | one to one | one:one | 1 : 1 | ①:①
            1⃣:1⃣ | １：１ | 𝟭:𝟭 | kn0ckoff | knock 0ff | k n o c k o f f | cl0ne | c1one
            c l o n e | супер клон | U/A | u.n.a.u.t.h | fakie | f@ke | f a k e | fаkе
            duplic@te | c0py | c o p y | ⒈:⒈ copy
        """
    ),
    "es": _items(
        """
            repl1ca | r3plica | répl1ca | r.é.p.l.i.c.a | replik | RÉPLlCA | cl0n | c.l.o.n
            cl*n | A.A.A | triple a | 1.1 | 1;1 | calidad esp3jo | espej0 | imitaci0n | AA A
            réplik AAA
        """
    ),
    "id": _items(
        """
            K W | k.w super | KW5 | kws premium | m1rror | mirr0r | mirorr 1.1 | repIika
            k-w | grade 0ri | gr4de ori | K.W.1 | 🅺🆆 super | kaweh super | ＫＷ
        """
    ),
}

#: Coded names: brand -> code names, for Chinese shops.
NICKNAMES_ZH: tuple[tuple[str, str, str], ...] = _coded(
    """
    Louis Vuitton : bag : 驴牌 | 驴家 | 老驴 | L家老花 | 驴包
    Louis Vuitton : wallet : 大驴
    Chanel : bag : 小香 | 香家
    Chanel : wallet : 香奶奶
    Chanel : jewel : 双C家
    Chanel : shoes : 小香家
    Nike : shoes : 大勾 | 大勾子 | 对勾 | N勾
    Nike : clothes : 勾勾家
    Adidas : shoes : 三叶草 | 三道杠 | 三杠
    Adidas : clothes : 阿迪王子三条杠
    Gucci : bag : G家 | 古家
    Gucci : belt : 双G
    Gucci : shoes : 咕叽
    Hermes : bag : H家 | 马家 | 橙盒子家
    Hermes : belt : 爱家马车
    Prada : bag : P家 | 倒三角家
    Prada : wallet : 普家
    Dior : bag : D家 | CD家
    Dior : shoes : 迪家
    Fendi : bag : 芬家 | 小怪兽家
    Fendi : belt : F家双F
    Balenciaga : shoes : 巴黎家 | B家老爹鞋
    Balenciaga : bag : 黎家
    Bottega Veneta : bag : BV家编织 | 编织家
    Saint Laurent : bag : 杨树林 | Y家
    Celine : bag : 赛家 | 瑟琳家
    Burberry : clothes : 巴宝莉家战马 | 格子家
    Loewe : bag : 罗家
    Valentino : shoes : V家铆钉
    Valentino : bag : 瓦家
    Versace : belt : 美杜莎
    Goyard : bag : 狗牙 | 狗牙家
    Moncler : clothes : 蒙口 | 蒙家
    Canada Goose : clothes : 大鹅 | 加鹅
    Stone Island : clothes : 石岛
    Coach : bag : 蔻家 | 马车牌
    Michael Kors : bag : MK家
    Christian Louboutin : shoes : 红底鞋 | CL红底
    Golden Goose : shoes : 小脏鞋
    Alexander McQueen : shoes : 麦昆
    Rolex : watch : 绿水鬼 | 黑水鬼 | 劳家 | 老劳 | 皇冠表
    Omega : watch : 欧家海马
    Patek Philippe : watch : PP鹦鹉螺
    Audemars Piguet : watch : AP皇橡
    Cartier : jewel : 卡家
    Cartier : watch : 蓝气球
    Tiffany : jewel : T家 | 蒂家
    Van Cleef & Arpels : jewel : 梵家四叶草 | 四叶草VCA
    Bvlgari : jewel : 宝家蛇骨
    Pandora : jewel : 潘家
    Swarovski : jewel : 施家天鹅
    Chrome Hearts : jewel : 克心
    Vivienne Westwood : jewel : 西太后
    Yeezy : shoes : 椰子350 | 满天星椰子
    Jordan : shoes : 乔1 | 飞人
    New Balance : shoes : N字鞋 | NB家
    Arc'teryx : clothes : 死鸟 | 鸟家
    The North Face : clothes : 北脸 | TNF
    Lululemon : clothes : 露露家
    Bape : clothes : 猿人头
    Comme des Garcons : clothes : 川久家
    Apple : phone : 水果机 | 🍎
    Apple : earphone : 果子家 | 水果牌
    Huawei : phone : 菊花厂
    Xiaomi : phone : 粗粮
    Samsung : phone : 三桑
    Sony : earphone : 大法
    Beats : earphone : 魔声B字
    Dyson : appliance : 大森家
    MAC : beauty : 子弹头口红M家
    Estee Lauder : beauty : 雅诗家
    La Mer : beauty : 贵妇蓝谜
    SK-II : beauty : SK家神仙水
    """
)

NICKNAMES_EN: tuple[tuple[str, str, str], ...] = _coded(
    """
    Louis Vuitton : bag : L.V | LV | elvee
    Louis Vuitton : wallet : Louis V
    Louis Vuitton : belt : L*V
    Gucci : belt : GG
    Gucci : bag : Guccy | double G
    Gucci : shoes : G@@
    Chanel : bag : CC
    Chanel : jewel : Coco CC
    Chanel : wallet : C C logo
    Hermes : belt : H logo
    Hermes : bag : Mr H
    Prada : bag : Prad
    Dior : bag : CD
    Dior : shoes : D!0r girl
    Balenciaga : shoes : Balenci | BB
    Saint Laurent : bag : YSL | Y.S.L
    Bottega Veneta : bag : BV
    Michael Kors : bag : MK
    Michael Kors : wallet : M.K.
    Dolce & Gabbana : belt : D&G
    Rolex : watch : Rollie | Rlx | crown watch
    Audemars Piguet : watch : AP
    Patek Philippe : watch : PP
    Richard Mille : watch : RM
    Van Cleef & Arpels : jewel : VCA
    Chrome Hearts : jewel : CH cross
    Nike : shoes : swoosh | N1k3 swsh
    Adidas : shoes : 3 stripes
    Adidas : clothes : tre stripes
    Jordan : shoes : J's retro | Jumpman
    Yeezy : shoes : Yzy | Yz 350
    New Balance : shoes : NB
    Ray-Ban : eyewear : RB | R.B.
    The North Face : clothes : TNF
    Canada Goose : clothes : CG parka
    Lululemon : clothes : Lulu
    Tiffany : jewel : T&Co
    Apple : phone : 🍎
    Apple : earphone : Appl
    Christian Louboutin : shoes : red bottoms
    Golden Goose : shoes : GGDB
    Calvin Klein : clothes : CK
    Ralph Lauren : clothes : RL
    """
)

#: Model lines that name the brand without naming it: (brand, model, kind of goods).
MODELS_EN: tuple[tuple[str, str, str], ...] = _coded(
    """
    Louis Vuitton : bag : Neverfull MM | Speedy 25 | Pochette Metis | Keepall 50 | OnTheGo | Alma BB
    Hermes : bag : Birkin 30 | Kelly 28 | Constance
    Hermes : shoes : Oran
    Dior : bag : Lady D-Lite | Book Tote
    Dior : perfume : Sauvage
    Dior : shoes : B23
    Chanel : bag : 2.55 flap | Classic Flap CF | Boy bag
    Chanel : perfume : Coco Mademoiselle
    Gucci : bag : Marmont | Dionysus | Jackie 1961 | Ophidia
    Gucci : shoes : Ace Bee sneaker
    Fendi : bag : Peekaboo | Baguette
    Prada : bag : Re-Edition 2005 | Galleria
    Balenciaga : shoes : Triple S | Speed Trainer
    Balenciaga : bag : Le Cagole
    Bottega Veneta : bag : Cassette | Jodie
    Celine : bag : Triomphe
    Loewe : bag : Puzzle
    Saint Laurent : bag : Loulou | Sac de Jour
    Givenchy : bag : Antigona
    Goyard : bag : Saint Louis PM
    Valentino : shoes : Rockstud
    Christian Louboutin : shoes : So Kate
    Nike : shoes : AF1 | Dunk Low Panda | Air Max 97 | VaporMax
    Jordan : shoes : AJ1 | AJ4 Military Black | Retro 11 | Travis Scott low
    Yeezy : shoes : 350 V2 Zebra | Foam Runner
    Adidas : shoes : Ultraboost | Stan Smith | Samba OG
    New Balance : shoes : 2002R | 990v5
    Converse : shoes : Chuck 70
    Rolex : watch : Submariner | Daytona | Datejust 41 | GMT Master II Pepsi | Day-Date
    Omega : watch : Speedmaster | Seamaster 300
    Patek Philippe : watch : Nautilus 5711 | Aquanaut
    Audemars Piguet : watch : Royal Oak
    Cartier : watch : Ballon Bleu
    Cartier : jewel : Love bracelet | Juste un Clou
    Hublot : watch : Big Bang
    Breitling : watch : Navitimer
    Panerai : watch : Luminor
    Van Cleef & Arpels : jewel : Vintage Alhambra
    Bvlgari : jewel : Serpenti | B.zero1
    Ray-Ban : eyewear : Wayfarer RB2140 | Clubmaster
    Apple : earphone : AirPods Pro 2
    Apple : phone : iPhone 15 Pro Max
    Samsung : phone : Galaxy S23 Ultra
    Samsung : earphone : Galaxy Buds2 Pro
    Bose : earphone : QC45
    Sony : earphone : WH-1000XM5
    Dyson : appliance : Airwrap | Supersonic
    The North Face : clothes : Nuptse 700
    Moncler : clothes : Maya
    Canada Goose : clothes : Expedition Parka
    Supreme : clothes : Box Logo hoodie
    Bape : clothes : Shark hoodie
    Pop Mart : toy : Labubu
    """
)

MODELS_ZH: tuple[tuple[str, str, str], ...] = _coded(
    """
    Louis Vuitton : bag : 老花Neverfull | Speedy枕头包
    Hermes : bag : 铂金包 | 凯莉包 | 康康包 | 菜篮子
    Dior : bag : 戴妃包 | 马鞍包 | 蒙田30
    Chanel : bag : CF口盖包 | 流浪包 | Leboy
    Gucci : bag : 酒神包 | 马衔扣1955
    Gucci : shoes : 小脏鞋小蜜蜂
    Fendi : bag : 法棍包
    Celine : bag : 凯旋门包 | 笑脸包
    Loewe : bag : 菜篮包
    Balenciaga : bag : 机车包
    Balenciaga : shoes : 三代老爹鞋
    Nike : shoes : 空军一号 | AF1小白鞋 | 熊猫Dunk
    Jordan : shoes : AJ1倒钩 | AJ4黑猫 | AJ11大魔王
    Yeezy : shoes : 350V2满天星
    Adidas : shoes : 贝壳头 | 德训鞋Samba
    New Balance : shoes : 990V5元祖灰
    Rolex : watch : 绿水鬼116610 | 迪通拿 | 日志41
    Omega : watch : 海马300
    Patek Philippe : watch : 鹦鹉螺5711
    Audemars Piguet : watch : 皇家橡树15400
    Cartier : watch : 蓝气球33mm
    Cartier : jewel : LOVE手镯 | 钉子手镯
    Bvlgari : jewel : 蛇骨项链
    Van Cleef & Arpels : jewel : 五花手链
    Apple : earphone : AirPods Pro二代 | 华强北洛达AirPods三代
    Apple : phone : iPhone15ProMax
    Dyson : appliance : HD15吹风机 | Airwrap卷发棒
    SK-II : beauty : 神仙水230ml
    Estee Lauder : beauty : 小棕瓶七代
    Lancome : beauty : 小黑瓶
    La Mer : beauty : 经典面霜60ml
    The North Face : clothes : 1996羽绒服
    Arc'teryx : clothes : AlphaSV冲锋衣
    Moncler : clothes : Maya羽绒服
    Canada Goose : clothes : 远征羽绒服
    """
)

#: Plain ways to ask for contact elsewhere: {id} is an account, {phone} a number.
CONTACT_PLAIN: dict[str, tuple[str, ...]] = {
    "zh": _items(
        """
            咨询加微信：{id} | 看实拍加微信{id} | 更多款式加微信 {id} | 微信号{id}
            微信同号{phone} | QQ：{qq} | 加QQ{qq}看图册 | 批发代理加微信{id}
            下单联系电话{phone} | 拍前加微信{id} | 微信{phone} 一件代发 | 公众号搜{id}
            进群加微信{id}
        """
    ),
    "en": _items(
        """
            WhatsApp {phone} | order on whatsapp {phone} | WeChat: {id}
            contact us on Telegram @{id} | more pics WhatsApp {phone}
            wechat id {id} for catalog | telegram {id} | call {phone}
            DM telegram @{id} for price list | email {id}@gmail.com
            whatsapp me {phone} for more models
        """
    ),
    "es": _items(
        """
            WhatsApp {phone} | pedidos por whatsapp {phone} | catálogo por Telegram @{id}
            mas modelos al whatsapp {phone}
        """
    ),
    "id": _items(
        """
            Order WhatsApp {phone} | chat wa {phone} | katalog telegram @{id}
            WA {phone} utk katalog
        """
    ),
    "th": _items(
        """
            แอดไลน์ {id} | Line ID: {id} | ทักไลน์ @{id} ดูแบบเพิ่ม
        """
    ),
    "vi": _items(
        """
            Zalo {phone} | ib zalo {phone} xem mẫu | liên hệ Telegram @{id}
        """
    ),
}

#: Channels in disguise, as typed, for Chinese shops; {id} follows.
CHANNELS_ZH: tuple[str, ...] = _items(
    """
        威信 | 薇信 | 徽信 | 嶶信 | 微芯 | 薇芯 | 威芯 | 维信 | 维❤ | 唯信 | 溦信 | 微x
        微xin | wei信 | weixin | wei xin | V信 | v❤ | V芯 | ✌信 | VX | vx | V X | v.x | ⓥⓧ
        ｖｘ | W❤ | wx | WX | w x | 𝐯𝐱 | 卫星 | 卫❤ | 微心 | 微❤ | 薇❤ | 徽❤ | 微.信 | 微/信
        微 信 | 微★信 | 微丶信 | 薇-信 | 薇，信 | 威，信 | 徵信 | 危心 | 薇星 | ➕V | ➕v❤
        ➕薇 | ➕微 | ➕威 | +V | +vx | +薇 | +w | 加V | 加v | 加薇 | 加威 | 加徽 | 佳V
        佳薇 | 嘉微 | 嘉威 | 茄薇 | 伽V | 家薇 | 架微 | +VX同号 | 加我薇 | 力口微 | 力口V
        扣扣 | 扣️扣️ | 抠抠 | 球球 | 秋秋 | 企鹅 | 🐧 | 企鹅号 | Q号 | 加q | ➕q | qq裙
        扣群 | Ｑ　Ｑ | ⓠⓠ | Q.Q | 小企鹅 | 叩叩 | 鹅厂号 | TG | ✈️号 | 纸飞机 | 电报
        小飞机 | 飞机 | 💬 | 绿色软件 | 绿泡泡 | 绿泡 | 某信 | 公灬众灬呺 | 公从号 | 宫众号
        工仲号 | GZH
    """
)
CHANNELS_EN: tuple[str, ...] = _items(
    """
        whats app | what's app | watsapp | wats app | wtsapp | whatsap | w.h.a.t.s.a.p.p
        whats@pp | wh4tsapp | ᴡʜᴀᴛsᴀᴘᴘ | 𝐖𝐡𝐚𝐭𝐬𝐚𝐩𝐩 | W h a t s A p p | W/A | W.A | wa | WA
        🅆🄰 | ｗｈａｔｓａｐｐ | whаtsаpp | whatzap | wazzap | whts ap | green app | 📲
        📞wa | we chat | wechet | w3chat | VX | wеchat | we-chat | w e c h a t | wecht
        tele gram | t3legram | telegrm | tlgrm | TG | tg @ | t.me/ | t dot me slash
        t e l e | ᴛᴇʟᴇɢʀᴀᴍ | teIegram | te1egram | ✈️ @ | ig @ | insta dm | ins: | snap
        kik me | g mail | line id | L!NE | sig nal | D!scord | disc0rd | viber no
    """
)
#: Sentences around a disguised channel; {ch} channel, {id} what follows.
CONTACT_FRAMES: dict[str, tuple[str, ...]] = {
    "zh": _items(
        """
            {ch}{id} | {ch}：{id} | 咨询{ch} {id} | 看实拍{ch}{id} | 更多款式{ch}:{id}
            拍前{ch}{id} | 批发代理{ch}{id} | 细节图{ch}→{id} | 不懂问{ch}{id}
            {ch}（{id}） | 一手货源{ch} {id} | 要同款{ch}{id} | 店铺没上架的{ch}{id}
        """
    ),
    "en": _items(
        """
            {ch} {id} | {ch}: {id} | order {ch} {id} | more pics {ch} {id}
            contact {ch} {id} | catalog on {ch} {id} | text {ch} {id} b4 order
            pm {ch} {id} | price list {ch} {id}
        """
    ),
    "es": _items(
        """
            {ch} {id} | pedidos {ch} {id} | catálogo {ch} {id} | info {ch} {id}
        """
    ),
    "id": _items(
        """
            {ch} {id} | order {ch} {id} | katalog {ch} {id} | chat {ch} {id}
        """
    ),
    "th": _items(
        """
            {ch} {id} | ทัก {ch} {id}
        """
    ),
    "vi": _items(
        """
            {ch} {id} | ib {ch} {id}
        """
    ),
}

#: Title patterns for goods that the Chinese title set lacks (it is office and electronics goods).
TITLES_ZH: dict[str, tuple[str, ...]] = {
    "shoes": _items(
        """
            新款男鞋低帮板鞋百搭小白鞋透气运动休闲鞋 36-45码
            女鞋厚底增高老爹鞋春秋新款网红ins潮
            情侣款缓震跑步鞋网面透气男女同款 黑白配色 39-44
            高帮篮球鞋实战耐磨防滑学生运动鞋 全码现货
            真皮乐福鞋女一脚蹬平底单鞋软底舒适 35-40 | 男士休闲皮鞋头层牛皮商务正装软底
            拖鞋女外穿夏季一字拖海边沙滩平底 | 透气袜子鞋男女弹力透气飞织运动鞋
            高跟鞋女细跟尖头性感婚鞋 8cm 10cm | 复古慢跑鞋男女同款麂皮拼接阿甘鞋
            板鞋男春季潮流休闲鞋 送鞋盒袜子 支持退换 | 马丁靴女英伦风短靴真皮厚底
        """
    ),
    "bag": _items(
        """
            女包新款链条单肩斜挎包真皮小方包 | 托特包大容量通勤手提包女印花老款购物袋
            水桶包女迷你百搭单肩包牛皮抽绳 | 男士手包真皮商务大容量信封包
            双肩包男女同款大容量书包旅行背包 防泼水 | 菱格链条包小羊皮女包 配礼盒防尘袋
            腋下包女复古百搭单肩 ins高级感 | 胸包男潮牌斜挎包运动腰包
            真皮手提包女定型包锁扣 25 30 两个尺寸 | 编织包女手工云朵包大容量手拎
            邮差包男单肩斜挎小包帆布配皮
        """
    ),
    "clothes": _items(
        """
            短袖T恤男女同款纯棉宽松圆领印花 S-XXL | 连帽卫衣男春秋款加绒宽松情侣装潮牌刺绣
            羽绒服男女冬季短款加厚90白鹅绒 工装连帽 | Polo衫男夏季珠地棉翻领短袖绣标
            牛仔裤男修身弹力直筒休闲长裤 | 防晒衣女轻薄透气户外皮肤衣
            冲锋衣男女三合一防水防风户外登山服 | 瑜伽裤女高腰提臀裸感紧身运动裤
            针织开衫女撞色短外套秋冬 | 运动套装男春秋休闲两件套 立领拉链
            衬衫男长袖商务免烫修身格子 | 大衣女双面羊绒中长款系带
        """
    ),
    "watch": _items(
        """
            全自动机械表男士夜光防水钢带手表 41mm | 女表石英镶钻时尚小表盘皮带腕表
            男表多功能三眼计时 蓝宝石镜面 精钢 | 机械表男镂空陀飞轮真皮表带 316精钢
            潜水表男陶瓷圈日历 自动机芯 40mm | 情侣对表超薄防水石英 送礼盒
            女士手表玫瑰金贝母面钢带 33mm | 运动手表男硅胶带大表盘计时
            商务男表日历月相 进口机芯
        """
    ),
    "jewel": _items(
        """
            925银项链女锁骨链气质送女友礼物 | 18K玫瑰金手镯女 不掉色 情人节礼盒
            钛钢戒指情侣对戒男女 刻字 | 耳钉女925银针气质镶钻小众 | 红玉髓手链女 S925镀金
            手串男女银饰复古十字架项链 | 满钻手链女轻奢小众 礼盒装 | 珍珠项链女土星锁骨链
        """
    ),
    "belt": _items(
        """
            男士皮带头层牛皮平滑扣商务腰带 3.5cm | 女士皮带真皮细款装饰双环扣 配裙子
            腰带男板扣牛皮质感 105-125cm 礼盒 | 双面可用皮带男 黑/咖 金银扣
        """
    ),
    "wallet": _items(
        """
            女士钱包长款拉链真皮手拿包多卡位 | 男士短款钱包真皮横款钱夹 礼盒装
            卡包女小巧真皮零钱包 配盒子 | 护照夹真皮机票夹证件包
        """
    ),
    "eyewear": _items(
        """
            太阳镜女大框偏光防紫外线墨镜 网红款 | 墨镜男开车偏光飞行员蛤蟆镜
            近视眼镜框男女素颜大框 可配度数 | 太阳眼镜男女板材方框复古 送镜盒
        """
    ),
    "perfume": _items(
        """
            女士香水持久淡香 50ml 100ml 送礼 | 男士香水古龙淡香水木质调 100ml
            小样香水三件套礼盒 便携 7.5ml*3 | 浓香水 EDP 女花果香 全新未拆
        """
    ),
    "beauty": _items(
        """
            口红礼盒女不掉色保湿哑光 正红色 | 面霜补水保湿紧致淡纹 50ml
            精华液修护抗皱肌底液 30ml 50ml | 气垫BB霜遮瑕持久不脱妆 送替换芯
            眼霜淡化黑眼圈细纹 15ml | 散粉定妆持久控油蜜粉饼 | 粉底液遮瑕保湿自然色 30ml
            眼影盘大地色哑光珠光 12色
        """
    ),
    "hat": _items(
        """
            棒球帽男女刺绣鸭舌帽百搭遮阳 | 毛线帽秋冬男女冷帽针织 | 渔夫帽女双面可戴防晒
        """
    ),
    "phone": _items(
        """
            5G全网通大屏智能手机 256G 学生机 | 手机全新未拆封 12+512G 双卡双待
            智能手机美版无锁 95新 128G
        """
    ),
    "earphone": _items(
        """
            无线蓝牙耳机主动降噪入耳式 原装弹窗 空间音频
            头戴式蓝牙耳机重低音降噪 续航60小时 | 真无线耳机 双耳运动 定位改名
        """
    ),
    "appliance": _items(
        """
            吹风机家用负离子速干大功率不伤发 | 卷发棒自动八合一 礼盒装
            无线吸尘器家用大吸力手持
        """
    ),
    "toy": _items(
        """
            盲盒手办摆件全套 未拆袋确认款 | 积木拼装益智玩具成人高难度跑车模型
            毛绒公仔挂件搪胶 钥匙扣
        """
    ),
    "luggage": _items(
        """
            拉杆箱铝镁合金行李箱万向轮 20寸登机箱 26寸 | 行李箱男女密码箱防刮耐摔
        """
    ),
    "bottle": _items(
        """
            保温杯大容量吸管杯1.18L 不锈钢冰霸杯 | 运动水杯车载保冷杯
        """
    ),
    "pen": _items(
        """
            签字笔商务宝珠笔礼盒装 刻字 | 钢笔学生练字成人书写礼品笔
        """
    ),
    "charger": _items(
        """
            充电器20W快充头 PD原装数据线套装 | 数据线快充 1米 2米
        """
    ),
    "storage": _items(
        """
            U盘128G高速USB3.0 金属 | 内存卡256G高速存储卡TF卡
        """
    ),
    "mouse": _items(
        """
            无线鼠标办公游戏双模静音充电 | 电竞鼠标有线宏编程RGB
        """
    ),
    "ink": _items(
        """
            打印机墨盒黑色彩色四色套装大容量 | 墨水原装连供四色
        """
    ),
}

#: What sellers write below the title; says nothing.
DESCRIPTIONS: dict[str, tuple[str, ...]] = {
    "zh": _items(
        """
            实物拍摄，支持七天无理由 | 现货秒发，尺码标准，有问题联系客服 | - | -
            质量保证，全套包装 | 下单备注尺码颜色
        """
    ),
    "en": _items(
        """
            Ready stock, ships within 24h. Please leave your size in the note. | - | -
            100% brand new, comes with box.
            Please allow 1-2cm difference due to manual measurement.
        """
    ),
    "es": _items(
        """
            Disponible, envío inmediato | - | Con caja. Pregunta por tu talla
        """
    ),
    "id": _items(
        """
            Ready stock, langsung order kak | - | Bisa COD, fullset box
        """
    ),
    "th": _items(
        """
            พร้อมส่ง ของอยู่ไทย | -
        """
    ),
    "vi": _items(
        """
            Hàng có sẵn, ship COD toàn quốc | -
        """
    ),
}
