// SPDX-License-Identifier: Apache-2.0

extension ReportPage {
  /// The page in Mustache: double braces escape, triple ones are for our own style and pictures.
  static let source = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light">
    <title>{{title}} · Fovea</title>
    <style>{{{style}}}</style>
    </head>
    <body>
    <main>
    <header>
    <p class="eyebrow">Fovea · job report
    {{#stateNote}}<span class="state">{{stateNote}}</span>{{/stateNote}}</p>
    <h1>{{title}}</h1>
    <p class="subtitle">{{subtitle}}</p>
    </header>

    <section class="figures" aria-label="In short">
    {{#figures}}
    <div>
    <p class="label">{{label}}</p>
    <p class="value">{{value}}{{#unit}} <span class="unit">{{unit}}</span>{{/unit}}</p>
    <p class="note">{{note}}</p>
    </div>
    {{/figures}}
    </section>
    {{#spentShare}}
    <div class="bar" role="img" aria-label="Spent: {{spentShareText}}">
    <span style="width: {{spentShare}}%"></span>
    </div>
    <p class="bar-note">Spent: {{spentShareText}}</p>
    {{/spentShare}}

    <section>
    <h2>What was bought</h2>
    <div class="pair">
    <figure>
    <img src="{{{pictures.purchase}}}" width="{{pictures.width}}" height="{{pictures.height}}"
    alt="The coarse scene, the bought patches outlined.">
    <figcaption>
    <b>What the agent saw.</b> The coarse scene, {{ground}}, and what it chose.
    {{#hasBought}}
    <span class="key"><i style="background: {{boughtColour}}"></i>bought</span>
    {{/hasBought}}
    {{#hasOwned}}
    <span class="key"><i style="background: {{ownedColour}}"></i>owned before</span>
    {{/hasOwned}}
    </figcaption>
    </figure>
    <figure>
    <img src="{{{pictures.mosaic}}}" width="{{pictures.width}}" height="{{pictures.height}}"
    alt="The high-resolution patches over the faded scene.">
    <figcaption><b>What was delivered.</b> {{mosaicNote}}</figcaption>
    </figure>
    </div>
    </section>

    <section>
    <h2>What was found</h2>
    <div class="pair map">
    <figure>
    <img src="{{{pictures.classes}}}" width="{{pictures.width}}" height="{{pictures.height}}"
    alt="The class of each chip, in the colours of the table.">
    <figcaption><b>The class of each chip,</b> in the colours of the table.
    {{#hasMissing}}
    <span class="key"><i style="background: {{missingColour}}"></i>no answer</span>
    {{/hasMissing}}
    </figcaption>
    </figure>
    <div class="scroll">
    <table class="classes">
    <thead><tr>
    <th>Class</th>
    <th class="n">Chips</th>
    <th class="n">Area</th>
    <th class="n" colspan="2">Share</th>
    <th class="n">Mean probability</th>
    </tr></thead>
    <tbody>
    {{#classRows}}
    <tr{{#isEmpty}} class="empty"{{/isEmpty}}>
    <th scope="row"><i style="background: {{colour}}"></i>{{name}}</th>
    <td class="n">{{chips}}</td>
    <td class="n">{{area}}</td>
    <td class="strip"><span style="width: {{shareWidth}}%; background: {{colour}}"></span></td>
    <td class="n share">{{share}}</td>
    <td class="n">{{probability}}</td>
    </tr>
    {{/classRows}}
    </tbody>
    </table>
    </div>
    </div>
    </section>

    <section>
    <h2>Orders</h2>
    {{^orders}}
    <p>Nothing was ordered.</p>
    {{/orders}}
    {{#hasOrders}}
    <div class="scroll">
    <table class="orders">
    <thead><tr>
    <th>Order</th>
    <th>At the vendor</th>
    <th>State</th>
    <th class="n">Items</th>
    <th class="n">Patches</th>
    <th class="n">Area bought</th>
    <th class="n">Quoted</th>
    <th class="n">Charged</th>
    </tr></thead>
    <tbody>
    {{#orders}}
    <tr>
    <th scope="row" class="id" title="{{key}}">{{shortKey}}</th>
    <td class="id">{{vendorOrder}}</td>
    <td>{{state}}</td>
    <td class="n">{{items}}</td>
    <td class="n">{{patches}}</td>
    <td class="n">{{area}}</td>
    <td class="n">{{price}}</td>
    <td class="n">{{charged}}</td>
    </tr>
    {{/orders}}
    </tbody>
    <tfoot>
    {{#orderTotal}}
    <tr>
    <th scope="row">{{shortKey}}</th>
    <td></td>
    <td></td>
    <td class="n">{{items}}</td>
    <td class="n">{{patches}}</td>
    <td class="n">{{area}}</td>
    <td></td>
    <td class="n">{{charged}}</td>
    </tr>
    {{/orderTotal}}
    </tfoot>
    </table>
    </div>
    {{/hasOrders}}
    </section>

    {{#hasNotSurveyed}}
    <section>
    <h2>Left out</h2>
    <ul class="left-out">
    {{#notSurveyed}}
    <li><b>{{count}}</b>, {{reason}}: {{places}}</li>
    {{/notSurveyed}}
    </ul>
    </section>
    {{/hasNotSurveyed}}

    <footer>
    <dl>
    {{#facts}}
    <div><dt>{{name}}</dt><dd>{{value}}</dd></div>
    {{/facts}}
    </dl>
    {{#attributions}}
    <p class="attribution">{{.}}</p>
    {{/attributions}}
    </footer>
    </main>
    </body>
    </html>

    """

  /// The style sheet: dark text on white, two columns where there is room, whole tables in print.
  static let styleSheet = """

    :root { --ink: #1b2126; --soft: #56606a; --rule: #dfe3e6; --accent: #b85400; }
    * { box-sizing: border-box; }
    html { -webkit-text-size-adjust: 100%; }
    body {
      margin: 0; background: #fff; color: var(--ink); font: 15px/1.5 Inter, "Source Sans 3",
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
      margin-top: 28px; height: 8px; border-radius: 4px; background: #e9ecee; overflow: hidden;
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
      box-shadow: inset 0 0 0 1px rgba(0, 0, 0, .18); vertical-align: -1px;
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
    .empty { color: #7b848c; }
    .classes th[scope] { white-space: nowrap; }
    .strip { width: 72px; vertical-align: middle; }
    .strip span {
      display: block; height: 9px; border-radius: 2px; box-shadow: inset 0 0 0 1px rgba(0, 0, 0,
      .14);
    }
    .left-out { margin: 0; padding-left: 18px; }
    footer {
      margin-top: 64px; padding-top: 20px; border-top: 1px solid var(--rule); color: var(--soft);
      font-size: 13px;
    }
    dl { display: grid; grid-template-columns: 1fr 1fr; gap: 6px 32px; margin: 0 0 20px; }
    dl div { display: flex; gap: 12px; }
    dt { flex: 0 0 84px; }
    dd { margin: 0; color: var(--ink); overflow-wrap: anywhere; min-width: 0; }
    .attribution { margin-top: 4px; }
    @media screen and (max-width: 760px) {
      main { padding: 28px 18px 48px; }
      h1 { font-size: 27px; }
      h2 { margin-top: 44px; }
      .pair, dl { grid-template-columns: 1fr; }
      .figures { grid-template-columns: 1fr 1fr; gap: 22px 20px; }
      .value { font-size: 26px; }
    }
    @media screen and (max-width: 460px) {
      .figures { grid-template-columns: 1fr; }
      .strip { display: none; }
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
