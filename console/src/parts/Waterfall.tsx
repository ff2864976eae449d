// Who paid a request, from left to right in burn order: passed over dashed, payers filled by the share they paid.
import type { Explanation } from "../api/shapes";
import { useWords } from "../words/words";

interface Step {
  source: string;
  begins: number;
  share: number;
  words: string;
  passed: boolean;
}

/** Shares are by list value where it is told, else evenly. */
function stepsOf(told: Explanation, words: (name: string, reason: string) => string, amount: (exact: string, unit: string) => string): Step[] {
  const slices = told.settlement?.slices ?? told.hold.slices;
  const value = slices.reduce((sum, slice) => sum + Number(slice.list_value), 0);
  const paid = new Set(slices.map((slice) => slice.source));
  // What paid a part and was then used up is no step of its own before itself.
  const passedOver = told.hold.passed_over.map((passed) => ({ source: plain(passed.source), words: words(passed.subject, passed.reason) }));
  const steps: Step[] = passedOver.filter((passed) => !paid.has(passed.source)).map((passed) => ({ ...passed, begins: 0, share: 0, passed: true }));
  let begins = 0;
  for (const slice of slices) {
    const share = value > 0 ? Number(slice.list_value) / value : 1 / slices.length;
    const times = slice.multiplier === "1" ? "" : ` (×${slice.multiplier})`;
    const ran = passedOver.find((passed) => passed.source === slice.source);
    steps.push({ source: slice.source, begins, share, passed: false, words: amount(slice.amount, slice.unit) + times + (ran ? ` · ${ran.words}` : "") });
    begins += share;
  }
  return steps;
}

function plain(payer: string): string {
  return payer.replace(/#\d+/, "").replace(/\/[^/]+$/, (last) => (payer.split("/").length > 2 ? "" : last));
}

export function Waterfall({ told }: { told: Explanation }) {
  const { t, amount, told: say } = useWords();
  const steps = stepsOf(told, (_, reason) => say("passed", reason), amount);
  return (
    <ol className="fall" aria-label={t("request.picture")}>
      {steps.map((step, place) => (
        <li key={`${step.source}${place}`}>
          <div className="row between"><strong>{step.source}</strong><span className="quiet small">{step.words}</span></div>
          <svg viewBox="0 0 1000 16" preserveAspectRatio="none" aria-hidden="true">
            <rect className={step.passed ? "passed" : "whole"} x="0" y="0" width="1000" height="16" />
            {!step.passed && <rect className="bar" x={step.begins * 1000} y="0" width={Math.max(6, step.share * 1000)} height="16" />}
          </svg>
        </li>
      ))}
    </ol>
  );
}
