// How to compare one's own use with every plan: the command, until logs can be dropped here.
import { Button, CopyButton } from "@mantine/core";
import { Head } from "../parts/states";
import { useWords } from "../words/words";

const COMMANDS = "faregate logs\nfaregate compare --html report.html";

export default function Compare() {
  const { t } = useWords();
  return (
    <>
      <Head title="compare.title" about="compare.about" />
      <div className="grid wide">
        <section className="paper stack">
          <h2 style={{ margin: 0 }}>{t("compare.how")}</h2>
          <pre className="code" tabIndex={0}>{COMMANDS}</pre>
          <div><CopyButton value={COMMANDS}>{({ copied, copy }) => <Button variant="default" size="xs" onClick={copy}>{t(copied ? "copied" : "copy")}</Button>}</CopyButton></div>
        </section>
        <section className="paper stack">
          <h2 style={{ margin: 0 }}>{t("compare.tells")}</h2>
          <ul style={{ margin: 0, paddingLeft: 20 }}><li>{t("compare.one")}</li><li>{t("compare.two")}</li><li>{t("compare.three")}</li></ul>
          <p className="small quiet">{t("compare.local")}</p>
        </section>
      </div>
    </>
  );
}
