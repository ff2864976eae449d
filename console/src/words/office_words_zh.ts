// 运营页面的全部文字（中文），一次加载。
import { booksZh } from "./books_zh";
import { officeZh } from "./office_zh";
import { officeToldZh } from "./office_told_zh";

export const officeWordsZh = { ...officeZh, ...officeToldZh, ...booksZh };
