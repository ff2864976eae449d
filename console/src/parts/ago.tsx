// How long ago something was, in words that are read at a glance; the exact instant is its title.
import { useWords } from "../words/words";

const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [["day", 86400], ["hour", 3600], ["minute", 60]];

export function Ago({ at }: { at: string }) {
  const { language, instant, t } = useWords();
  const seconds = (Date.now() - Date.parse(at)) / 1000;
  const step = STEPS.find(([, length]) => Math.abs(seconds) >= length);
  const words = step ? new Intl.RelativeTimeFormat(language === "zh" ? "zh-CN" : "en-GB", { numeric: "auto" }).format(-Math.trunc(seconds / step[1]), step[0]) : t("ago.now");
  return <time dateTime={at} title={instant(at, "second")}>{words}</time>;
}
