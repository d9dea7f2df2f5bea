// SPDX-License-Identifier: Apache-2.0

extension ReportPage {
  /// The page in Mustache: double braces escape, triple ones are for our own style and pictures.
  static let source = """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
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
    {{#hasGeodesicAreas}}<th class="n">On the ellipsoid</th>{{/hasGeodesicAreas}}
    <th class="n" colspan="2">Share</th>
    <th class="n">Mean probability</th>
    </tr></thead>
    <tbody>
    {{#classRows}}
    <tr{{#isEmpty}} class="empty"{{/isEmpty}}>
    <th scope="row"><i style="background: {{colour}}"></i>{{name}}</th>
    <td class="n">{{chips}}</td>
    <td class="n">{{area}}</td>
    {{#geodesicArea}}<td class="n">{{geodesicArea}}</td>{{/geodesicArea}}
    <td class="strip"><span style="width: {{shareWidth}}%; background: {{colour}}"></span></td>
    <td class="n share">{{share}}</td>
    <td class="n">{{probability}}</td>
    </tr>
    {{/classRows}}
    </tbody>
    </table>
    </div>
    </div>
    {{#accuracyNote}}<p class="remark">{{accuracyNote}}</p>{{/accuracyNote}}
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
    <th class="n">Needed</th>
    <th class="n">Billed</th>
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
    <td class="n">{{needed}}</td>
    <td class="n">{{billed}}</td>
    <td class="n">{{price}}</td>
    <td class="n">{{charged}}</td>
    </tr>
    {{#note}}<tr class="order-note"><td colspan="9">{{note}}</td></tr>{{/note}}
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
    <td class="n">{{needed}}</td>
    <td class="n">{{billed}}</td>
    <td class="n">{{price}}</td>
    <td class="n">{{charged}}</td>
    </tr>
    {{/orderTotal}}
    </tfoot>
    </table>
    </div>
    {{#ordersNote}}<p class="remark">{{ordersNote}}</p>{{/ordersNote}}
    {{/hasOrders}}
    </section>

    {{#hasReasons}}
    <section>
    <h2>Why</h2>
    <ul class="reasons">
    {{#choices}}
    <li><b>{{count}}</b>: {{reason}}</li>
    {{/choices}}
    {{#leftOut}}
    <li><b>{{count}}</b>: {{reason}} ({{places}})</li>
    {{/leftOut}}
    </ul>
    </section>
    {{/hasReasons}}

    {{#hasDuties}}
    <section>
    <h2>What to name{{#hasLicence}}, and what the licence asks{{/hasLicence}}</h2>
    {{#attributions}}
    <p class="attribution">{{.}}</p>
    {{/attributions}}
    <dl class="duties">
    {{#duties}}
    <div><dt>{{name}}</dt><dd>{{value}}</dd></div>
    {{/duties}}
    </dl>
    </section>
    {{/hasDuties}}

    <footer>
    <dl>
    {{#facts}}
    <div><dt>{{name}}</dt><dd>{{value}}</dd></div>
    {{/facts}}
    {{#hasStages}}
    <div><dt>Times</dt><dd>
    {{#stages}}<span class="stage">{{name}} {{value}}</span> {{/stages}}
    </dd></div>
    {{/hasStages}}
    </dl>
    </footer>
    </main>
    </body>
    </html>

    """
}
