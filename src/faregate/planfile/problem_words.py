"""Problems of plan files in Chinese: the sentences of the checks, one row each, and the words that stand in them.

Owns the wording only. The checks write English; ``in_chinese`` finds the sentence by its shape: {1} is whatever
stands there, {w1} one of the words below. What has no row is told in English, and said to be so.
"""

from __future__ import annotations

import re
from functools import cache

from faregate.planfile.problem import Problem

_SENTENCES = """
Plan {1} has no place in the order | 套餐 {1} 不在支付顺序中
Group {1} has no place in the order | 组 {1} 不在支付顺序中
Add {1} to `order:` | 将 {1} 加入 `order:`
Plan id {1} is retired | 套餐标识 {1} 已停用
Take another id: accounts may still hold the old plan | 请换一个标识：可能仍有账户持有旧套餐
{1} names a plan and a group | {1} 既是套餐名又是组名
Give the group another name | 请给该组换一个名称
{1} is a built-in unit | {1} 是内置单位
Choose another name | 请换一个名称
List {1} holds itself | 列表 {1} 包含了自身
Break the circle | 请打破循环引用
No source uses multiplier {1} | 没有来源使用倍率 {1}
Name it in a source, or remove it | 请在某个来源中引用它，或将其删除
The last bracket has a bound | 最后一档带有上限
Leave `up_to` out: it holds for all the rest | 请去掉 `up_to`：最后一档适用于其余全部
A bracket ends at a list value, not at {1} | 档位以标价金额为界，而不是 {1}
Write a currency: 20 USD | 请写货币金额：20 USD
Only the first entry may go without `since` | 只有第一项可以没有 `since`
Add `since:` | 请添加 `since:`
{1} is exchanged for itself | {1} 兑换成了自身
Plan {1} stands in the order twice | 套餐 {1} 在支付顺序中出现两次
This version counts nothing | 此版本不计任何用量
Add `cost:` or `weights:` | 请添加 `cost:` 或 `weights:`
This bracket has no bound and is not the last | 此档没有上限，却不是最后一档
Add `up_to:` | 请添加 `up_to:`
{1} stands after {2} | {1} 位于 {2} 之后
Write it in {1} | 请以 {1} 为单位书写
This entry does not begin after the one before | 此项的开始时间不晚于前一项
Order them by date | 请按日期排序
A rate of 0 exchanges nothing | 汇率为 0 无法兑换
Write the rate | 请填写汇率
Name two currencies | 请写两种货币
This tier is not above the one before | 此级不高于前一级
Order the tiers upwards | 请将各级由低到高排列
Keep its first place | 请保留第一处
{1} is not above the bracket before | {1} 不高于前一档
Order the brackets upwards | 请将各档由低到高排列
This part of the day is empty | 此时段为空
Let it end after it begins | 结束时间须晚于开始时间
{1} is finer than the smallest part, 1/{2} {3} | {1} 小于最小单位（1/{2} {3}）
Round it | 请取整
{1} is too large for the books | {1} 超出账目可记的范围
Write a price in a currency: 20 USD | 请以货币书写价格：20 USD
Check the indentation, the quotes and the brackets on this line and the one before | \
请检查本行与上一行的缩进、引号与括号
Define it with `&name` before it is used as `*name` | 请先用 `&name` 定义，再以 `*name` 引用
An alias contains itself | 别名包含了自身
Write the value out | 请直接写出该值
{1} is {2}, but {3} makes it {4} | {1} 为 {2}，而按 {3} 应为 {4}
Write less | 请写小一些
The bonus of {1} is finer than the books | 赠送 {1} 小于账目的最小单位
Add the meter or exchange rate, or change the fact | 请添加计量方式或汇率，或修改该数值声明
Mend the figure or the sum | 请修正数值或算式
A fact fails: {1} | 数值声明不成立：{1}
Plan {1} has no price | 套餐 {1} 没有价格
Add `prices:`; a free plan costs 0 USD | 请添加 `prices:`；免费套餐写 0 USD
{1} is not a currency | {1} 不是货币
A wallet needs a pool to hold the money | 钱包需要一个存放余额的额度池
{1} does not come with this plan | {1} 不随此套餐附带
A {1} fact needs {2} | {1} 类数值声明需要 {2}
Add `{1}:` | 请添加 `{1}:`
A {1} fact has no {2} | {1} 类数值声明没有 {2}
Remove it | 请删除
There are two facts {1} | 有两个数值声明 {1}
There are two prices {1} | 有两个价格 {1}
A price without an end cannot renew | 没有期限的价格不能续费
Add `renews: false`, or a period | 请添加 `renews: false`，或写明周期
A trial lasts whole days, and a paid period follows it | 试用以整天计，其后须有付费周期
Write `trial: 7d` | 请写 `trial: 7d`
Add `pools:` | 请添加 `pools:`
Only a wallet's balance of money pays orders | 只有钱包的货币余额可以支付订单
Remove `purse:`, or add `wallet: true` | 请删除 `purse:`，或添加 `wallet: true`
Add {1} to `companions:` | 将 {1} 加入 `companions:`
Rename one | 请改其中一个的名称
{1} is not a wallet | {1} 不是钱包
Only wallets come along: name a plan with `wallet: true` | 只能附带钱包：请写带有 `wallet: true` 的套餐
This pool has no unit | 此额度池没有单位
Add `unit:`, `granted:` or `refill:` | 请添加 `unit:`、`granted:` 或 `refill:`
A cap of 0 lets nothing through | 上限为 0 时任何请求都无法通过
Raise it, or leave the source out | 请调高上限，或去掉该来源
Only a sliding guard counts by key | 只有滑动的防护窗口可以按密钥计数
Write `kind: sliding` and `guard: true`, or remove `by:` | 请写 `kind: sliding` 与 `guard: true`，或删除 `by:`
Concurrency is always a guard | 并发窗口必为防护窗口
Add `guard: true` | 请添加 `guard: true`
A guard counts requests, not {1} | 防护窗口按请求计数，而不是 {1}
{1} is no cap on cost | {1} 不能作为费用上限
Write a currency: 100 USD | 请写货币金额：100 USD
It charges cost, and what it pays from is in {1} | 此来源按费用计，而付款来源以 {1} 计
Write pool and windows in a currency, or charge in another meter | 请让额度池与窗口以货币计，或改用其他计量方式
There are two sources {1} | 有两个来源 {1}
{1} goes into a pool of {2} | {1} 进入以 {2} 计的额度池
A {1} window has no {2} | {1} 类窗口没有 {2}
Only a guard is lifted | 只有防护窗口可以解除
Add `guard: true`, or remove it | 请添加 `guard: true`，或将其删除
Write it in requests | 请以请求数书写
Remove `meter:` | 请删除 `meter:`
Meter {1} counts {2}, the cap is in {3} | 计量方式 {1} 以 {2} 计，而上限以 {3} 计
It charges cost, and neither its pool nor its windows name a currency | 此来源按费用计，但其额度池与窗口都未注明货币
Give it a pool or a window in a currency, or another meter | 请给它以货币计的额度池或窗口，或换一种计量方式
{1} is a guard | {1} 是防护窗口
No source pays from pool {1} | 没有来源使用额度池 {1}
Nothing bounds requests while the books are away | 账本不可用期间的请求没有任何限制
Nothing bounds what draws {1} while the books are away | 账本不可用期间消耗 {1} 的请求没有任何限制
No source of this plan draws {1} | 此套餐没有来源消耗 {1}
No source is bound by window {1} | 没有来源受窗口 {1} 限制
Name it in a source, make it a guard, or remove it | 请在某个来源中引用它、将它设为防护窗口，或将其删除
Source {1} has neither pool nor window | 来源 {1} 既无额度池也无窗口
Give it one: it would pay for everything | 请给它其一：否则它会支付一切
A {1} window needs {2} | {1} 类窗口需要 {2}
Add `{1}:`, such as {2} | 请添加 `{1}:`，例如 {2}
Name a plan with `wallet: true` | 请写带有 `wallet: true` 的套餐
It charges {1}, pool {2} holds {3} | 此来源以 {1} 计，额度池 {2} 以 {3} 计
Take it out: a guard binds the whole plan by itself | 请将其去掉：防护窗口自动约束整个套餐
Window {1} caps {2}, this source draws {3} | 窗口 {1} 限制 {2}，而此来源消耗 {3}
Write the cap in {1}, or give the window a `meter:` | 请以 {1} 书写上限，或给窗口加 `meter:`
Let meter and pool agree | 请让计量方式与额度池的单位一致
Source {1} of {2} does not pay for {3} | {2} 的来源 {1} 不支付 {3}
The band begins at {1}, above its end {2} | 区间起点 {1} 高于终点 {2}
Write the lowest first | 请先写最低值
{1} is a pattern, not one model | {1} 是匹配模式，不是单个模型
Name one model | 请写一个模型
The plan does not offer {1} | 此套餐不提供 {1}
No plan offers {1} | 没有套餐提供 {1}
A request is not {1} long | 请求的长度不能是 {1}
Write whole tokens: 31K tokens | 请写整数词元：31K tokens
The shares of cache hits fall | 缓存命中的比例下降
The shares are more than the whole | 各比例之和超过 100%
Let output and cached be at most 100% together | 请让输出与缓存之和不超过 100%
The band is in {1}, its figure in {2} | 区间以 {1} 计，而数值以 {2} 计
The band from {1} to {2} does not contain {3} | 区间 {1} 至 {2} 不包含 {3}
Widen the band, or mend the figure | 请放宽区间，或修正数值
Begin the band above 0 | 区间须从大于 0 处开始
There is no list of models {1} | 没有模型列表 {1}
Define {1} under `models:`, or write a model id with its vendor: vendor/model | \
请在 `models:` 下定义 {1}，或写带厂商的模型标识：vendor/model
There is no time zone {1} | 没有时区 {1}
There is no currency {1} | 没有货币 {1}
There is no template {1} | 没有模板 {1}
There is no key {1} here | 此处没有键 {1}
There is no {w1} {2} | 没有名为 {2} 的{1}
Here stands {w1} where {w2} belongs | 此处应为{2}，却是{1}
Write {w1} | 请写{1}
{1} has no unit | {1} 没有单位
{1} is not an amount with its unit | {1} 不是带单位的数量
Write a whole number and s, m, h or d: 60s, 5h, 7d | 请写整数加 s、m、h 或 d：60s、5h、7d
{1} is not a period | {1} 不是周期
Write month, year, none or days as 30d | 请写 month、year、none，或如 30d 的天数
Use small letters, digits, - and _, beginning with a letter or digit | 只用小写字母、数字、- 与 _，以字母或数字开头
Write it in quotes, from '00:00' to '24:00' | 请加引号书写，范围 '00:00' 至 '24:00'
{1} is not an exact number | {1} 不是精确的数
Write digits: 12.5, 1/39.6 or 20% | 请写数字：12.5、1/39.6 或 20%
{1} is negative | {1} 为负数
Write 0 or more | 请写 0 或更大的数
{1} is not a whole number from 1 on | {1} 不是大于等于 1 的整数
Write 1, 2, 3 … | 请写 1、2、3 …
{1} is not a whole number from 0 on | {1} 不是大于等于 0 的整数
Write 0, 1, 2 … | 请写 0、1、2 …
Write the number, a space and the unit: 20 USD, 1000 requests | 请写数字、空格与单位：20 USD、1000 requests
{1} is neither true nor false | {1} 既不是 true 也不是 false
Write true or false | 请写 true 或 false
Write 2026-03-04T00:00:00+08:00, or a date 2026-03-04 (UTC) | 请写 2026-03-04T00:00:00+08:00，或日期 2026-03-04（UTC）
{1} is not a length of time | {1} 不是时长
{1} is not an id | {1} 不是有效的标识
The text is empty | 文字为空
Write it, or leave the key out | 请填写，或去掉这个键
{1} is not a web address | {1} 不是网址
Write it with https:// | 请以 https:// 开头
{1} is not a time of day | {1} 不是一天中的时刻
{1} divides by zero | {1} 除以零
Write another divisor | 请换一个除数
{1} is not an instant with a time zone | {1} 不是带时区的时刻
`templates` is not a mapping | `templates` 不是映射
Write `templates: {name: {…}}` | 请写 `templates: {name: {…}}`
No plan is like template {1} | 没有套餐使用模板 {1}
Say `like: {1}` in a plan, or remove it | 请在套餐中写 `like: {1}`，或将其删除
Template {1} is like itself | 模板 {1} 引用了自身
Template {1} is not a mapping | 模板 {1} 不是映射
Write the fields of a plan | 请写套餐的字段
{1} has no {2} | {1} 缺少 {2}
{1} is {w2}, not one word | {1} 是{2}，而不是一个词
{1} is {w2}, not {w3} | {1} 是{2}，而不是{3}
Add `{1}:`, which says what kind it is | 请添加 `{1}:`，以说明其类型
{1} holds too little | {1} 的内容太少
Write at least {1} | 请至少写 {1} 项
See docs/plan-language.md | 见 docs/plan-language.md
{1} is none of the words that {2} knows | {1} 不是 {2} 可用的词
Put text that holds a comma or a colon in quotes | 含逗号或冒号的文字请加引号
The file has {1} bytes | 文件有 {1} 字节
Keep it under 1 MB | 请控制在 1 MB 以内
The file holds nothing | 文件是空的
Start it with `family:`, `version:`, `names:`, `source:`, `order:` and `plans:` | \
请以 `family:`、`version:`、`names:`、`source:`、`order:` 与 `plans:` 开头
The file is {w1}, not a mapping | 文件是{1}，而不是映射
Write `key: value` lines, beginning with `family:` | 请逐行写 `键: 值`，以 `family:` 开头
This is nested deeper than {1} | 嵌套超过 {1} 层
A tab stands in the indentation | 缩进中有制表符
Byte {1} is not UTF-8 | 字节 {1} 不是 UTF-8
Save the file as UTF-8 | 请以 UTF-8 保存文件
This is not YAML: {1} | 这不是有效的 YAML：{1}
A control character stands here | 此处有控制字符
Flatten it, or close the brackets | 请减少嵌套，或补上括号
Indent with spaces | 请用空格缩进
Followed aliases make more than {1} values | 展开别名后超过 {1} 个值
Use fewer aliases of aliases | 请减少别名套别名
Tags such as {1} are not used | 不使用 {1} 这样的标签
Remove the tag | 请删除标签
A key is text, not a list or mapping | 键须为文字，不能是列表或映射
Quote it | 请加引号
`<<` merges are not part of the language | 本语言不支持 `<<` 合并
Put what plans share under `templates:` and say `like: NAME` | 请把共用部分放到 `templates:` 下，并写 `like: 名称`
{1} stands here twice (first on line {2}) | {1} 在此出现两次（首次在第 {2} 行）
Keep one of them | 请保留其中一个
Did you mean {1}? | 是否想写 {1}？
There is none in this file yet | 此文件中还没有
Known: {1} | 可用：{1}
Add `names: {en: …, zh: …}` | 请添加 `names: {en: …, zh: …}`
Add `source: {document: …, as_of: 2026-01-31}` | 请添加 `source: {document: …, as_of: 2026-01-31}`
Add `order: [PLAN, …]`, the order in which plans held side by side pay | \
请添加 `order: [套餐, …]`，即并存套餐的支付顺序
Add `plans:` with at least one plan | 请添加 `plans:`，至少含一个套餐
Add `sources:`, a list of what pays | 请添加 `sources:`，即由谁支付的列表
Add `models:`, a list of model ids, patterns or list names | 请添加 `models:`，即模型标识、匹配模式或列表名
Add `limit:` with an amount and its unit | 请添加 `limit:`，写明数量与单位
Add the English text as `en:` | 请以 `en:` 添加英文文字
Add the Chinese text as `zh:` | 请以 `zh:` 添加中文文字
"""
_WORDS = {
    "empty": "空值",
    "nothing": "空值",
    "a mapping": "映射",
    "a list": "列表",
    "text": "文字",
    "else": "其他内容",
    "something else": "其他内容",
    "a single value": "单个值",
    "a number": "数字",
    "a number or a figure": "数字或数值引用",
    "an amount with its unit": "带单位的数量",
    "The file": "文件",
    "plan": "套餐",
    "plan or group": "套餐或组",
    "group": "组",
    "unit": "单位",
    "pool": "额度池",
    "window": "窗口",
    "meter": "计量方式",
    "multiplier": "倍率",
    "segment": "分组",
    "source": "来源",
    "price": "价格",
    "mix": "用量组合",
    "mapping": "映射",
    "template": "模板",
    "fact": "数值声明",
    "payment": "支付方式",
    "figure": "数值",
    "kind of key": "密钥类型",
    "a time zone": "时区",
    "a length of time": "时长",
    "an instant": "时刻",
    "a currency": "货币",
    "an id": "标识",
    "a period": "周期",
    "a time of day": "时刻",
    "true or false": "true 或 false",
    "an address": "网址",
}
_PLACE = re.compile(r"\{(w?)(\d)\}")


