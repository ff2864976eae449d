// The choice of language and of theme, in the bar above every page.
import { ActionIcon, Button, useMantineColorScheme, useComputedColorScheme } from "@mantine/core";
import { useWords } from "../words/words";

export function LanguageChoice() {
  const { language, choose, t } = useWords();
  const other = language === "en" ? "zh" : "en";
  return (
    <Button variant="subtle" color="gray" size="compact-sm" lang={other} c="inherit" onClick={() => choose(other)} title={t("frame.otherLanguage")}>
      {other === "zh" ? "中文" : "EN"}
    </Button>
  );
}

export function ThemeChoice() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme("light", { getInitialValueInEffect: false }) === "dark";
  const { t } = useWords();
  return (
    <ActionIcon variant="subtle" color="gray" c="inherit" size="md" aria-label={t(dark ? "frame.light" : "frame.dark")} onClick={() => setColorScheme(dark ? "light" : "dark")}>
      <svg width="18" height="18" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true">
        {dark ? <><circle cx="12" cy="12" r="4" /><path d="M12 3v2M12 19v2M3 12h2M19 12h2M5.6 5.6l1.5 1.5M16.9 16.9l1.5 1.5M5.6 18.4l1.5-1.5M16.9 7.1l1.5-1.5" /></> : <path d="M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.5 10.5Z" />}
      </svg>
    </ActionIcon>
  );
}
