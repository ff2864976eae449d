// The words that come with the frame, of every customer's page too: one file to load.
import { words as balances } from "./balances";
import { words as frame } from "./frame";
import { words as settings } from "./settings";
import { words as setup } from "./setup";
import { words as signing } from "./signing";
import { words as titles } from "./titles";
import { words as told } from "./told";
import { words as trade } from "./trade";
import { words as use } from "./use";

export const words = { ...balances, ...frame, ...settings, ...setup, ...signing, ...titles, ...told, ...trade, ...use };
