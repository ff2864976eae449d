// One flag: what was counted against what is usual, what it does meanwhile, and its review.
import { Badge } from "@mantine/core";
import type { Flag } from "../../api/office_shapes";
import { useSession } from "../../api/session";
import { useWords } from "../../words/words";
import { Ago } from "../ago";
import { Act, CustomerLink, type Field } from "../office";

const COLOUR: Record<string, string> = { open: "orange", confirmed: "red", dismissed: "gray", lifted: "gray" };

/** One flag with its evidence and, while it is in force, what may be done about it. */
export function FlagCase({ flag, account, name }: { flag: Flag; account: string; name?: string | null }) {
  const { t, told, instant, number } = useWords();
  const usual = Math.min(100, (flag.most / flag.counted) * 100);
  return (
    <>
      <div className="row between">
        <div className="row">
          <Badge variant="light" color={COLOUR[flag.state] ?? "gray"}>{told("flagState", flag.state)}</Badge>
          <strong>{told("signal", flag.signal)}</strong>
          {name !== undefined && <CustomerLink account={account} name={name} />}
        </div>
        <span className="quiet small"><Ago at={flag.raised_at} /></span>
      </div>
      <div className="stack" style={{ gap: 6 }}>
        <div className="row between"><span>{t("flags.counted", { count: number(flag.counted), most: number(flag.most), within: lengthOf(flag.within_seconds, t) })}</span><span className="quiet small">{flag.plan}</span></div>
        <svg className="gauge" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={t("flags.bar", { count: flag.counted, most: flag.most })}>
          <rect className="fill low" x="0" y="0" height="10" width="100" /><rect className="fill" x="0" y="0" height="10" width={usual} />
        </svg>
      </div>
      <p className="small quiet" style={{ margin: 0 }}>
        {flag.reviewed_at ? t("flags.reviewed", { by: flag.by, at: instant(flag.reviewed_at), reason: flag.reason }) : null}{" "}
        {flag.in_force ? t("flags.now", { action: told("flagAction", flag.action) }) : t("flags.over")}
      </p>
      {flag.in_force && <div className="row"><Review flag={flag} account={account} of={`${name ?? ""} ${told("signal", flag.signal)}`.trim()} /></div>}
    </>
  );
}

type T = ReturnType<typeof useWords>["t"];

function lengthOf(seconds: number, t: T): string {
  if (seconds % 86400 === 0 && seconds > 86400) return t("length.days", { count: seconds / 86400 });
  if (seconds % 3600 === 0) return t("length.hours", { count: seconds / 3600 });
  return t("length.minutes", { count: Math.round(seconds / 60) });
}

function Review({ flag, account, of }: { flag: Flag; account: string; of: string }) {
  const { t, told } = useWords();
  const session = useSession();
  const path = `/accounts/${account}/flags/${flag.flag}/reviews`;
  const by = session.data?.user?.email ?? "";
  const reason: Field = { name: "reason", label: "act.note", about: "act.noteAbout", kind: "long", required: true };
  const actions = ["warn", "slow", "restrict", "none"].map((value) => ({ value, label: told("flagAction", value) }));
  const inSegment = (values: Record<string, string>) => Boolean(values["segment"]?.trim());
  return (
    <>
      <Act
        operation="review_flag" label={flag.state === "open" ? "flags.confirm" : "flags.change"} path={path} fixed={{ verdict: "confirm", by }} of={of} sure={t("flags.sureConfirm")}
        fields={[
          { name: "action", label: "flags.action", kind: "choice", choices: actions, required: true, initial: flag.action },
          { name: "segment", label: "flags.segment", about: "flags.segmentAbout" },
          { name: "until", label: "flags.until", kind: "instant", when: inSegment },
          reason,
        ]}
      />
      {flag.state === "open"
        ? <Act operation="review_flag" label="flags.dismiss" path={path} fixed={{ verdict: "dismiss", by }} of={of} sure={t("flags.sureDismiss")} fields={[reason]} />
        : <Act operation="review_flag" label="flags.lift" path={path} fixed={{ verdict: "lift", by }} of={of} sure={t("flags.sureLift")} fields={[reason]} />}
    </>
  );
}
