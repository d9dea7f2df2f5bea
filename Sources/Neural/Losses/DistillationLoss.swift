// SPDX-License-Identifier: Apache-2.0
internal import Foundation

/// What a student's answers lack of a teacher's (Hinton and others 2015):
/// alpha T^2 KL(softmax(teacher / T) || softmax(student / T)) + (1 - alpha) cross-entropy of the
/// labels, both averaged over the batch.
///
/// The factor T^2 keeps the gradients of the first part as large as they are for T = 1.
public struct DistillationLoss: Sendable, Equatable {
  /// By how much both sides' logits are divided: a higher one shows more of what the teacher
  /// thinks of the wrong classes.
  public let temperature: Double
  /// The share of the teacher; the rest is the labels'.
  public let alpha: Double

  /// Makes the loss.
  public init(temperature: Double, alpha: Double = 1) {
    precondition(temperature > 0, "A temperature is above 0, not \(temperature).")
    precondition((0...1).contains(alpha), "alpha is a share from 0 to 1, not \(alpha).")
    self.temperature = temperature
    self.alpha = alpha
  }

  /// The loss of a batch, and its gradient with respect to the student's logits.
  ///
  /// - Parameters:
  ///   - student: the student's logits, `[batch, classes]`.
  ///   - teacher: the teacher's, `[batch, classes]`.
  ///   - labels: the class of each row.
  public func evaluate(
    _ student: Tensor, teacher: Tensor, labels: [Int]
  ) -> (loss: Double, gradient: Tensor) {
    precondition(
      teacher.shape == student.shape,
      "The teacher's logits have shape \(teacher.shape), the student's \(student.shape).")
    var (loss, gradient) = SoftmaxCrossEntropy().evaluate(student, labels: labels)
    loss *= 1 - alpha
    let (batch, classes) = (student.shape[0], student.shape[1])
    let scale = alpha * temperature / Double(batch)
    for first in stride(from: 0, to: batch * classes, by: classes) {
      let places = first..<first + classes
      let (told, wanted) = (logShares(student, places), logShares(teacher, places))
      for (place, (logStudent, logTeacher)) in zip(places, zip(told, wanted)) {
        let share = exp(logTeacher)
        loss += scale * temperature * share * (logTeacher - logStudent)
        gradient[place] = Float(
          (1 - alpha) * Double(gradient[place]) + scale * (exp(logStudent) - share))
      }
    }
    return (loss, gradient)
  }

  /// The logarithms of the softened probabilities of one row, in double precision: T^2 would
  /// magnify what single precision loses.
  private func logShares(_ logits: Tensor, _ places: Range<Int>) -> [Double] {
    let row = places.map { Double(logits[$0]) / temperature }
    let largest = row.max() ?? 0
    let normaliser = largest + log(row.reduce(0) { $0 + exp($1 - largest) })
    return row.map { $0 - normaliser }
  }
}
