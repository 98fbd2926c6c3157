import { Component, createRef } from 'preact';
import { AppContext, type App } from '../app.ts';
import { limitHeadings } from '../markdown/heading-levels.ts';
import { patchChildren } from '../markdown/patch.ts';

interface Props {
  readonly source: string;
  readonly headingLimit: number;
}

/** One block of Markdown; rendered again only when its own source has changed. */
export class MarkdownBlock extends Component<Props> {
  static override contextType = AppContext;
  readonly #element = createRef<HTMLDivElement>();

  override shouldComponentUpdate(next: Props): boolean {
    return next.source !== this.props.source || next.headingLimit !== this.props.headingLimit;
  }

  override componentDidMount(): void {
    this.#show();
  }

  override componentDidUpdate(): void {
    this.#show();
  }

  override render() {
    return <div ref={this.#element} class="markdown-block" />;
  }

  #show(): void {
    const { renderMarkdown } = this.context as App;
    const fragment = renderMarkdown(this.props.source);
    limitHeadings(fragment, this.props.headingLimit);
    patchChildren(this.#element.current!, fragment);
  }
}
