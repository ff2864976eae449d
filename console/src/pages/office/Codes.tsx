// Coupons and gift codes: what there are, what was used of them, and making more.
import { Badge, Button, Modal } from "@mantine/core";
import { useState } from "react";
import { Link } from "wouter";
import type { Coupon, GiftCode, SoldPlan } from "../../api/books";
import { Act, Code, CustomerLink, Section, Table, useRead } from "../../parts/office";
import { Data, Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

const CURRENCIES = ["CNY", "USD", "EUR"].map((value) => ({ value, label: value }));

export default function Codes() {
  const { t } = useWords();
  const coupons = useRead<{ coupons: Coupon[] }>("/coupons");
  const gifts = useRead<{ gift_codes: GiftCode[] }>("/gift-codes");
  return (
    <>
      <Head title="codes.title" about="codes.about" />
      <div className="stack" style={{ gap: 36 }}>
        <Section title={t("codes.coupons")} acts={<MakeCoupon />}>
          <Data query={coupons}>{(data) => <Coupons rows={data.coupons} />}</Data>
        </Section>
        <Section title={t("codes.gifts")} about={t("codes.giftsAbout")} acts={<MakeGift />}>
          <Data query={gifts}>{(data) => <Gifts rows={data.gift_codes} />}</Data>
        </Section>
      </div>
    </>
  );
}

function MakeCoupon() {
  const { t } = useWords();
  return (
    <Act
      operation="make_coupon" label="codes.make" path="/coupons" main sure={t("codes.makeSure")}
      fields={[
        { name: "code", label: "codes.code", about: "codes.codeAbout", required: true },
        { name: "share", label: "codes.share", about: "codes.shareAbout", kind: "amount", when: (values) => !values.amount },
        { name: "amount", label: "codes.amount", about: "codes.amountAbout", kind: "amount", when: (values) => !values.share },
        { name: "currency", label: "codes.currency", kind: "choice", choices: CURRENCIES, required: true, when: (values) => Boolean(values.amount) },
        { name: "plans", label: "codes.plans", about: "codes.plansAbout", kind: "list" },
        { name: "uses", label: "codes.uses", about: "codes.usesAbout", kind: "whole" },
        { name: "per_account", label: "codes.perAccountField", kind: "whole", initial: "1" },
        { name: "first_order_only", label: "codes.firstOrderOnly", kind: "switch" },
        { name: "begins", label: "codes.begins", kind: "instant" },
        { name: "until", label: "codes.until", kind: "instant" },
      ]}
    />
  );
}

function MakeGift() {
  const { t } = useWords();
  const plans = useRead<{ plans: SoldPlan[] }>("/plans");
  const families = [...new Set(plans.data?.plans.map((plan) => plan.plan.split("/")[0] ?? "") ?? [])];
  return (
    <Act
      operation="make_gift_code" label="codes.makeGift" path="/gift-codes" main sure={t("codes.giftSure")}
      once={(answer) => String(answer.code ?? "")}
      fields={[
        { name: "family", label: "codes.family", kind: "choice", choices: families.map((value) => ({ value, label: value })), required: true },
        { name: "amount", label: "codes.giftWorth", kind: "amount", required: true },
        { name: "currency", label: "codes.currency", kind: "choice", choices: CURRENCIES, required: true, initial: "CNY" },
        { name: "until", label: "codes.giftUntil", kind: "instant" },
        { name: "note", label: "codes.note", about: "codes.noteAbout" },
      ]}
    />
  );
}

function stateOf(coupon: Coupon): string {
  const now = Date.now();
  if (coupon.until && Date.parse(coupon.until) <= now) return "over";
  if (coupon.begins && Date.parse(coupon.begins) > now) return "ahead";
  return coupon.uses !== null && coupon.used >= coupon.uses ? "used_up" : "valid";
}

/** A code that still works is told from one that does no more. */
function Standing({ group, value, good }: { group: string; value: string; good: string }) {
  const { told } = useWords();
  return <Badge variant="light" color={value === good ? "gate" : "gray"} data-state={value}>{told(group, value)}</Badge>;
}

function Coupons({ rows }: { rows: Coupon[] }) {
  const { t, number, money, instant } = useWords();
  const [shown, setShown] = useState<Coupon | null>(null);
  if (!rows.length) return <Empty title={t("codes.noCoupons")}>{t("codes.noCouponsText")}</Empty>;
  const worth = (coupon: Coupon) => coupon.share !== null ? `${number(Number(coupon.share) * 100)}%` : money(coupon.amount ?? "0", coupon.currency ?? "");
  return (
    <>
      <Table
        label={t("codes.coupons")} rows={rows} id={(row) => row.code}
        columns={[
          { title: t("codes.code"), cell: (row) => <strong><Code>{row.code}</Code></strong> },
          { title: t("books.state"), cell: (row) => <Standing group="coupon" value={stateOf(row)} good="valid" /> },
          { title: t("codes.worth"), num: true, cell: worth },
          { title: t("codes.for"), cell: (row) => row.plans.length ? row.plans.map((plan) => <div key={plan}><Link href={`/console/office/plans/${plan}`}>{plan}</Link></div>) : t("codes.allPlans") },
          { title: t("codes.valid"), cell: (row) => row.begins || row.until ? `${row.begins ? instant(row.begins, "day") : ""} – ${row.until ? instant(row.until, "day") : t("books.never")}` : t("books.never") },
          { title: t("codes.used"), num: true, cell: (row) => <>{row.uses === null ? number(row.used) : t("codes.usedOf", { used: number(row.used), uses: number(row.uses) })}<div className="quiet small">{t("codes.perAccount", { count: row.per_account })}</div></> },
          { title: "", cell: (row) => <Button size="xs" variant="default" onClick={() => setShown(row)} aria-label={`${t("codes.look")}: ${row.code}`}>{t("codes.look")}</Button> },
        ]}
      />
      <Modal opened={shown !== null} onClose={() => setShown(null)} size="lg" title={<strong>{t("codes.lookOf", { code: shown?.code ?? "" })}</strong>} closeButtonProps={{ "aria-label": t("frame.close") }}>
        {shown && (shown.uses_by.length ? (
          <Table
            label={t("codes.look")} rows={shown.uses_by} id={(row) => row.order}
            columns={[
              { title: t("books.when"), cell: (row) => instant(row.at) },
              { title: t("books.customer"), cell: (row) => <CustomerLink account={row.account} /> },
              { title: t("codes.order"), cell: (row) => <Code>{row.order}</Code> },
              { title: t("books.state"), cell: (row) => t(row.done ? "codes.over" : "codes.running") },
            ]}
          />
        ) : <Empty title={t("codes.noUses")} />)}
      </Modal>
    </>
  );
}

function Gifts({ rows }: { rows: GiftCode[] }) {
  const { t, money, instant } = useWords();
  if (!rows.length) return <Empty title={t("codes.noGifts")}>{t("codes.noGiftsText")}</Empty>;
  return (
    <Table
      label={t("codes.gifts")} rows={rows} id={(row) => row.id}
      columns={[
        { title: t("codes.made"), cell: (row) => instant(row.made_at) },
        { title: t("books.state"), cell: (row) => <Standing group="gift" value={row.state} good="open" /> },
        { title: t("codes.giftWorth"), num: true, cell: (row) => money(row.amount, row.currency) },
        { title: t("codes.family"), cell: (row) => row.family },
        { title: t("codes.note"), cell: (row) => row.note || <span className="quiet">—</span> },
        { title: t("codes.redeemed"), cell: (row) => row.redeemed_by ? <><CustomerLink account={row.redeemed_by} /><div className="quiet small">{instant(row.redeemed_at)}</div></> : <span className="quiet">{row.until ? `${t("books.until")} ${instant(row.until, "day")}` : "—"}</span> },
      ]}
    />
  );
}
