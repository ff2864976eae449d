// Conversations, the latest first: chosen, given another name, deleted.
import { ActionIcon, Button, Menu, Modal, Skeleton, TextInput } from "@mantine/core";
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "wouter";
import { api } from "../../api/client";
import { useWords } from "../../words/words";
import { Refused, useAct } from "../act";
import { Trouble } from "../states";
import type { Conversation } from "./shapes";

interface Page {
  conversations: Conversation[];
  next: string | null;
}

export const CONVERSATIONS = ["me", "conversations"];

export function List({ chosen, begin, gone }: { chosen: string | null; begin: () => void; gone: (id: string) => void }) {
  const { t } = useWords();
  const [naming, setNaming] = useState<Conversation | null>(null);
  const pages = useInfiniteQuery({
    queryKey: CONVERSATIONS,
    queryFn: ({ pageParam }) => api.get<Page>("/me/conversations", { before: pageParam, limit: 40 }),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = pages.data?.pages.flatMap((page) => page.conversations) ?? [];
  return (
    <nav className="chat-list" aria-label={t("chat.conversations")}>
      <Button variant="default" fullWidth onClick={begin} leftSection={<Plus />}>{t("chat.new")}</Button>
      {pages.isPending && <div aria-busy="true"><Skeleton height={34} mb={8} /><Skeleton height={34} mb={8} /><Skeleton height={34} /></div>}
      {pages.isError && <Trouble problem={pages.error} again={() => void pages.refetch()} />}
      {pages.isSuccess && rows.length === 0 && <p className="quiet small chat-none">{t("chat.none")}</p>}
      <ul>
        {rows.map((row) => (
          <li key={row.id}>
            <Link href={`/console/chat?c=${row.id}`} className="nav-link" aria-current={row.id === chosen ? "page" : undefined} title={row.title}>
              <span>{row.title || t("chat.untitled")}</span>
            </Link>
            <Acts row={row} rename={() => setNaming(row)} gone={gone} />
          </li>
        ))}
      </ul>
      {pages.hasNextPage && <Button variant="subtle" size="xs" loading={pages.isFetchingNextPage} onClick={() => void pages.fetchNextPage()}>{t("requests.more")}</Button>}
      <Modal opened={naming !== null} onClose={() => setNaming(null)} title={t("chat.rename")} closeButtonProps={{ "aria-label": t("frame.close") }}>
        {naming && <Rename key={naming.id} row={naming} done={() => setNaming(null)} />}
      </Modal>
    </nav>
  );
}

function Acts({ row, rename, gone }: { row: Conversation; rename: () => void; gone: (id: string) => void }) {
  const { t } = useWords();
  const data = useQueryClient();
  const remove = async () => {
    if (!window.confirm(t("chat.sureDelete"))) return;
    await api.remove(`/me/conversations/${row.id}`);
    gone(row.id);
    await data.invalidateQueries({ queryKey: CONVERSATIONS });
  };
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="inherit" size="md" aria-label={t("chat.acts", { title: row.title || t("chat.untitled") })}><Dots /></ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item onClick={rename}>{t("chat.rename")}</Menu.Item>
        <Menu.Item c="var(--mantine-color-error)" onClick={() => void remove()}>{t("chat.delete")}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function Rename({ row, done }: { row: Conversation; done: () => void }) {
  const { t } = useWords();
  const [title, setTitle] = useState(row.title);
  const act = useAct({ path: `/me/conversations/${row.id}`, done });
  return (
    <form className="stack" onSubmit={(event) => { event.preventDefault(); act.mutate({ title: title.trim() }); }}>
      <TextInput label={t("chat.title_")} value={title} onChange={(event) => setTitle(event.currentTarget.value)} maxLength={200} required data-autofocus />
      <Refused problem={act.error} />
      <Button type="submit" loading={act.isPending} disabled={!title.trim()}>{t("settings.save")}</Button>
    </form>
  );
}

function Plus() {
  return <svg width="16" height="16" viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="2" strokeLinecap="round" aria-hidden="true"><path d="M12 5v14M5 12h14" /></svg>;
}

function Dots() {
  return <svg width="16" height="16" viewBox="0 0 24 24" fill="currentColor" aria-hidden="true"><circle cx="5" cy="12" r="2" /><circle cx="12" cy="12" r="2" /><circle cx="19" cy="12" r="2" /></svg>;
}
