// How long until an instant, renewed each second.
import { useNow } from "../api/live";
import { useWords } from "../words/words";

export function Countdown({ until }: { until: string }) {
  const now = useNow();
  const { t, instant } = useWords();
  const seconds = Math.max(0, Math.ceil((Date.parse(until) - now) / 1000));
  const days = Math.floor(seconds / 86400);
  const two = (part: number) => String(part).padStart(2, "0");
  const clock = `${two(Math.floor((seconds % 86400) / 3600))}:${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return (
    <time dateTime={until} title={instant(until, "second")} className="figure">
      {days > 0 ? t("countdown.days", { days, clock }) : clock}
    </time>
  );
}
