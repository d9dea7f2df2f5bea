// SPDX-License-Identifier: Apache-2.0

import Raster

/// How map programs draw polygons by their class: the colours of `classes.tif` and of the page.
struct ClassStyle {
  let classes: ClassTable
  /// The column that holds the class's name.
  let attribute: String

  /// The style as QGIS keeps it (3.18 and later).
  var qml: String {
    let categories = classes.names.enumerated().map { index, name in
      let name = XMLText.escaped(name)
      return """
            <category symbol="\(index)" value="\(name)" label="\(name)" render="true"/>
        """
    }
    let symbols = classes.colours.enumerated().map { index, colour in
      """
            <symbol name="\(index)" type="fill" alpha="0.8" clip_to_extent="1">
              <layer class="SimpleFill" enabled="1" locked="0" pass="0">
                <Option type="Map">
                  <Option name="color" type="QString" value="\(Self.channels(colour)),255"/>
                  <Option name="style" type="QString" value="solid"/>
                  <Option name="outline_color" type="QString" value="255,255,255,255"/>
                  <Option name="outline_style" type="QString" value="solid"/>
                  <Option name="outline_width" type="QString" value="0.1"/>
                  <Option name="outline_width_unit" type="QString" value="MM"/>
                </Option>
              </layer>
            </symbol>
      """
    }
    return """
      <!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
      <qgis version="3.22.0" styleCategories="Symbology">
        <renderer-v2 type="categorizedSymbol" attr="\(attribute)" symbollevels="0"\
       enableorderby="0" forceraster="0">
          <categories>
      \(categories.joined(separator: "\n"))
          </categories>
          <symbols>
      \(symbols.joined(separator: "\n"))
          </symbols>
        </renderer-v2>
        <blendMode>0</blendMode>
        <layerGeometryType>2</layerGeometryType>
      </qgis>

      """
  }

  /// The style as the OGC has it (Symbology Encoding 1.1), for programs that do not read QGIS's.
  func sld(layer: String) -> String {
    let rules = zip(classes.names, classes.colours).map { name, colour in
      let name = XMLText.escaped(name)
      return """
              <se:Rule>
                <se:Name>\(name)</se:Name>
                <ogc:Filter>
                  <ogc:PropertyIsEqualTo>
                    <ogc:PropertyName>\(attribute)</ogc:PropertyName>
                    <ogc:Literal>\(name)</ogc:Literal>
                  </ogc:PropertyIsEqualTo>
                </ogc:Filter>
                <se:PolygonSymbolizer>
                  <se:Fill>
                    <se:SvgParameter name="fill">\(colour.html)</se:SvgParameter>
                    <se:SvgParameter name="fill-opacity">0.8</se:SvgParameter>
                  </se:Fill>
                </se:PolygonSymbolizer>
              </se:Rule>
        """
    }
    return """
      <?xml version="1.0" encoding="UTF-8"?>
      <StyledLayerDescriptor version="1.1.0" xmlns="http://www.opengis.net/sld"\
       xmlns:se="http://www.opengis.net/se" xmlns:ogc="http://www.opengis.net/ogc">
        <NamedLayer>
          <se:Name>\(layer)</se:Name>
          <UserStyle>
            <se:Name>\(layer)</se:Name>
            <se:FeatureTypeStyle>
      \(rules.joined(separator: "\n"))
            </se:FeatureTypeStyle>
          </UserStyle>
        </NamedLayer>
      </StyledLayerDescriptor>

      """
  }

  private static func channels(_ colour: Colour) -> String {
    "\(colour.red),\(colour.green),\(colour.blue)"
  }
}

/// Text as XML has it.
enum XMLText {
  /// Text for an element or a quoted attribute; characters that XML forbids become spaces.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case _ where scalar.properties.generalCategory == .control: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
  }
}
