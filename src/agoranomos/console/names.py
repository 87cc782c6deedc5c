"""What the codes of findings and the queues of cases are called in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agoranomos.web.i18n import LANGUAGES, Language

FOUND: Final[Mapping[str, tuple[str, str]]] = {
    # Goods
    "goods.suspected_counterfeit": ("suspected counterfeit", "疑似假货"),
    "goods.suspected_diversion": ("leads buyers off the platform", "疑似站外引流"),
    "goods.suspected_borrowing": ("pictures of somebody else", "疑似盗用图片"),
    "goods.suspected_prohibited": ("suspected restricted goods", "疑似违禁品"),
    "goods.brand_disguised": ("brand in disguise", "品牌名伪装"),
    "goods.brand_left_out": ("model named, brand left out", "只写型号不写品牌"),
    "goods.brand_mismatch": ("brand field and title differ", "品牌与标题不符"),
    "goods.brand_nicknamed": ("brand by its nickname", "以绰号称品牌"),
    "goods.brand_not_authorised": ("seller not authorised by the brand", "未获品牌授权"),
    "goods.brand_shown": ("brand shown in the picture", "图片中出现品牌"),
    "goods.brands_stuffed": ("several brands stuffed into one title", "标题堆砌品牌"),
    "goods.coded_offer": ("offer in coded words", "暗语售卖"),
    "goods.contact_in_picture": ("contact in a picture", "图片含联系方式"),
    "goods.contact_in_text": ("contact in the text", "文字含联系方式"),
    "goods.copy_offered": ("a copy is offered", "公然售卖复刻品"),
    "goods.grade_named": ("grade of a copy named", "标注仿品等级"),
    "goods.licence_missing": ("licence missing", "缺少许可"),
    "goods.likeness_claimed": ("said to be like the brand", "自称与品牌相同"),
    "goods.not_genuine_admitted": ("admitted not to be genuine", "自认非正品"),
    "goods.origin_hinted": ("hint at where copies are made", "暗示仿品产地"),
    "goods.picture_of_known_fake": ("picture of a known fake", "图片与已知假货相同"),
    "goods.picture_shared": ("same picture in unrelated stores", "无关店铺共用图片"),
    "goods.seller_authorised": ("seller authorised by the brand", "已获品牌授权"),
    "goods.price_too_low": ("price too low to be genuine", "价格低得不像正品"),
    "goods.prohibited_goods": ("goods that may not be sold", "禁售商品"),
    "goods.words_in_picture": ("words in a picture", "图片文字可疑"),
    "goods.complaints_say_fake": ("buyers say that it is fake", "买家称是假货"),
    "goods.complaints_burst": ("sudden complaints of fakes", "假货投诉突增"),
    "goods.counterfeit_suspected": ("all evidence together says fake", "综合证据指向假货"),
    "goods.confirmed_fake": ("confirmed fake", "已确认假货"),
    "goods.testbuy_counterfeit": ("test buy was counterfeit", "神秘购买鉴定为假"),
    "goods.testbuys_of_store": ("several test buys were counterfeit", "多次神秘购买为假"),
    "goods.batch_condemned": ("batch condemned", "批次不合格"),
    "goods.notice": ("notice of a rights holder", "权利人通知"),
    "goods.notice_filed": ("notice filed", "收到通知"),
    "goods.notice_upheld": ("notice upheld", "通知成立"),
    "goods.notice_overdue": ("notice overdue", "通知逾期未裁"),
    "goods.notice_conflict": ("notices contradict each other", "通知互相矛盾"),
    "goods.notices_in_bad_faith": ("notices in bad faith", "恶意通知"),
    "goods.repeat_infringer": ("repeat infringer", "屡次侵权"),
    "goods.programme_relapse": ("relapse after coming back", "恢复后再犯"),
    "goods.recalled": ("goods recalled", "商品召回"),
    # Sellers
    "sellers.linked_store": ("stores of one owner", "关联店铺"),
    "sellers.returned_after_closure": ("back after being closed", "闭店后改名重来"),
    "sellers.application_doubtful": ("doubtful application", "入驻申请存疑"),
    "sellers.document_reused": ("document used before", "证件重复使用"),
    "sellers.id_number_invalid": ("identity number invalid", "证件号码无效"),
    "sellers.passport_invalid": ("passport number invalid", "护照号码无效"),
    "sellers.firm_number_invalid": ("firm's number invalid", "企业代码无效"),
    "sellers.bank_account_odd": ("odd bank account", "银行账户异常"),
    "sellers.card_text": ("card and application differ", "证件与申请不符"),
    "sellers.fields_disagree": ("details contradict each other", "资料互相矛盾"),
    "sellers.holder_unknown": ("holder of the document unknown", "持证人身份不明"),
    "sellers.id_area_odd": ("odd area in the identity number", "证件地区异常"),
    "sellers.person_not_confirmed": ("person not confirmed", "本人未核实"),
    "sellers.photo_edited": ("photo edited", "照片经过修改"),
    "sellers.photo_unusable": ("photo cannot be used", "照片无法使用"),
    "sellers.photos_alike": ("photos alike", "照片雷同"),
    "sellers.payment_at_risk": ("money at risk", "资金有风险"),
    "sellers.payment_frozen": ("money frozen", "资金已冻结"),
    "sellers.appeal_overdue": ("appeal overdue", "申诉逾期未裁"),
    "sellers.complaints_in_bad_faith": ("complaints in bad faith", "恶意投诉"),
    "sellers.certification_required": ("certification required", "须办理认证"),
    "sellers.retaliation": ("retaliation against a store", "报复店铺"),
    # Promotions
    "promotions.account_farm": ("account farm", "批量注册账户"),
    "promotions.account_in_others_hands": ("account in other hands", "账户疑被盗用"),
    "promotions.coupon_ring": ("coupon ring", "薅券团伙"),
    "promotions.coupon_misused": ("coupon misused", "优惠券滥用"),
    "promotions.one_network": ("many accounts, one network", "众多账户同一网络"),
    "promotions.campaign_unsafe": ("unsafe campaign", "活动有漏洞"),
    "promotions.campaign_unknown": ("coupon of an unknown campaign", "未申报的活动"),
    "promotions.codes_tried_widely": ("codes tried from many places", "多处试探券码"),
    "promotions.code_guessing": ("codes being guessed", "猜测券码"),
    "promotions.code_not_issued": ("code that was never issued", "券码未曾发放"),
    "promotions.claims_too_fast": ("claims faster than declared", "领取速度高于申报"),
    "promotions.claims_far_too_fast": ("claims far faster than declared", "领取速度远高于申报"),
    "promotions.new_accounts_many": ("many new accounts", "新账户偏多"),
    "promotions.new_accounts_mostly": ("mostly new accounts", "新账户占多数"),
    "promotions.new_devices_many": ("many new devices", "新设备偏多"),
    "promotions.payees_shared": ("many accounts, the same payees", "众多账户同一收款方"),
    "promotions.paid_below_declared": ("paid less than declared", "实付低于申报"),
    "promotions.paid_below_floor": ("paid below the floor", "实付低于下限"),
    "promotions.paid_too_little": ("paid too little", "实付过低"),
    "promotions.cap_exceeded": ("cap exceeded", "超出限领"),
    "promotions.budget_overrun": ("budget overrun", "超出预算"),
    "promotions.given_after_stop": ("given out after the stop", "叫停后仍发放"),
    "promotions.given_out_of_time": ("given out of time", "期限外发放"),
    # Reviews
    "reviews.hired_operator": ("hired review operator", "雇佣刷评"),
    "reviews.bought_praise": ("bought praise", "买好评"),
    "reviews.extortion": ("extortion by reviews", "差评敲诈"),
    "reviews.deletion_pressure": ("pressure to delete reviews", "施压删评"),
    "reviews.removed_after_contact": ("reviews vanish after contact", "联系后评价消失"),
    "reviews.removed_beyond_usual": ("more reviews removed than usual", "删评异常多"),
    "reviews.paid_to_delete": ("paid to delete a review", "花钱删评"),
    "reviews.harassed_to_delete": ("harassed to delete a review", "骚扰删评"),
    "reviews.harassment": ("harassment of a reviewer", "骚扰评价者"),
    "reviews.harassment_reported": ("harassment reported", "举报骚扰"),
    "reviews.store_keeps_calling": ("store keeps calling", "店铺反复来电"),
    "reviews.calls_after_expiry": ("calls after the number ended", "号码失效后来电"),
    "reviews.calls_by_unknown": ("calls by unknown people", "陌生来电"),
    "reviews.number_tried": ("virtual numbers tried", "试探虚拟号码"),
    "reviews.anonymity_held": ("held for the reviewer's anonymity", "为匿名暂缓公开"),
    # Access
    "access.harvest": ("harvest of users' data", "批量抓取用户数据"),
    "access.budget": ("budget of people exceeded", "超出查看人数限额"),
    "access.outside_contract": ("outside the contract", "超出合同范围"),
    "access.export_unapproved": ("export without approval", "未获批准的导出"),
    "access.canary_touched": ("planted record read", "触碰诱饵记录"),
    "access.canary_called": ("planted number called", "拨打诱饵号码"),
    "access.suspended": ("reader suspended", "访问者已暂停"),
    # Staff
    "staff.looks_without_case": ("looks at people without a case", "无案件查看用户"),
    "staff.clears_for_seller": ("clears one seller's cases", "为某商家销案"),
    "staff.restores_removed": ("restores what was taken down", "恢复已下架商品"),
    "staff.exports_at_night": ("exports at night", "夜间导出"),
    "staff.approves_for_each_other": ("two who approve for each other", "互相批准"),
}
"""English and Chinese, as short as a heading. Whoever runs the system may add codes, which are called as they are."""

QUEUES: Final[Mapping[str, tuple[str, str]]] = {
    "goods": ("Goods", "商品"),
    "sellers": ("Sellers", "卖家"),
    "promotions": ("Promotions", "促销"),
    "reviews": ("Reviews", "评价"),
    "access": ("Access", "数据访问"),
    "appeals": ("Appeals", "申诉"),
    "inspections": ("Inspections", "核查"),
    "second_looks": ("Second looks", "复核"),
    "reports": ("Reports", "举报"),
}
"""The queues of the shipped policies, in English and Chinese."""


def queue_name(queue: str, language: Language) -> str:
    """What the queue called `queue` in the policies is called on a page; a queue of one's own is called as it is."""
    words = QUEUES.get(queue)
    return queue if words is None else words[LANGUAGES.index(language)]


def finding_name(code: str, language: Language) -> str:
    """What a finding with `code` is called; "" for one that has no words."""
    words = FOUND.get(code)
    return "" if words is None else words[LANGUAGES.index(language)]
