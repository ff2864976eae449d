// 其余文字稍后加载的页面的标题：菜单会显示，因此随框架加载。
import type { words as english } from "../en/titles";

export const words: Record<keyof typeof english, string> = {
  "menu.office": "运营",
  "menu.books": "账目",
  "menu.house": "系统",
  "chat.title": "Studio 对话",
  "health.title": "系统状态",
  "customers.title": "客户",
  "customer.title": "客户",
  "matters.title": "待办队列",
  "flags.title": "标记",
  "plansOffice.title": "套餐文件",
  "planOffice.title": "套餐与版本",
  "planEdit.title": "编辑套餐文件",
  "upstreams.title": "上游",
  "rates.title": "价格与倍率",
  "codes.title": "优惠码与礼品码",
  "ledger.title": "总账",
  "revenue.title": "收入与成本",
  "documents.title": "发票",
  "users.title": "用户与角色",
  "audit.title": "审计日志",
  "oneCall.title": "请求解释",
  "compare.title": "对比",
};
