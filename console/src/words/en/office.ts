// Every word of the operator's pages: one file to load.
import { words as customers } from "./customers";
import { words as desk } from "./desk";
import { words as house } from "./house";
import { words as money } from "./money";
import { words as officeTold } from "./office_told";
import { words as planFiles } from "./plan_files";

export const words = { ...customers, ...desk, ...house, ...money, ...officeTold, ...planFiles };
