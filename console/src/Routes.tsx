// Which page stands at the address, in the frame; who may not see it is told what to do instead.
import { Suspense, useEffect } from "react";
import { Redirect, Route, Switch, useLocation } from "wouter";
import { useSession } from "./api/session";
import { Shell } from "./frame/Shell";
import { PAGES, sees, type Page } from "./pages";
import { Boundary } from "./parts/Boundary";
import { PageSkeleton } from "./parts/states";
import { useWords } from "./words/words";
import NotFound from "./pages/NotFound";

export const BASE = "/console";

export function Routes() {
  return (
    <Shell>
      <Switch>
        {PAGES.map((page) => (
          <Route key={page.path} path={BASE + page.path}>
            <Guarded page={page} />
          </Route>
        ))}
        <Route path="/"><Start /></Route>
        <Route path={BASE}><Start /></Route>
        <Route><NotFound /></Route>
      </Switch>
    </Shell>
  );
}

function Start() {
  const session = useSession();
  const page = PAGES.find((one) => one.path === "/pricing");
  if (session.isPending) return <PageSkeleton />;
  if (session.data?.user?.account) return <Redirect to={`${BASE}/overview`} replace />;
  if (session.data?.user && session.data.user.role !== "customer") return <Redirect to={`${BASE}/office/health`} replace />;
  return page ? <Guarded page={page} /> : null;
}

function Guarded({ page }: { page: Page }) {
  const session = useSession();
  const [place] = useLocation();
  const { t } = useWords();
  const Content = page.page;
  useEffect(() => {
    document.title = `${t(page.title)} · Faregate`;
  }, [t, page.title]);
  if (page.audience !== "all" && session.isPending) return <PageSkeleton />;
  if (!sees(session.data, page)) {
    if (page.audience === "visitor") return <Redirect to={`${BASE}${session.data?.user?.account ? "/overview" : ""}`} replace />;
    if (!session.data?.signed_in) return <Redirect to={`${BASE}/sign-in?to=${encodeURIComponent(place)}`} replace />;
    return <NotFound />;
  }
  return (
    <Boundary key={place}>
      <Suspense fallback={<PageSkeleton />}>
        <Content />
      </Suspense>
    </Boundary>
  );
}
