// Every word of the operator's pages, in English: one file to load.
import { booksEn } from "./books_en";
import { officeEn } from "./office_en";
import { officeToldEn } from "./office_told_en";

export const officeWordsEn = { ...officeEn, ...officeToldEn, ...booksEn };
