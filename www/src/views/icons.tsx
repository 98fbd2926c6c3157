import type { ComponentChildren } from 'preact';

function Icon({ children, class: className = '' }: { children: ComponentChildren; class?: string }) {
  return (
    <svg class={`icon ${className}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {children}
    </svg>
  );
}

export const SendIcon = () => <Icon><path d="M12 19V5m-6.5 6.5L12 5l6.5 6.5" /></Icon>;
export const StopIcon = () => <Icon class="icon-solid"><rect x="7" y="7" width="10" height="10" rx="2" /></Icon>;
export const PlusIcon = () => <Icon><path d="M12 5v14M5 12h14" /></Icon>;
export const DownIcon = () => <Icon><path d="M12 5v14m-6.5-6.5L12 19l6.5-6.5" /></Icon>;
export const CopyIcon = () => (
  <Icon><rect x="9" y="9" width="11" height="11" rx="2.5" /><path d="M5.5 15A1.5 1.5 0 0 1 4 13.5v-8A1.5 1.5 0 0 1 5.5 4h8A1.5 1.5 0 0 1 15 5.5" /></Icon>
);
export const CheckIcon = () => <Icon><path d="m5 12.5 4.5 4.5L19 7.5" /></Icon>;
export const RetryIcon = () => <Icon><path d="M4.5 12a7.5 7.5 0 1 1 2.2 5.3M4.5 18v-4.5h4.5" /></Icon>;
export const LeaveIcon = () => (
  <Icon><path d="M14 4.5H7A2 2 0 0 0 5 6.5v11a2 2 0 0 0 2 2h7M11 12h9m-3.5-3.5L20 12l-3.5 3.5" /></Icon>
);
export const ClockIcon = () => <Icon><circle cx="12" cy="12" r="8.5" /><path d="M12 7.5V12l3 2" /></Icon>;
export const GaugeIcon = () => <Icon><path d="M4.5 17.5a8.5 8.5 0 1 1 15 0M12 14l3.5-4" /></Icon>;
export const WarningIcon = () => <Icon><circle cx="12" cy="12" r="8.5" /><path d="M12 8v4.5m0 3.2v.1" /></Icon>;
export const SunIcon = () => (
  <Icon><circle cx="12" cy="12" r="3.8" /><path d="M12 3v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.4M18.4 5.6 17 7M7 17l-1.4 1.4" /></Icon>
);
export const MoonIcon = () => <Icon><path d="M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7Z" /></Icon>;
export const SystemIcon = () => <Icon><rect x="4" y="5" width="16" height="11" rx="2" /><path d="M9 20h6m-3-4v4" /></Icon>;

export const ListIcon = () => <Icon><path d="M4 7h16M4 12h16M4 17h10" /></Icon>;
export const CloseIcon = () => <Icon><path d="m6 6 12 12M18 6 6 18" /></Icon>;
export const SearchIcon = () => <Icon><circle cx="11" cy="11" r="6.2" /><path d="m15.6 15.6 4 4" /></Icon>;
export const TrashIcon = () => <Icon><path d="M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7m-7 4v5m4-5v5" /></Icon>;
export const EditIcon = () => <Icon><path d="M5 19h3.5L19 8.5 15.5 5 5 15.5V19Zm8-11.5 3.5 3.5" /></Icon>;
export const RegenerateIcon = () => <Icon><path d="M19 12a7 7 0 1 1-2.3-5.2L19 9m0-4.5V9h-4.5" /></Icon>;

export function BrandMark({ class: className = '' }: { class?: string }) {
  return (
    <svg class={`brand-mark ${className}`} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path class="brand-shape" d="M8 4h16a5 5 0 0 1 5 5v10a5 5 0 0 1-5 5h-9l-6 5v-5H8a5 5 0 0 1-5-5V9a5 5 0 0 1 5-5Z" />
      <path class="brand-line" d="M10.5 11.5h11M10.5 16.5h6.5" />
    </svg>
  );
}
