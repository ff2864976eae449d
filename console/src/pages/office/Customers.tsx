// Customers: found by name, id or e-mail address; a new one.
import { Link } from "wouter";
import type { OfficeAccount } from "../../api/office_shapes";
import { Act, Code, CustomerLink, Filters, PagedTable, useFilter } from "../../parts/office";
import { Empty, Head } from "../../parts/states";
import { useWords } from "../../words/words";

interface Page {
  accounts: OfficeAccount[];
  next: string | null;
}

export default function Customers() {
  const { t, instant } = useWords();
  const [filter, set] = useFilter("find");
  const isRequest = filter.find.startsWith("req_");
  return (
    <>
      <Head title="customers.title" about="customers.about">
        <Act
          main operation="create_account" label="customers.make" path="/accounts" sure={t("customers.sureMake")}
          fields={[{ name: "name", label: "customers.name", about: "customers.nameAbout", required: true }]}
          tells={(answer) => <CustomerLink account={String(answer["id"])} name={t("customers.open", { name: String(answer["name"]) })} />}
        />
      </Head>
      <Filters filters={[{ name: "find", label: "customers.find", placeholder: t("customers.findHow") }]} values={filter} set={set} />
      {isRequest ? (
        <Empty title={t("customers.isRequest")}><Link href={`/console/office/requests/${encodeURIComponent(filter.find)}`}>{t("customers.openRequest", { request: filter.find })}</Link></Empty>
      ) : (
        <PagedTable<OfficeAccount, Page>
          label={t("customers.title")} path="/accounts" query={{ find: filter.find, limit: 50 }} rows={(page) => page.accounts} id={(row) => row.id}
          empty={<Empty title={t(filter.find ? "customers.notFound" : "customers.none")}>{t(filter.find ? "customers.notFoundText" : "customers.noneText")}</Empty>}
          columns={[
            { title: t("customers.name"), cell: (row) => <CustomerLink account={row.id} name={row.name} /> },
            { title: t("customers.id"), cell: (row) => <Code>{row.id}</Code> },
            { title: t("customers.since"), cell: (row) => instant(row.created_at, "day") },
          ]}
        />
      )}
    </>
  );
}
