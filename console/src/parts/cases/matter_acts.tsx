// What may be done about each kind of open matter, and about an order or refund that waits: one dialog each.
import type { Matter } from "../../api/office_shapes";
import { Act, type Field } from "../office";
import { useWords, type Word } from "../../words/words";

export const MATTER_KINDS = ["review", "in_doubt", "unpaid_renewal", "refund", "refund_failed", "reward", "unanswered", "dispute", "refund_outside", "paid_twice"];
const SETTLED: Record<string, string[]> = {
  dispute: ["keep", "end", "won", "lost"],
  refund_outside: ["keep", "end"],
  paid_twice: ["keep", "end"],
  refund_failed: ["again", "keep"],
};
const NOTE: Field = { name: "note", label: "act.note", about: "act.noteAbout", kind: "long", required: true };

export function MatterActs({ matter }: { matter: Matter }) {
  const { t, money } = useWords();
  const of = matter.name ?? matter.account;
  const account = `/accounts/${matter.account}`;
  if (matter.kind === "review") return <Resolve account={matter.account} order={matter.id} of={of} />;
  if (matter.kind === "in_doubt" || matter.kind === "unpaid_renewal") {
    return (
      <>
        <Confirm account={matter.account} order={matter.id} amount={matter.amount} currency={matter.currency} of={of} />
        <Act danger operation="withdraw_order" label="matters.withdraw" path={`${account}/orders/${matter.id}/withdraw`} of={of} sure={t("matters.sureWithdraw")} />
      </>
    );
  }
  if (matter.kind === "reward") {
    const how = (act: "give" | "refuse" | "hold", label: Word, sure: Word) => (
      <Act danger={act === "refuse"} operation="decide_reward" label={label} path={`${account}/rewards`} of={of} fixed={{ how: act }}
        sure={t(sure, { amount: money(matter.amount, matter.currency) })} fields={[{ ...NOTE, name: "reason", required: act !== "give" }]} />
    );
    return <>{how("give", "matters.give", "matters.sureGive")}{how("hold", "matters.hold", "matters.sureHold")}{how("refuse", "matters.refuse", "matters.sureRefuse")}</>;
  }
  if (SETTLED[matter.kind]) return <Settle matter={matter} of={of} />;
  return null;
}

function Settle({ matter, of }: { matter: Matter; of: string }) {
  const { t, told } = useWords();
  const choices = (SETTLED[matter.kind] ?? []).map((how) => ({ value: how, label: told("settle", how) }));
  return (
    <Act operation="settle_matter" label="matters.settle" path={`/accounts/${matter.account}/matters/settle`} fixed={{ matter: matter.id }} of={of}
      sure={t("matters.sureSettle")} fields={[{ name: "how", label: "matters.how", kind: "choice", choices, required: true }, NOTE]} />
  );
}

/** Money that did not match its order. */
export function Resolve({ account, order, of }: { account: string; order: string; of: string }) {
  const { t } = useWords();
  const path = `/accounts/${account}/orders/${order}/resolve`;
  return (
    <>
      <Act operation="resolve_order" label="matters.deliver" path={path} fixed={{ how: "deliver" }} of={of} sure={t("matters.sureDeliver")} fields={[NOTE]} />
      <Act danger operation="resolve_order" label="matters.giveBack" path={path} fixed={{ how: "give_back" }} of={of} sure={t("matters.sureGiveBack")} fields={[NOTE]} />
    </>
  );
}

/** What was seen of a payment by hand, or of a refund paid out by hand. */
export function Confirm({ account, order, amount, currency, of, refund }: { account: string; order: string; amount: string; currency: string; of: string; refund?: string }) {
  const { t } = useWords();
  return (
    <Act
      operation="confirm_payment" label={refund ? "matters.confirmRefund" : "matters.confirm"} path={`/accounts/${account}/orders/${order}/confirm`} of={of}
      fixed={refund ? { refund } : {}} sure={t(refund ? "matters.sureConfirmRefund" : "matters.sureConfirm")}
      fields={[
        { name: "amount", label: "matters.seenAmount", kind: "amount", required: true, initial: amount },
        { name: "currency", label: "matters.currency", required: true, initial: currency },
        { name: "seen", label: "matters.seen", about: "matters.seenAbout", required: true },
      ]}
    />
  );
}
