// SPDX-License-Identifier: Apache-2.0

extension ReportPage {
  /// The style sheet: the reader's own choice of light or dark, two columns where there is room,
  /// whole tables in print.
  static let styleSheet = """

    :root {
      --paper: #fff; --ink: #1b2126; --soft: #56606a; --faint: #7b848c; --rule: #dfe3e6;
      --track: #e9ecee; --edge: rgba(0, 0, 0, .18); --accent: #b85400;
    }
    @media screen and (prefers-color-scheme: dark) {
      :root {
        --paper: #14181b; --ink: #e8ebed; --soft: #a3adb5; --faint: #7e8890; --rule: #2c3338;
        --track: #2a3036; --edge: rgba(255, 255, 255, .25); --accent: #ff9a4d;
      }
      figure img { filter: brightness(.88); }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 Inter, "Source Sans 3",
      system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
      font-variant-numeric: lining-nums tabular-nums;
    }
    main { max-width: 1160px; margin: 0 auto; padding: 48px 32px 64px; }
    p { margin: 0; }
    .eyebrow {
      color: var(--accent); font-size: 12px; font-weight: 600; letter-spacing: .08em;
      text-transform: uppercase;
    }
    .state {
      margin-left: 8px; padding: 2px 8px; border: 1px solid currentColor; border-radius: 9px;
      letter-spacing: 0; text-transform: none;
    }
    h1 {
      margin: 6px 0 4px; font-size: 34px; line-height: 1.15; font-weight: 650; letter-spacing:
      -.015em; overflow-wrap: anywhere;
    }
    .subtitle { color: var(--soft); overflow-wrap: anywhere; }
    h2 {
      margin: 56px 0 16px; font-size: 20px; line-height: 1.25; font-weight: 650; letter-spacing:
      -.005em;
    }
    .figures {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: 24px 32px;
      margin-top: 36px; padding-top: 24px; border-top: 2px solid var(--ink);
    }
    .label { color: var(--soft); font-size: 13px; }
    .value {
      margin: 2px 0 4px; font-size: 32px; line-height: 1.15; font-weight: 600; letter-spacing:
      -.015em; white-space: nowrap;
    }
    .unit { color: var(--soft); font-size: 16px; font-weight: 500; letter-spacing: 0; }
    .note { color: var(--soft); font-size: 13px; line-height: 1.4; }
    .bar {
      margin-top: 28px; height: 8px; border-radius: 4px; background: var(--track); overflow: hidden;
    }
    .bar span { display: block; height: 100%; background: var(--accent); }
    .bar-note { margin-top: 6px; color: var(--soft); font-size: 13px; }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 28px 32px; align-items: start; }
    figure { margin: 0; }
    figure img { display: block; width: 100%; height: auto; border-radius: 3px; }
    figcaption { margin-top: 10px; color: var(--soft); font-size: 13px; line-height: 1.45; }
    figcaption b { color: var(--ink); font-weight: 600; }
    .key { margin-right: 8px; white-space: nowrap; }
    .key i, .classes i {
      display: inline-block; width: 12px; height: 12px; margin-right: 8px; border-radius: 2px;
      box-shadow: inset 0 0 0 1px var(--edge); vertical-align: -1px;
    }
    .key i { margin-right: 5px; }
    .scroll { overflow-x: auto; }
    table { width: 100%; border-collapse: collapse; font-size: 14px; }
    th, td {
      padding: 7px 0 7px 16px; border-bottom: 1px solid var(--rule); text-align: left;
      vertical-align: baseline; font-weight: 400;
    }
    th:first-child, td:first-child { padding-left: 0; }
    thead th {
      color: var(--soft); font-size: 12px; line-height: 1.3; border-bottom-color: var(--ink);
      vertical-align: bottom;
    }
    tfoot th, tfoot td { border-bottom: 0; border-top: 1px solid var(--ink); font-weight: 600; }
    .n { text-align: right; white-space: nowrap; }
    thead .n { white-space: normal; }
    .id { font: 13px/1.4 ui-monospace, "SF Mono", "DejaVu Sans Mono", monospace; }
    .orders td { white-space: nowrap; }
    .orders .id {
      max-width: 260px; overflow: hidden; text-overflow: ellipsis; white-space: nowrap;
    }
    .share { padding-left: 8px; }
    .empty { color: var(--faint); }
    .classes th[scope] { white-space: nowrap; }
    .strip { width: 72px; vertical-align: middle; }
    .strip span {
      display: block; height: 9px; border-radius: 2px; box-shadow: inset 0 0 0 1px var(--edge);
    }
    .remark { max-width: 76ch; margin-top: 14px; color: var(--soft); font-size: 13px; }
    .order-note td {
      padding-top: 0; color: var(--accent); font-size: 13px; white-space: normal;
    }
    tr:has(+ .order-note) > * { border-bottom: 0; }
    .reasons { margin: 0; padding-left: 18px; }
    .stage { white-space: nowrap; }
    .stage + .stage::before { content: "· "; }
    footer {
      margin-top: 64px; padding-top: 20px; border-top: 1px solid var(--rule); color: var(--soft);
      font-size: 13px;
    }
    dl { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 32px; margin: 0 0 20px; }
    dl div { display: flex; gap: 12px; }
    dt { flex: 0 0 84px; }
    dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; min-width: 0; }
    .attribution { margin-top: 4px; }
    .duties { grid-template-columns: 1fr; margin: 12px 0 0; }
    .duties dt { flex-basis: 104px; color: var(--soft); }
    @media screen and (max-width: 760px) {
      main { padding: 28px 18px 48px; }
      h1 { font-size: 27px; }
      h2 { margin-top: 44px; }
      .pair, dl { grid-template-columns: 1fr; }
      .figures { grid-template-columns: 1fr 1fr; gap: 22px 20px; }
      .value { font-size: 26px; }
    }
    @media screen and (max-width: 520px) {
      .figures { grid-template-columns: 1fr; }
      td.strip { width: 0; padding: 0; }
      .strip span { display: none; }
      table, .orders .id { font-size: 13px; }
      :is(th, td):not(:first-child) { padding-left: 8px; }
      .orders :is(th, td):is(:nth-child(2), :nth-child(4), :nth-child(5)) { display: none; }
      .orders td:nth-child(3) { white-space: normal; }
    }
    @media print {
      @page { margin: 16mm; }
      body { font-size: 11pt; }
      main { max-width: none; padding: 0; }
      .figures { grid-template-columns: repeat(4, 1fr); gap: 20px; }
      .value { font-size: 20pt; }
      .pair { gap: 18px; }
      .map { grid-template-columns: 2fr 3fr; }
      .scroll { overflow: visible; }
      table { font-size: 9.5pt; }
      th, td { padding-top: 4px; padding-bottom: 4px; }
      .bar, .bar span, .strip span, i {
        -webkit-print-color-adjust: exact; print-color-adjust: exact;
      }
      figure, tr, .figures > div { break-inside: avoid; }
      h2 { break-after: avoid; }
    }

    """
}
