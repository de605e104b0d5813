#pragma once

namespace sseg {

/// Writes records of one reflected type, a line each, and flushes on demand.
template <class R, class Record>
concept Reporter = requires(R& r, const Record& record) {
  r.write(record);
  r.flush();
};

}  // namespace sseg
