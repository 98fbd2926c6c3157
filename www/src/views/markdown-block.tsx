import { Component, createRef } from 'preact';
import type { App } from '../app.ts';
import { limitHeadings } from '../markdown/heading-levels.ts';
import { patchChildren } from '../markdown/patch.ts';
import { AppContext } from './app-context.ts';

interface Props {
  readonly source: string;
  readonly headingLimit: number;
  /** It changes no more, so its code may be highlighted. */
  readonly isFinished: boolean;
}

/** One block of Markdown; rendered again only when its own source has changed. */
export class MarkdownBlock extends Component<Props> {
  static override contextType = AppContext;
  readonly #element = createRef<HTMLDivElement>();

  override shouldComponentUpdate(next: Props): boolean {
    return (
      next.source !== this.props.source ||
      next.headingLimit !== this.props.headingLimit ||
      next.isFinished !== this.props.isFinished
    );
  }

  override componentDidMount(): void {
    this.#show();
  }

  override componentDidUpdate({ source, headingLimit }: Props): void {
    if (source !== this.props.source || headingLimit !== this.props.headingLimit) this.#show();
    else if (this.props.isFinished) this.#highlight();
  }

  override render() {
    return <div ref={this.#element} class="markdown-block" />;
  }

  #show(): void {
    const { renderMarkdown } = this.context as App;
    const fragment = renderMarkdown(this.props.source);
    limitHeadings(fragment, this.props.headingLimit);
    patchChildren(this.#element.current!, fragment);
    if (this.props.isFinished) this.#highlight();
  }

  #highlight(): void {
    (this.context as App).codeHighlighter.watch(this.#element.current!);
  }
}
