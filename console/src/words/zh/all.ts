// 随框架加载的文字，含客户的各页：一次加载。
import type { words as english } from "../en/all";
import { words as balances } from "./balances";
import { words as frame } from "./frame";
import { words as rules } from "./rules";
import { words as settings } from "./settings";
import { words as setup } from "./setup";
import { words as signing } from "./signing";
import { words as titles } from "./titles";
import { words as told } from "./told";
import { words as trade } from "./trade";
import { words as use } from "./use";

export const words: Record<keyof typeof english, string> = { ...balances, ...frame, ...rules, ...settings, ...setup, ...signing, ...titles, ...told, ...trade, ...use };
