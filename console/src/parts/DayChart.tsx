// Tokens by day as bars. The chart library comes with this file, when it is first shown.
import "@mantine/charts/styles.css";
import { BarChart } from "@mantine/charts";
import { useWords } from "../words/words";

export default function DayChart({ days, label }: { days: { day: string; tokens: number }[]; label: string }) {
  const { number } = useWords();
  return (
    <BarChart h={280} data={days} dataKey="day" series={[{ name: "tokens", label, color: "gate.6" }]} valueFormatter={(value) => number(value)} tickLine="none" gridAxis="x" maxBarWidth={46} barProps={{ radius: [4, 4, 0, 0], isAnimationActive: false }} yAxisProps={{ width: 84 }} />
  );
}
