// The audit log: who did what, newest first. Rows are only ever added.
import { Deeds } from "../../parts/cases/deeds";
import { Filters, useFilter } from "../../parts/office";
import { Head } from "../../parts/states";
import { words } from "../../words/catalogue";
import { useWords } from "../../words/words";

export default function Audit() {
  const { told, language } = useWords();
  const [filter, set] = useFilter("account", "who", "act");
  const named = Object.keys(words(language)).filter((word) => word.startsWith("deed.")).map((word) => word.slice(5));
  const acts = named.map((value) => ({ value, label: told("deed", value) })).sort((one, other) => one.label.localeCompare(other.label));
  return (
    <>
      <Head title="audit.title" about="audit.about" />
      <Filters
        values={filter} set={set}
        filters={[
          { name: "act", label: "audit.act", options: acts },
          { name: "account", label: "audit.account", placeholder: "acc_…" },
          { name: "who", label: "audit.who", placeholder: "user:… token:… cli:…" },
        ]}
      />
      <Deeds query={filter} find={(who) => set({ who })} />
    </>
  );
}
