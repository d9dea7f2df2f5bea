// SPDX-License-Identifier: Apache-2.0

package import Acquisition
package import Neural

/// Chips of one size as a network's input.
///
/// Unbought patches are left out by selecting what is copied, never by multiplying with 0: what
/// lies in them cannot reach the answer, whatever it is.
package struct ChipTensor {
  let bandCount: Int
  let side: Int
  let grid: PatchGrid
  private let table: [Float]

  /// Prepares for images of a size.
  package init(bandCount: Int, side: Int, grid: PatchGrid, normalisation: Normalisation) {
    precondition(normalisation.mean.count == bandCount, "one mean a band")
    self.bandCount = bandCount
    self.side = side
    self.grid = grid
    table = normalisation.table()
  }

  var sampleCount: Int { bandCount * side * side }

  /// A batch of zeros, the mean colour, `[count, bands, side, side]`.
  func empty(_ count: Int) -> Tensor { Tensor(shape: [count, bandCount, side, side]) }

  /// Writes one image at a place of a batch of zeros; `mask` counts in the image as it is shown.
  func write(
    _ samples: UnsafePointer<UInt8>, mask: PatchMask?, view: ChipView = .plain, at index: Int,
    of batch: UnsafeMutableBufferPointer<Float>
  ) {
    let patchSide = side / grid.side
    let first = index * sampleCount
    let shown = 0..<side
    table.withUnsafeBufferPointer { table in
      for patch in 0..<grid.patchCount where mask?.contains(patch) ?? true {
        let top = grid.row(of: patch) * patchSide
        let left = grid.column(of: patch) * patchSide
        let rows = (top..<top + patchSide).clamped(to: shown.moved(by: -view.rowShift))
        let columns = (left..<left + patchSide).clamped(to: shown.moved(by: -view.columnShift))
        for band in 0..<bandCount {
          let plane = band * side * side
          for row in rows {
            for column in columns {
              let source = view.turned.source(
                row: row + view.rowShift, column: column + view.columnShift, side: side)
              batch[first + plane + row * side + column] =
                table[band * 256 + Int(samples[plane + source])] * view.contrast + view.brightness
            }
          }
        }
      }
    }
  }

  /// Images of 8-bit samples under their masks, as a batch.
  package func batch(
    _ images: [(samples: ArraySlice<UInt8>, mask: PatchMask)], threadCount: Int
  ) -> Tensor {
    Tensor(
      batch: images.count, of: [bandCount, side, side], threadCount: threadCount
    ) { index, elements in
      let (samples, mask) = images[index]
      precondition(samples.count == sampleCount, "\(samples.count) samples, not \(sampleCount)")
      elements.initialize(repeating: 0)
      samples.withUnsafeBufferPointer { samples in
        guard let first = samples.baseAddress else { return }
        write(first, mask: mask, at: 0, of: elements)
      }
    }
  }

  /// Images of any samples from 0 to 255, as a batch; whole numbers become exactly what 8-bit
  /// samples become.
  func batch(_ images: [[Float]], normalisation: Normalisation, threadCount: Int) -> Tensor {
    let plane = side * side
    return Tensor(
      batch: images.count, of: [bandCount, side, side], threadCount: threadCount
    ) { index, elements in
      let samples = images[index]
      precondition(samples.count == sampleCount, "\(samples.count) samples, not \(sampleCount)")
      for band in 0..<bandCount {
        for place in band * plane..<(band + 1) * plane {
          let sample = samples[place]
          elements[place] =
            if sample >= 0, sample < 256, sample == sample.rounded() {
              table[band * 256 + Int(sample)]
            } else {
              Float(normalisation.value(Double(sample), band: band))
            }
        }
      }
    }
  }
}

extension Range<Int> {
  fileprivate func moved(by distance: Int) -> Range<Int> {
    lowerBound + distance..<upperBound + distance
  }
}
