// What stands around every page: theme, words, data, the account that is signed in.
import { MantineProvider, localStorageColorSchemeManager } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { Failure } from "./api/client";
import { Routes } from "./Routes";
import { theme, variables } from "./theme";
import { Words } from "./words/words";

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
// The name under which libraries look for it that put styles into the page.
(globalThis as { __webpack_nonce__?: string }).__webpack_nonce__ = nonce;

const scheme = localStorageColorSchemeManager({ key: "faregate-theme" });
const data = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      refetchOnWindowFocus: true,
      retry: (times, problem) => times < 2 && !(problem instanceof Failure && problem.status < 500),
    },
  },
});

export function App() {
  return (
    <MantineProvider theme={theme} cssVariablesResolver={variables} colorSchemeManager={scheme} defaultColorScheme="auto" getStyleNonce={() => nonce}>
      <QueryClientProvider client={data}>
        <Words>
          <Routes />
        </Words>
      </QueryClientProvider>
    </MantineProvider>
  );
}
