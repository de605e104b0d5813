#pragma once

namespace sseg {

/// The loss of a step, which may still be on its way from a device: reading it then waits for the step, and all before
/// it. So whoever wants no more than a look now and then lets the device go on by not reading. Valid until the next
/// step.
class LossValue {
 public:
  /// Where a loss comes from that is not here yet.
  class Source {
   public:
    Source() = default;
    Source(const Source&) = delete;
    Source& operator=(const Source&) = delete;
    virtual ~Source() = default;
    /// That of the last step. Throws: Error when it is not finite, or the device has failed.
    virtual double last_loss() = 0;
  };

  LossValue(double value = 0) : value_(value) {}  // NOLINT(google-explicit-constructor): it is a number
  explicit LossValue(Source& source) : source_(&source) {}

  /// Reading it waits for nothing.
  bool here() const { return source_ == nullptr; }
  operator double() const { return here() ? value_ : source_->last_loss(); }  // NOLINT(google-explicit-constructor)

 private:
  double value_ = 0;
  Source* source_ = nullptr;
};

}  // namespace sseg
