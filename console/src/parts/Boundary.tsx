// Keeps what breaks in one page from taking the frame with it.
import { Component, type ReactNode } from "react";
import { Trouble } from "./states";

export class Boundary extends Component<{ children: ReactNode }, { problem: unknown }> {
  override state = { problem: null as unknown };

  static getDerivedStateFromError(problem: unknown) {
    return { problem };
  }

  override render() {
    return this.state.problem ? <Trouble problem={this.state.problem} again={() => this.setState({ problem: null })} /> : this.props.children;
  }
}
