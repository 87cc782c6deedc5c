"""The words of the guide, in both languages."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

TEXTS: Final = Catalogue(
    {
        "guide.title": ("Five stories in this market", "本市场中的五个故事"),
        "guide.lead": (
            (
                "The market is made, what goes wrong in it is planted, and the desks have found it by themselves. "
                "Follow a story from page to page; keys 1 to 5 open its next step."
            ),
            "市场由程序生成，问题预先埋入，由各业务台自行发现。可逐页跟随每个故事；按数字键1至5打开其下一步。",
        ),
        "guide.wait": ("The desks are still looking …", "各业务台仍在查找……"),
        "guide.close": ("Close the guide", "关闭导览"),
        "guide.open": ("Show the guide", "显示导览"),
        "guide.again": ("Begin again", "重新开始"),
        "guide.next": ("Next", "下一步"),
        "guide.back": ("All stories", "全部故事"),
        "guide.done": ("seen", "已看"),
        "guide.over": ("That was the whole story.", "故事到此结束。"),
        "guide.fake": ("Catch the fake", "抓住假货"),
        "guide.fake.1": (
            "A brand in disguise: each word that gave it away, with its weight",
            "伪装的品牌：每个破绽及其权重",
        ),
        "guide.fake.2": ("All that is known of this listing, across desks", "各业务台对该商品所知的一切"),
        "guide.fake.3": ("The case: take it, decide by a clause", "案件：领取并依据条款裁定"),
        "guide.fake.4": ("What was removed before anybody had bought it", "售出前即被下架的商品"),
        "guide.night": ("Stop the coupon night", "阻止优惠券之夜"),
        "guide.night.1": ("The campaign that stopped itself, and its gauges", "自动叫停的活动及其仪表"),
        "guide.night.2": ("Where the coupons went, and the plan of remedies", "优惠券流向与补救方案"),
        "guide.night.3": ("The ring, told apart from people who took one in good faith", "团伙，与善意领取者区分开来"),
        "guide.night.4": ("What a look before launch would have said", "上线前检查本会给出的结论"),
        "guide.reviewer": ("Protect the reviewer", "保护评价者"),
        "guide.reviewer.1": ("Critics who were called, and whose reviews vanished", "差评者接到来电，评价随后消失"),
        "guide.reviewer.2": ("The store behind it", "背后的店铺"),
        "guide.reviewer.3": ("The hired team that logs in to unrelated stores", "登录多家无关店铺的受雇团队"),
        "guide.reviewer.4": ("Reviews that wait until nobody can guess their author", "待无人能猜出作者时再发布的评价"),
        "guide.crawler": ("Find the crawler", "找出爬取者"),
        "guide.crawler.1": (
            "A reader known by whom he covers, not by how fast he goes",
            "以覆盖人群而非速度识别的访问者",
        ),
        "guide.crawler.2": ("His curve of coverage, against honest readers", "其覆盖曲线与正常访问者的对比"),
        "guide.crawler.3": ("A record that nobody should ever have read", "一条本不该有人读取的记录"),
        "guide.crawler.4": ("What was done about it", "已采取的措施"),
        "guide.clerk": ("Who closed that case?", "谁结了那个案子？"),
        "guide.clerk.1": ("Take the next case, and close it with a reason", "领取下一个案件，并附理由结案"),
        "guide.clerk.2": (
            "Your name in the log; check the entry in the browser",
            "日志中有您的名字；可在浏览器中核验该条目",
        ),
        "guide.clerk.3": (
            "Who stands out beside colleagues; the auditor alone sees it",
            "与同事相比表现异常者；仅审计员可见",
        ),
        "guide.clerk.4": ("The year's figures, each with its rows", "年度指标，每项均有明细"),
    }
)
