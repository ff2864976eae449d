import { Button } from "@mantine/core";
import { Link } from "wouter";
import { Empty } from "../parts/states";
import { useWords } from "../words/words";

export default function NotFound() {
  const { t } = useWords();
  return (
    <Empty title={t("notFound.title")}>
      <p>{t("notFound.text")}</p>
      <Button component={Link} href="/console" variant="default">{t("notFound.home")}</Button>
    </Empty>
  );
}
