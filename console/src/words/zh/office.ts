// 运营页面的全部文字：一次加载。
import type { words as english } from "../en/office";
import { words as customers } from "./customers";
import { words as desk } from "./desk";
import { words as house } from "./house";
import { words as money } from "./money";
import { words as officeTold } from "./office_told";
import { words as planFiles } from "./plan_files";

export const words: Record<keyof typeof english, string> = { ...customers, ...desk, ...house, ...money, ...officeTold, ...planFiles };
