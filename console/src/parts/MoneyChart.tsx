// Two sums of money by day, side by side. The chart library comes with this file, when it is first shown.
import "@mantine/charts/styles.css";
import "./books.css";
import { BarChart } from "@mantine/charts";
import { useWords } from "../words/words";

export interface MoneyDay { day: string; value: number; cost: number }

export default function MoneyChart({ days, currency, value, cost }: { days: MoneyDay[]; currency: string; value: string; cost: string }) {
  const { number } = useWords();
  return (
    <>
    <div className="legend"><span><i className="value" />{value}</span><span><i className="cost" />{cost}</span></div>
    <BarChart
      h={250} data={days} dataKey="day" gridAxis="x" tickLine="none" maxBarWidth={26}
      series={[{ name: "value", label: value, color: "gate.6" }, { name: "cost", label: cost, color: "orange.6" }]}
      valueFormatter={(sum) => `${number(sum)} ${currency}`} yAxisProps={{ width: 92 }} barProps={{ radius: [4, 4, 0, 0], isAnimationActive: false }}
    />
    </>
  );
}
