// The frame around every page: the menu at its side or behind a button, the bar above it.
import { Burger, Button, Drawer, Menu } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useEffect, useRef, type ReactNode } from "react";
import { Link, useLocation } from "wouter";
import { api } from "../api/client";
import { useSession, useTakeSession, wasHere } from "../api/session";
import type { Session } from "../api/shapes";
import { PAGES, sees, type Page } from "../pages";
import { BASE } from "../Routes";
import { useWords, type Word } from "../words/words";
import { LanguageChoice, ThemeChoice } from "./choices";

export function Shell({ children }: { children: ReactNode }) {
  const session = useSession();
  const [place] = useLocation();
  const [opened, menu] = useDisclosure(false);
  const { t } = useWords();
  const main = useRef<HTMLElement>(null);
  const before = useRef(place);
  useEffect(() => {
    menu.close();
    if (before.current !== place) {
      before.current = place;
      window.scrollTo(0, 0);
      main.current?.focus({ preventScroll: true });
    }
    // eslint-disable-next-line
  }, [place]);
  const signed = session.data ? session.data.signed_in : wasHere();
  return (
    <>
      <a className="skip" href="#main">{t("frame.skip")}</a>
      <div className={signed ? "frame" : undefined}>
        {signed && (
          <aside className="side fixed"><Brand /><SideMenu session={session.data} /></aside>
        )}
        <div>
          <header className="top">
            <span className="only-narrow"><Burger size="sm" opened={opened} onClick={menu.toggle} aria-label={t("frame.menu")} /></span>
            <span className={signed ? "only-narrow" : "placed"}><Brand /></span>
            {!signed && <TopLinks session={session.data} />}
            <span className="push" />
            <LanguageChoice />
            <ThemeChoice />
            <Account session={session.data} />
          </header>
          <main id="main" tabIndex={-1} ref={main}>{children}</main>
        </div>
      </div>
      <Drawer opened={opened} onClose={menu.close} size={280} title="Faregate" closeButtonProps={{ "aria-label": t("frame.close") }}>
        <SideMenu session={session.data} />
      </Drawer>
    </>
  );
}

function Brand() {
  return (
    <Link href={`${BASE}`} className="brand"><img src={`${BASE}/gate.svg`} alt="" width={26} height={26} />Faregate</Link>
  );
}

function shown(session: Session | undefined): [Word, Page[]][] {
  const menus = new Map<Word, Page[]>();
  for (const page of PAGES) {
    if (page.menu && sees(session, page)) menus.set(page.menu, [...(menus.get(page.menu) ?? []), page]);
  }
  return [...menus];
}

function SideMenu({ session }: { session: Session | undefined }) {
  const { t } = useWords();
  const [place] = useLocation();
  return (
    <nav aria-label={t("frame.menu")}>
      {shown(session).map(([title, pages]) => (
        <div key={title}>
          <div className="nav-title">{t(title)}</div>
          {pages.map((page) => (
            <Link key={page.path} href={BASE + page.path} className="nav-link" aria-current={isAt(place, page) ? "page" : undefined}>
              {t(page.title)}
            </Link>
          ))}
        </div>
      ))}
    </nav>
  );
}

function isAt(place: string, page: Page): boolean {
  return place === BASE + page.path || place.startsWith(`${BASE}${page.path}/`);
}

function TopLinks({ session }: { session: Session | undefined }) {
  const { t } = useWords();
  const [place] = useLocation();
  return (
    <nav className="row only-wide" aria-label={t("frame.menu")}>
      {PAGES.filter((page) => page.menu && page.audience === "all" && sees(session, page)).map((page) => (
        <Link key={page.path} href={BASE + page.path} className="nav-link" aria-current={isAt(place, page) ? "page" : undefined}>
          {t(page.title)}
        </Link>
      ))}
    </nav>
  );
}

function Account({ session }: { session: Session | undefined }) {
  const { t } = useWords();
  const take = useTakeSession();
  const [, go] = useLocation();
  if (!session) return null;
  if (!session.user) {
    return (
      <>
        <Button component={Link} href={`${BASE}/sign-in`} variant="default" size="sm">{t("signIn.title")}</Button>
        {session.sign_up !== "closed" && (
          <Button component={Link} href={`${BASE}/sign-up`} size="sm" className="only-wide">{t("signUp.title")}</Button>
        )}
      </>
    );
  }
  const leave = async () => {
    take(await api.post<Session>("/session/sign-out"));
    go(`${BASE}/sign-in`);
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button variant="default" size="sm" maw={{ base: 150, sm: 220 }} className="who">{session.user.name || session.user.email}</Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item component={Link} href={`${BASE}/settings`}>{t("settings.title")}</Menu.Item>
        <Menu.Item onClick={() => void leave()}>{t("frame.signOut")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
