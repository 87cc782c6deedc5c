"""Pinyin without tones of the characters in our own tables (so that no library is needed)."""

from __future__ import annotations

_TABLE = """
a:啊阿 ai:哎嗳爱艾 an:安 ao:傲奥澳 ba:吧巴芭 bai:佰柏白百 ban:版班 bang:邦 bao:保宝葆薄
bei:倍北呗备蓓 ben:本 bi:彼比毕碧 bian:釆 biao:彪标髟 bo:伯勃博舶铂 bu:布步 cha:查 chang:厂
chao:超 cheng:城澄 chi:吃弛持池驰 chong:充 chu:出 chuan:川 chun:纯 ci:刾 da:哒大达迏
dai:代带戴襶黛 dan:丹单 dao:刀岛 de:德 deng:凳灯登 di:地帝廸敌笛第缔蒂迪 dian:电 die:蝶
ding:丁定顶 dong:东 du:杜 dui:兑对 dun:顿 duo:多朵舵 e:俄蛾鳄鹅 en:恩 er:儿兒尔 fa:法
fan:凡梵笵范 fang:仿妨放纺访防 fei:斐翡菲费飞 fen:分棻粉芬 feng:风 fu:付复夫福芙覆 ga:伽
gao:搞杲糕高髙 ge:哥戈格茖阁 gen:跟 gong:公工 gu:古咕谷骨 guai:怪 gui:柜鬼 guo:国果菓过 ha:哈
hai:海 hao:豪 he:呵 hu:昒虎 hua:华桦画花话 hui:徽惠 huo:火货 ji:几技玑积级纪记
jia:佳加嘉家甲稼笳茄 jian:坚检鉴 jiang:江 jie:杰芥 jin:晋金 jing:京精 jiu:久九 jue:爵 ka:佧卡咔
kai:凯开 ke:克刻剋可恪磕科 ken:肯 kou:口寇扣簆蔻 kuan:款 kuang:匡框筐 kun:昆 la:啦垃拉辣
lai:睐莱 lan:兰岚拦蓝 lang:朗浪 lao:劳崂捞牢老 le:乐了 lei:勒雷 li:丽俪利力历李栎梨理黎 lian:莲
lin:林琳 ling:灵玲 liu:流 long:珑龙 lu:潞璐路露 lun:仑伦沦轮 luo:啰洛箩罗骆 lv:榈 ma:玛马
mai:迈麦 man:曼 mao:贸 mei:美魅 meng:盟蒙 mi:咪米谜 mian:免棉缅面靣 ming:明 mo:模莫默 mou:某缪
mu:姆慕穆 na:拿纳 nai:乃奈奶柰耏耐 neng:能 ni:妮尼 nian:年 niao:鸟 nu:奴 ou:欧殴鸥 pai:派
pan:潘盼 pang:彷 pao:泡 pei:沛配 peng:朋 pi:皮 pin:品 ping:坪平苹萍 po:珀 pu:扑普朴浦莆葡蒲譜铺
qi:奇琦琪 qian:倩芊 qiao:乔侨桥 qin:琴 qing:晴清 qiu:丘 qun:群 ren:任 ri:日 rong:荣 ruan:耎
rui:瑞锐 sa:萨 sai:塞 san:三 se:瑟 sen:森 shai:酾 shan:山闪 she:佘舌蛇 shen:什深 sheng:圣生胜
shi:世仕使卋史士始式施时柿氏石诗 shou:受 si:丝司思恖斯 song:嵩送 suo:梭索 ta:他塔 tai:泰
tang:堂汤 te:特 tian:天添甜田畑 tie:铁 ting:廷 tong:彤 tou:头 tu:土途 wa:瓦 wai:外崴 wan:万
wei:为伪危威尾嶶微维葳薇韦 wen:文 wo:沃 wu:乌伍物 xi:希西 xia:夏 xian:贤 xiang:相香骧
xiao:小萧销 xie:歇泄 xin:伩信噺心新芯薪鑫馫 xing:星 xiu:秀 xuan:宣 xue:雪 ya:亚垭雅 yan:焱颜验
yang:仰昜 yao:堯杳 ye:业椰 yi:一亦依意易逸 you:油由 yu:宇玉雨鱼 yuan:原猿 yue:粤 zai:崽載
zhai:寨 zhan:占 zhao:兆 zhe:哲折晢浙 zhen:真 zheng:徵 zhi:之制支直芝质 zhong:冢塚 zhou:周妯舟
zhuan:专 zhuang:壮 zi:子资 zong:棕 zu:祖租组
"""

PINYIN: dict[str, str] = {
    char: sound for sound, chars in (entry.split(":") for entry in _TABLE.split()) for char in chars
}
