import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  readonly class: string;
  readonly role?: 'alertdialog';
  readonly label?: string;
  readonly labelledBy?: string;
  readonly describedBy?: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A dialog over everything else. The browser keeps the focus in it, and brings it back to where it came from. */
export function Modal({ class: className, role, label, labelledBy, describedBy, onClose, children }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  // The browser tells that a dialog has closed some time later, when another one may be open already; so the page does
  // not wait for that, and closes it itself.
  const close = (event: Event) => {
    event.preventDefault();
    onClose();
  };

  useLayoutEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);

  return (
    <dialog
      ref={dialog}
      class={`modal ${className}`}
      role={role}
      aria-label={label}
      aria-labelledby={labelledBy}
      aria-describedby={describedBy}
      onCancel={close}
      onClose={() => {
        if (dialog.current) onClose();
      }}
      onMouseDown={(event) => {
        // What is beside the dialog's own content is its backdrop.
        if (event.target === dialog.current) close(event);
      }}
    >
      <div class="modal-content">{children}</div>
    </dialog>
  );
}
