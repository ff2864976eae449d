// Flags: accounts that look shared or forwarded, with what was counted, and the review of each.
import type { ListedFlag } from "../../api/office_shapes";
import { FlagCase } from "../../parts/cases/flag_case";
import { Filters, useFilter } from "../../parts/office";
import { Pages } from "../../parts/office_pages";
import { Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

interface Page {
  flags: ListedFlag[];
  next: string | null;
}

const STATES = ["open", "confirmed", "dismissed", "lifted"];

export default function Flags() {
  const { t, told } = useWords();
  const [filter, set] = useFilter("state");
  const state = filter.state === "every" ? "" : filter.state || "open";
  const options = [...STATES.map((value) => ({ value, label: told("flagState", value) })), { value: "every", label: t("filter.all") }];
  return (
    <>
      <Head title="flags.title" about="flags.about" />
      <Filters filters={[{ name: "state", label: "orders.state", options, placeholder: told("flagState", "open") }]} values={filter} set={set} />
      <Pages<ListedFlag, Page> path="/flags" query={{ state, limit: 100 }} rows={(page) => page.flags} empty={<Empty title={t("flags.none")}>{t("flags.noneText")}</Empty>}>
        {(rows) => <ul className="cases">{rows.map((row) => <li key={row.account + row.flag} className="paper case" data-flag={row.flag} data-account={row.account}><FlagCase flag={row} account={row.account} name={row.name} /></li>)}</ul>}
      </Pages>
    </>
  );
}
