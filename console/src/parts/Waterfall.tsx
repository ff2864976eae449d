// Who paid a request, from left to right in burn order: passed over dashed, payers filled by the share they paid.
import type { Explanation } from "../api/shapes";
import { useWords } from "../words/words";

const WIDTH = 720;
const ROW = 46;

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
  const steps: Step[] = told.hold.passed_over.map((passed) => ({
    source: plain(passed.source), begins: 0, share: 0, passed: true, words: words(passed.subject, passed.reason),
  }));
  let begins = 0;
  for (const slice of slices) {
    const share = value > 0 ? Number(slice.list_value) / value : 1 / slices.length;
    const times = slice.multiplier === "1" ? "" : ` (×${slice.multiplier})`;
    steps.push({ source: slice.source, begins, share, passed: false, words: amount(slice.amount, slice.unit) + times });
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
  const height = Math.max(1, steps.length) * ROW + 6;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label={t("request.picture")}>
      <svg className="fall" viewBox={`0 0 ${WIDTH} ${height}`} role="img" aria-label={t("request.pictureOf", { count: steps.length })} style={{ minWidth: 520 }}>
        {steps.map((step, place) => {
          const y = place * ROW + 4;
          const left = 200 + step.begins * 500;
          return (
            <g key={`${step.source}${place}`}>
              <text x="0" y={y + 18} fontWeight="600">{step.source}</text>
              <text x="0" y={y + 34} className="faint">{step.words}</text>
              {step.passed ? <rect className="passed" x="201" y={y + 6} width="498" height="20" rx="5" /> : <rect className="bar" x={left} y={y + 6} width={Math.max(4, step.share * 500)} height="20" rx="5" />}
            </g>
          );
        })}
      </svg>
    </div>
  );
}