def in_chinese(problem: Problem) -> Problem | None:
    """The problem in Chinese; None where either of its sentences has no words for it."""
    what, mend = said(problem.what), said(problem.mend)
    return None if what is None or mend is None else problem._replace(what=what, mend=mend)


def said(sentence: str) -> str | None:
    """A sentence of the checks in Chinese, or None."""
    for shape, chinese in _shapes():
        if found := shape.fullmatch(sentence):
            return _filled(chinese, [_WORDS.get(word, word) for word in found.groups()])
    return None


def _filled(sentence: str, words: list[str]) -> str:
    return _PLACE.sub(lambda place: words[int(place[2]) - 1], sentence)


@cache
def _shapes() -> list[tuple[re.Pattern[str], str]]:
    """Those with the fewest places and the most words first, so that none is taken for a more general one."""
    rows = [row.split(" | ") for row in _SENTENCES.strip().splitlines()]
    rows.sort(key=lambda row: (len(_PLACE.findall(row[0])), -len(_PLACE.sub("", row[0]))))
    return [(re.compile(_shape(english), re.DOTALL), chinese) for english, chinese in rows]


def _shape(english: str) -> str:
    shape, end = "", 0
    for place in _PLACE.finditer(english):
        known = f"({'|'.join(map(re.escape, sorted(_WORDS, key=len, reverse=True)))})" if place[1] else "(.+?)"
        shape, end = shape + re.escape(english[end : place.start()]) + known, place.end()
    return shape + re.escape(english[end:])
