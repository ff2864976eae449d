// Colours, type and the few components that differ from Mantine's own, so that every text has enough contrast.
import { Badge, createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

const gate: MantineColorsTuple = [
  "#e9f7f4", "#cfece6", "#a3d9cf", "#72c4b6", "#46af9f", "#249787", "#118073", "#0b6b63", "#085750", "#05443f",
];

export const theme = createTheme({
  primaryColor: "gate",
  primaryShade: { light: 7, dark: 7 },
  colors: { gate },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif',
  fontFamilyMonospace: 'ui-monospace, SFMono-Regular, Menlo, Consolas, "Noto Sans Mono CJK SC", monospace',
  components: { Badge: Badge.extend({ defaultProps: { tt: "none" } }) },
  headings: { fontWeight: "650", sizes: { h1: { fontSize: "1.6rem", lineHeight: "1.25" }, h2: { fontSize: "1.15rem" } } },
});

const NAMES = ["gate", "red", "orange", "yellow", "green", "blue", "gray", "grape", "indigo"];

export const variables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#54606a",
    "--mantine-color-placeholder": "#646f79",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "var(--mantine-color-gate-8)",
    "--mantine-color-body": "#f6f8f8",
    ...Object.fromEntries(NAMES.map((name) => [`--mantine-color-${name}-light-color`, `color-mix(in srgb, var(--mantine-color-${name}-9), black 25%)`])),
  },
  dark: {
    "--mantine-color-dimmed": "#a9b4b8",
    "--mantine-color-placeholder": "#98a3a8",
    "--mantine-color-error": "#ff9a8f",
    "--mantine-color-anchor": "var(--mantine-color-gate-3)",
    "--mantine-color-body": "#101516",
    "--mantine-color-text": "#e4eaea",
    ...Object.fromEntries(NAMES.map((name) => [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-2)`])),
  },
});
