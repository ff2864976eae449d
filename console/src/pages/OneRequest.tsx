// Why one request cost what it did: the picture of who paid, the figures below it.
import { Anchor } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link, useParams } from "wouter";
import { api } from "../api/client";
import type { Explanation, Slice } from "../api/shapes";
import { Data, Head } from "../parts/states";
import { Waterfall } from "../parts/Waterfall";
import { useWords } from "../words/words";

export default function OneRequest() {
  const { request = "" } = useParams<{ request: string }>();
  const { t } = useWords();
  const told = useQuery({ queryKey: ["me", "request", request], queryFn: () => api.get<Explanation>(`/me/requests/${encodeURIComponent(request)}`) });
  return (
    <>
      <Anchor component={Link} href="/console/requests" className="small">← {t("requests.title")}</Anchor>
      <Head title="request.title" about="request.about" />
      <Data query={told} height={360}>{(data) => <Story told={data} />}</Data>
    </>
  );
}

export function Story({ told }: { told: Explanation }) {
  const { t, told: say, instant, number } = useWords();
  const usage = told.settlement?.usage ?? told.hold.estimate;
  const slices = told.settlement?.slices ?? told.hold.slices;
  return (
    <div className="stack">
      <section className="paper stack">
        <h2 style={{ margin: 0, fontSize: "1.1rem" }}>{t("request.who")}</h2>
        <Waterfall told={told} />
      </section>
      <div className="grid wide">
        <section className="paper">
          <ul className="points">
            <li><span className="quiet">{t("request.id")}</span><code className="small">{told.request}</code></li>
            <li><span className="quiet">{t("requests.model")}</span><span>{told.model}</span></li>
            <li><span className="quiet">{t("requests.tool")}</span><span>{told.client ? say("client", told.client) : "—"}</span></li>
            <li><span className="quiet">{t("request.state")}</span><span>{say("state", told.state)}</span></li>
            <li><span className="quiet">{t("request.admitted")}</span><span>{instant(told.admitted_at, "second")}</span></li>
            {told.closed_at && <li><span className="quiet">{t("request.closed")}</span><span>{instant(told.closed_at, "second")}</span></li>}
            {told.grace && <li><span className="quiet">{t("request.grace")}</span><span>{t(told.grace.booked === "anew" ? "request.graceAnew" : "request.graceBooked")}</span></li>}
            {told.extra_usage && <li><span className="quiet">{t("extra.title")}</span><span>{told.extra_usage.plan}</span></li>}
          </ul>
        </section>
        <section className="paper">
          <ul className="points">
            {Object.entries(usage).filter(([, count]) => count > 0).map(([name, count]) => (
              <li key={name}><span className="quiet">{say("class", name)}</span><span>{number(count, 3)}</span></li>
            ))}
          </ul>
        </section>
      </div>
      <div className="grid wide">{slices.map((slice, place) => <Paid key={place} slice={slice} />)}</div>
    </div>
  );
}

function Paid({ slice }: { slice: Slice }) {
  const { t, amount, told: say } = useWords();
  return (
    <section className="paper stack">
      <div className="row between"><strong>{slice.source}</strong><span className="figure"><strong>{amount(slice.amount, slice.unit)}</strong></span></div>
      <ul className="points">
        <li><span className="quiet">{t("request.listValue")}</span><span>{slice.currency ? amount(slice.list_value, slice.currency) : "—"}</span></li>
        <li><span className="quiet">{t("request.multiplier")}</span><span>×{slice.multiplier}</span></li>
        {slice.factors.map((factor) => <li key={factor.name}><span className="quiet">{say("factor", factor.name)}</span><span>×{factor.value}</span></li>)}
        {slice.rate_card && <li><span className="quiet">{t("request.card")}</span><span>{slice.rate_card}</span></li>}
        {slice.windows.map((window) => <li key={window.id}><span className="quiet">{window.id}</span><span>+{amount(window.drawn, slice.unit)}</span></li>)}
      </ul>
    </section>
  );
}
