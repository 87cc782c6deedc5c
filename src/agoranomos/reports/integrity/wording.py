"""The words of the report, in English and Chinese: chapters, figures, what each figure means."""

from __future__ import annotations

from typing import Final

from agoranomos.web.i18n import Catalogue

CHAPTERS: Final = {
    "goods": ("Nothing fake on the shelf", "货架无假货"),
    "sellers": ("Who does wrong, and what comes of it", "违规者与处理结果"),
    "answers": ("Answers", "答复与复核"),
    "money": ("Money", "资金"),
    "guards": ("Promotions, reviews, data", "促销、评价与数据"),
}
NAMES: Final = {
    "fake_returns": ("Returns for suspected fakes, per 10,000 returns", "每万笔退货中的疑假退货"),
    "removed_before_sale": ("Our own removals, made before any sale", "主动下架中售出前下架的比例"),
    "found_ourselves": ("Listings that we found first", "主动发现的商品"),
    "reported_by_holders": ("Listings that rights holders reported", "权利人通知的商品"),
    "found_first": ("Found by us rather than reported", "主动发现占比"),
    "missed": ("Fakes among goods that nobody had doubted", "未受怀疑商品中的假货率（估计）"),
    "testbuy_cost": ("Cost of test buys", "抽检费用"),
    "stores_closed": ("Stores closed for violations", "因违规关闭的店铺"),
    "referrals_sent": ("Matters referred to authorities", "移送有关机关的事项"),
    "referrals_accepted": ("Referrals accepted", "获受理的移送"),
    "authorities_cases": ("Cases that authorities opened", "有关机关立案数"),
    "suspects": ("Suspects, as authorities reported", "有关机关通报的涉案嫌疑人"),
    "convicted": ("Convicted", "被定罪人数"),
    "complaints_answered": ("Complaints and appeals answered", "投诉与申诉答复率"),
    "decision_time": ("Time to a decision", "裁定用时"),
    "overturned": ("Decisions overturned", "决定被撤销的比例"),
    "money_at_risk": ("Money at risk", "风险金额"),
    "money_frozen": ("Money put into escrow", "冻结金额"),
    "money_returned": ("Returned to buyers", "已退还买家"),
    "charged_to_stores": ("Charged to stores", "由店铺承担"),
    "money_recovered": ("Recovered by authorities", "有关机关追回"),
    "checks_stopped": ("Checks that warned or stopped", "警示或拦截的检查"),
    "campaigns_stopped": ("Campaigns stopped", "叫停的促销活动"),
    "readers_stopped": ("Readers of user data slowed or stopped", "受限的数据访问者"),
    "reviews_held": ("Reviews held for anonymity", "为保护匿名而暂缓的评价"),
}
MEANINGS: Final = {
    "fake_returns": (
        "Of all return requests of the period, those with the reason “suspected fake”, times 10,000.",
        "该时段内全部退货申请中，以“疑似假货”为由的申请数乘以10,000。",
    ),
    "removed_before_sale": (
        (
            "Listings whose removal was asked of the marketplace and not taken back, and did not rest on a rights "
            "holder's notice; of these, the share of which no order is known from before the removal. Orders are "
            "known for as long as the policy of redress keeps them."
        ),
        "已交由平台执行、未撤回且并非基于权利人通知的下架；其中下架前没有任何已知订单的比例。订单仅在补救政策规定的保存期内可查。",
    ),
    "found_ourselves": (
        (
            "Listings about which a live detector or rule of the goods desk first said something at a score of "
            "0.5 or more in the period, before any complete notice named them. Each listing counts once."
        ),
        "该时段内，商品部门正式启用的检测器或规则首次给出0.5分及以上、且此前无任何完整权利人通知涉及的商品；每件只计一次。",
    ),
    "reported_by_holders": (
        "Listings that a complete notice of a rights holder named for the first time in the period.",
        "该时段内首次被完整的权利人通知涉及的商品。",
    ),
    "found_first": (
        "Listings that we found first, of these and the listings that rights holders reported.",
        "主动发现的商品占主动发现与权利人通知商品之和的比例。",
    ),
    "missed": (
        (
            "The share of fakes among listings on sale about which nobody had said anything when samples were "
            "drawn, estimated from test buys drawn by chance with known chances (Horvitz and Thompson; a ratio in "
            "each stratum), with its 95 % interval. Several plans are averaged by their clear verdicts."
        ),
        "抽样时在售且无人质疑的商品中假货所占比例，由按已知概率随机抽取的抽检结果估计（Horvitz–Thompson，分层比率估计），附95%置信区间；多次抽检按有效结论数加权平均。",
    ),
    "testbuy_cost": (
        (
            "What test buys were booked with in the period, lost ones included; of purchases planned elsewhere, "
            "what their appraisals say."
        ),
        "该时段内抽检入账的费用，含遗失件；计划外的购买以鉴定结果所载费用为准。",
    ),
    "stores_closed": (
        "Closures that the marketplace told us of with the reason “violation”.",
        "平台告知的、以“违规”为由的关店。",
    ),
    "referrals_sent": (
        "Referrals whose package went to an authority in the period.",
        "该时段内向有关机关移交材料的事项。",
    ),
    "referrals_accepted": (
        "Referrals that an authority accepted in the period, whenever they were sent.",
        "该时段内获有关机关受理的移送，不论何时移送。",
    ),
    "authorities_cases": (
        "Cases that authorities reported to have opened because of referrals, by the day of their report.",
        "有关机关通报的因移送而立案的数量，按通报日计。",
    ),
    "suspects": (
        "People whom authorities reported to suspect because of referrals, by the day of their report.",
        "有关机关通报的因移送而查明的嫌疑人，按通报日计。",
    ),
    "convicted": (
        "People whom authorities reported to be convicted because of referrals, by the day of their report.",
        "有关机关通报的因移送而被定罪的人数，按通报日计。",
    ),
    "complaints_answered": (
        (
            "Of complete notices, appeals, reports of people and of authorities that came in in the period, the "
            "share that was decided by the time of this report."
        ),
        "该时段内收到的完整通知、申诉、个人举报和有关机关通报中，截至本报告已作出裁定的比例。",
    ),
    "decision_time": (
        (
            "From the opening of a case to its decision, of cases decided in the period: half of them took no "
            "longer, and nine of ten no longer than the second figure."
        ),
        "该时段内裁定的案件自立案至裁定的用时：半数案件不超过此值，九成不超过后一数值。",
    ),
    "overturned": (
        (
            "Of cases upheld in the period, the share that was overturned by the time of this report, on appeal "
            "or otherwise."
        ),
        "该时段内认定成立的案件中，截至本报告因申诉或其他原因被撤销的比例。",
    ),
    "money_at_risk": (
        (
            "What is to be expected to be lost when nobody looks, of cases opened in the period: probability, "
            "times money, times what of it cannot be made good. Where events named no money, the policy says how "
            "much."
        ),
        "该时段内立案案件在无人处理时的预期损失：概率×金额×不可挽回的比例；事件未载金额的，以政策规定为准。",
    ),
    "money_frozen": (
        "What was moved from the accounts of stores into escrow in the period, whatever became of it since.",
        "该时段内由店铺账户转入托管的金额，不论其后如何处理。",
    ),
    "money_returned": (
        "Refunds of recalls that began in the period and are paid.",
        "该时段内开始的召回中已支付的退款。",
    ),
    "charged_to_stores": (
        "Of these recalls, what was charged to the stores that sold the goods and is settled.",
        "上述召回中已由售出店铺承担并结清的金额。",
    ),
    "money_recovered": (
        "Money that authorities reported to have recovered because of referrals, by the day of their report.",
        "有关机关通报的因移送而追回的金额，按通报日计。",
    ),
    "checks_stopped": (
        "Of all checks answered in the period, the share whose outcome was warn, review, hold or decline.",
        "该时段内所有检查中，结果为警示、复核、暂缓或拒绝的比例。",
    ),
    "campaigns_stopped": (
        "Stops of campaigns that were asked of the marketplace in the period and not taken back.",
        "该时段内已交由平台执行且未撤回的叫停。",
    ),
    "readers_stopped": (
        "Readers of user data that were throttled or suspended in the period, by the actions asked for.",
        "该时段内被限速或暂停的数据访问者，按措施计。",
    ),
    "reviews_held": (
        "Reviews that were held in the period because their author could have been guessed.",
        "该时段内因可能被猜出作者而暂缓发布的评价。",
    ),
}

