// A page that is loaded when it is opened, and the words it needs with it.
import { lazy, type ComponentType, type LazyExoticComponent } from "react";
import { want, type Part } from "./words/catalogue";

export type Load = () => Promise<{ default: ComponentType }>;

export function opened(load: Load, part?: Part): LazyExoticComponent<ComponentType> {
  return lazy(async () => {
    const [page] = await Promise.all([load(), part && want(part)]);
    return page;
  });
}
