import "@mantine/core/styles.css";
import "./style.css";
import { createRoot } from "react-dom/client";
import { App } from "./App";
import { want } from "./words/catalogue";

const root = document.getElementById("root");
want("all").then(
  () => root && createRoot(root).render(<App />),
  // A file of an older build, or no connection any more.
  () => root?.append("Reload this page, please. 请重新加载此页面。"),
);