TEXTS: Final = Catalogue(
    {
        "title": ("Integrity report", "诚信报告"),
        "span": ("{first} to {last}", "{first} 至 {last}"),
        "against": ("Against {first} to {last}", "对比 {first} 至 {last}"),
        "zone": (
            "Days are those of {zone} and last from midnight to midnight there.",
            "日期以 {zone} 的日历日为准。",
        ),
        "known": (
            "What the store knew up to {until}; what was told or decided later is not in it.",
            "以系统截至 {until} 所知为准，其后的事件与裁定不在其内。",
        ),
        "nothing-known": ("The store knows of no event.", "系统中尚无任何事件。"),
        "made-by": ("Made by Agoranomos {version}.", "由 Agoranomos {version} 生成。"),
        "contents": ("Contents", "目录"),
        "summary": ("At a glance", "概览"),
        "figure": ("Figure", "指标"),
        "now": ("This period", "本期"),
        "before": ("The period before", "上期"),
        "change": ("Change", "变化"),
        "meaning": ("What it is", "指标定义"),
        "by-month": ("By month", "按月"),
        "month": ("Month", "月份"),
        "value": ("Value", "数值"),
        "part": ("in part", "不足整月"),
        "rows": ("The rows behind it", "对应明细"),
        "rows-all": ("All {count} are in {file}.", "全部 {count} 条见 {file}。"),
        "rows-none": ("There are none.", "无。"),
        "when": ("When", "时间"),
        "row": ("Id", "编号"),
        "about": ("About", "对象"),
        "what": ("What", "内容"),
        "counts": ("Counts", "是否计入"),
        "yes": ("yes", "是"),
        "no": ("no", "否"),
        "amount": ("Amount", "金额"),
        "none": ("–", "–"),
        "of": ("{count} of {of}", "{of} 中的 {count}"),
        "interval": ("95 % interval {low} to {high}", "95%置信区间 {low} 至 {high}"),
        "slow": ("nine of ten within {slow}", "九成不超过 {slow}"),
        "hours": ("{hours} h", "{hours} 小时"),
        "days": ("{days} days", "{days} 天"),
        "sampled": ("Known by a sample", "由抽样估计"),
        "counted-fully": ("Counted in full", "全量统计"),
        "same": ("as before", "持平"),
        "points": ("{by} points", "{by} 个百分点"),
        "statements": (
            (
                "{count} statements of reasons are beside this report, in the form of the EU's transparency "
                "database: statements.json and statements.csv."
            ),
            "本报告另附 {count} 份处理决定说明，采用欧盟透明度数据库格式：statements.json 与 statements.csv。",
        ),
        **{f"chapter.{name}": words for name, words in CHAPTERS.items()},
        **{f"name.{name}": words for name, words in NAMES.items()},
        **{f"meaning.{name}": words for name, words in MEANINGS.items()},
    }
)
