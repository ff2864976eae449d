// 运营页面（客户与事务）及所有运营页面共用的文字。
import type { officeEn } from "./office_en";

export const officeZh: Record<keyof typeof officeEn, string> = {
  "table.more": "显示更多",
  "filter.all": "全部",
  "filter.clear": "清除",
  "act.done": "已完成，即刻生效。",
  "act.once": "仅显示这一次，请立即保存。",
  "act.close": "关闭",
  "act.back": "返回",
  "act.key": "仅提交一次，键",
  "act.keyName": "幂等键",
  "act.audit": "审计日志",
  "act.by": "操作人",
};
