#pragma once
#include <cstdint>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

/// A test double of cudart, cuDNN's graph API, cuBLAS and NCCL on host memory, linked in place of the real libraries.
namespace cuda_double {

/// Thrown inside the double: the caller has used a function wrongly. The function answers with its family's "invalid
/// argument", and the sentence joins `complaints`.
struct Misuse : std::runtime_error {
  using std::runtime_error::runtime_error;
};

inline void demand(bool ok, const std::string& otherwise) {
  if (!ok) throw Misuse(otherwise);
}

/// Thrown inside the double: the answer is `status`, and the caller is not to blame (out of memory, not supported).
template <class Status>
struct Refusal {
  Status status;
  std::string why;
};

/// What Calls::count counts beside functions: copies from a device to the host.
inline constexpr std::string_view copies_to_host = "copies to the host";

/// Counts the calls of every function and makes chosen ones fail once.
class Calls {
 public:
  /// The `nth` call of `function` from now on (1 is the next) fails, once.
  void fail(std::string_view function, std::int64_t nth = 1);
  /// The `nth` call from now on of any function that may fail fails, once.
  void fail_any(std::int64_t nth);

  /// Notes a call. True when it must fail.
  bool enter(std::string_view function);

  /// Counts something that is no call, and never fails.
  void note(std::string_view what) { ++of_[std::string(what)].calls; }

  std::int64_t count(std::string_view function) const;
  /// Which of all calls the first of `function` was, for `fail_any`; 0: none was.
  std::int64_t first(std::string_view function) const;
  /// Calls of all functions that may fail.
  std::int64_t count() const { return all_; }
  /// How many calls have failed because they were told to.
  std::int64_t failed() const { return failed_; }
  /// The function that was last made to fail.
  const std::string& last_failed() const { return last_failed_; }

 private:
  struct Count {
    std::int64_t calls = 0, fails_at = 0, first = 0;
  };
  std::map<std::string, Count, std::less<>> of_;
  std::int64_t all_ = 0, fails_at_ = 0, failed_ = 0;
  std::string last_failed_;
};

}  // namespace cuda_double
