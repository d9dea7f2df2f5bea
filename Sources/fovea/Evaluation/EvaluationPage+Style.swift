// SPDX-License-Identifier: Apache-2.0

extension EvaluationPage {
  /// The style sheet: the look of the job reports, by day and by night, narrow and printed.
  static let styleSheet: Markup = """

    :root {
      color-scheme: light dark;
      --page: #fff; --ink: #1b2126; --soft: #56606a; --rule: #dfe3e6; --faint: #eef0f2;
      --accent: #b85400; --ft1: #2a6fb0; --pt: #7a8590; --good: #1b6b3a; --bad: #b3261e;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --page: #14181b; --ink: #e9edf0; --soft: #9ba6af; --rule: #2e363c; --faint: #20272c;
        --accent: #f08b3c; --ft1: #6fb1ee; --pt: #8b97a2; --good: #79c795; --bad: #ff8a80;
      }
    }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: var(--page); color: var(--ink);
      font: 15px/1.5 Inter, "Source Sans 3", system-ui, -apple-system, "Segoe UI", Roboto,
      "Helvetica Neue", "DejaVu Sans", sans-serif; font-variant-numeric: lining-nums tabular-nums;
    }
    main { max-width: 1160px; margin: 0 auto; padding: 48px 32px 64px; }
    p { margin: 0; }
    .eyebrow {
      color: var(--accent); font-size: 12px; font-weight: 600; letter-spacing: .08em;
      text-transform: uppercase;
    }
    h1 {
      margin: 6px 0 4px; font-size: 34px; line-height: 1.15; font-weight: 650;
      letter-spacing: -.015em; overflow-wrap: anywhere;
    }
    h2 {
      margin: 56px 0 10px; font-size: 20px; line-height: 1.25; font-weight: 650;
      letter-spacing: -.005em;
    }
    .subtitle, .lead, .note, .aside { color: var(--soft); }
    .lead { max-width: 76ch; margin-bottom: 20px; }
    .note { font-size: 13px; line-height: 1.4; }
    .headline {
      max-width: 40ch; margin-top: 30px; font-size: 27px; line-height: 1.3;
      letter-spacing: -.01em; text-wrap: balance;
    }
    .headline b { color: var(--accent); font-weight: 650; }
    .figures {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(180px, 1fr)); gap: 24px 28px;
      margin-top: 32px; padding-top: 22px; border-top: 2px solid var(--ink);
    }
    .label { color: var(--soft); font-size: 13px; }
    .value {
      margin: 2px 0 4px; font-size: 30px; line-height: 1.15; font-weight: 600;
      letter-spacing: -.015em; white-space: nowrap;
    }
    .unit { color: var(--soft); font-size: 16px; font-weight: 500; letter-spacing: 0; }
    .warning {
      margin-top: 20px; padding: 10px 14px; border-left: 4px solid var(--bad);
      background: var(--faint);
    }
    .warning b { color: var(--bad); }
    .scroll { overflow-x: auto; }
    .pair { display: grid; grid-template-columns: 1fr 1fr; gap: 0 48px; align-items: start; }
    .pair > div { min-width: 0; }
    .aside { align-self: center; max-width: 52ch; }
    .aside p + p { margin-top: 12px; }
    figure { margin: 0; }
    figcaption { font-size: 13px; line-height: 1.4; }

    .plot { display: grid; grid-template-columns: 1fr 220px; gap: 28px; align-items: center; }
    .chart { display: block; width: 100%; height: auto; }
    .chart.square { max-width: 420px; }
    .chart text { font-size: 13px; fill: var(--ink); }
    .chart .tick { font-size: 12px; fill: var(--soft); }
    .chart .label { font-weight: 600; }
    .grid { stroke: var(--rule); }
    .axis { stroke: var(--ink); }
    .end { stroke: var(--ink); stroke-dasharray: 2 4; }
    .curve { fill: none; stroke: var(--c); stroke-width: 2; stroke-linejoin: round; }
    .ft2 .curve { stroke-width: 3; }
    .gate .curve { stroke-dasharray: 7 5; }
    .dot { fill: var(--c); }
    .mark { fill: var(--c); stroke: var(--page); stroke-width: 1.5; }
    .interval { fill: none; stroke: var(--c); stroke-width: 2; }
    .ft2 { --c: var(--accent); }
    .ft1 { --c: var(--ft1); }
    .pt { --c: var(--pt); }
    .gate, .legend { --c: var(--ink); }
    .bar { fill: var(--accent); }
    .thin { opacity: .35; }
    .count { fill: var(--soft); }
    .wanted { stroke: var(--ink); stroke-width: 2; }
    .ideal { stroke: var(--soft); stroke-dasharray: 3 4; }
    .legend {
      display: flex; flex-direction: column; gap: 8px; margin: 0; padding: 0; list-style: none;
      font-size: 13px;
    }
    .legend li { display: flex; align-items: center; line-height: 1.3; }
    .legend svg { flex: 0 0 26px; height: 14px; margin-right: 9px; }

    .gallery {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(310px, 1fr)); gap: 26px 32px;
    }
    .looks { display: grid; grid-template-columns: repeat(3, 1fr); gap: 4px; }
    .looks img, .bought svg { display: block; width: 100%; aspect-ratio: 1; }
    .coarse { image-rendering: pixelated; }
    .bought { position: relative; }
    .bought svg { position: absolute; inset: 0; overflow: visible; }
    .veil { fill: #0c1013; opacity: .55; }
    .frame { fill: none; stroke: #ffa14f; stroke-width: .09; stroke-linecap: round; }
    .unasked {
      display: grid; place-items: center; padding: 8px; border: 1px dashed var(--rule);
      color: var(--soft); font-size: 12px; line-height: 1.3; text-align: center;
    }
    .chip figcaption { margin-top: 6px; color: var(--soft); }
    .chip b { color: var(--ink); font-weight: 600; }
    .chip .wrong { color: var(--bad); }
    .chip .wrong::before { content: "✗ "; }
    .chip .right::before { content: "✓ "; color: var(--good); }
    .spent { float: right; }

    .patches { display: block; width: 100%; }
    .cell { fill: var(--faint); }
    .fill { fill: var(--accent); }
    .maps {
      display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 24px 32px;
    }
    .maps figcaption, .masks figcaption { margin-top: 6px; color: var(--soft); }
    .maps b { display: block; color: var(--ink); font-weight: 600; overflow-wrap: anywhere; }
    .maps figcaption span { white-space: nowrap; }
    .scale { display: flex; gap: 8px; align-items: center; margin-top: 18px; font-size: 13px;
      color: var(--soft); }
    .scale i { width: 140px; height: 10px; border-radius: 2px;
      background: linear-gradient(to right, var(--faint), var(--accent)); }
    .masks {
      display: grid; grid-template-columns: repeat(6, 1fr); gap: 18px 16px; margin-top: 18px;
      text-align: center;
    }

    table { width: 100%; border-collapse: collapse; font-size: 14px; }
    th, td {
      padding: 6px 0 6px 18px; border-bottom: 1px solid var(--rule); text-align: left;
      vertical-align: baseline; font-weight: 400; white-space: nowrap;
    }
    th:first-child { padding-left: 0; }
    thead th { color: var(--soft); font-size: 12px; line-height: 1.3; }
    thead tr:first-child th { padding-bottom: 0; border-bottom: 0; }
    thead tr:last-child th { border-bottom-color: var(--ink); }
    .group { text-align: center; }
    .paper td[colspan] { text-align: center; font-size: 13px; }
    .n { text-align: right; }
    .stage th { padding-top: 20px; color: var(--soft); font-size: 13px; }
    .patchdrop th, .patchdrop td { font-weight: 650; }
    .patchdrop .range { font-weight: 400; }
    .paper, .published, .range { color: var(--soft); }
    .range { margin-right: 6px; font-size: 12px; }
    .ahead { font-weight: 650; color: var(--good); }
    .behind { font-weight: 650; color: var(--bad); }

    footer {
      margin-top: 64px; padding-top: 20px; border-top: 1px solid var(--rule); color: var(--soft);
      font-size: 13px;
    }
    dl { display: grid; gap: 6px; margin: 0 0 20px; }
    dl div { display: flex; gap: 12px; }
    dt { flex: 0 0 110px; }
    dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; min-width: 0; }
    @media screen and (max-width: 760px) {
      main { padding: 28px 18px 48px; }
      h1 { font-size: 27px; }
      h2 { margin-top: 44px; }
      .headline { font-size: 22px; }
      .pair { grid-template-columns: 1fr; }
      .figures { grid-template-columns: 1fr 1fr; gap: 22px 20px; }
      .value { font-size: 25px; }
      .gallery, .plot { grid-template-columns: 1fr; }
      .legend { flex-flow: row wrap; gap: 6px 20px; }
      .chart text, .chart .tick { font-size: 19px; }
      .chart.small text, .chart.small .tick { font-size: 16px; }
      .chart.square text, .chart.square .tick { font-size: 13px; }
      .aside { margin-top: 20px; }
      .maps { grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 20px 18px; }
      dl div { display: block; }
    }
    @media print {
      @page { margin: 14mm; }
      :root {
        color-scheme: light; --page: #fff; --ink: #1b2126; --soft: #56606a; --rule: #dfe3e6;
        --faint: #eef0f2; --accent: #b85400; --ft1: #2a6fb0; --pt: #7a8590; --good: #1b6b3a;
        --bad: #b3261e;
      }
      * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      body { font-size: 10.5pt; }
      main { max-width: none; padding: 0; }
      .figures { grid-template-columns: repeat(5, 1fr); gap: 16px; }
      .value { font-size: 18pt; }
      .plot { grid-template-columns: 1fr 150px; }
      .gallery { grid-template-columns: repeat(3, 1fr); gap: 14px 16px; }
      .scroll { overflow: visible; }
      table { font-size: 8.5pt; }
      th, td { padding: 3px 0 3px 8px; }
      .maps { grid-template-columns: repeat(6, 1fr); gap: 14px 16px; }
      .unasked { font-size: 7pt; padding: 2px; }
      figure, tr, .figures > div, .chart, .masks { break-inside: avoid; }
      h2, .lead { break-after: avoid; }
    }

    """
}
