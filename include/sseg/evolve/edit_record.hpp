#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "sseg/core/error.hpp"
#include "sseg/core/shape.hpp"
#include "sseg/meta/fields.hpp"

namespace sseg {

/// Any mutation's edit, flat, as histories and files keep it. An edit is copied field by field, by name: the edit of a
/// mutation of your own can be recorded, chosen by a selector and replayed when `SSEG_FIELDS(MyMutation::Edit, …)`
/// names its fields and they are among these.
struct EditRecord {
  std::string kind{};            ///< name of the mutation; tells the mutations of a run apart
  Index stage = 0;               ///< position in the stack
  Index channels = 0;            ///< width from now on
  Index pool = 0;                ///< side of a new stage's max pool
  Index features = 0;            ///< what a head reads from now on
  std::vector<Index> mapping{};  ///< for every new channel the old one it copies
  std::vector<float> filters{};  ///< kernel of the new channels, (kernel, kernel, in, new)
  std::uint64_t seed = 0;        ///< of what the mutation itself draws
  std::uint64_t draw = 0;        ///< key of the stream that new entries were drawn from: Rng(draw)
  bool replayable = true;        ///< the edit is here whole; false: its fields are not named
  bool operator==(const EditRecord&) const = default;
};

}  // namespace sseg

SSEG_FIELDS(sseg::EditRecord, kind, stage, channels, pool, features, mapping, filters, seed, draw, replayable);

namespace sseg {

namespace detail {

/// Calls f(member of the edit, member of the record) for every field of the edit. Throws: Error for one that a record
/// does not have.
template <class Edit, class Record, class F>
void each_edit_field(Edit& edit, Record& record, const std::string& kind, F&& f) {
  for_each_field(edit, [&](std::string_view name, auto& member) {
    bool found = false;
    for_each_field(record, [&](std::string_view other, auto& place) {
      if constexpr (std::is_same_v<std::remove_cvref_t<decltype(member)>, std::remove_cvref_t<decltype(place)>>)
        if (name == other) {
          f(member, place);
          found = true;
        }
    });
    if (!found)
      throw Error("a record has no place for the field '" + std::string(name) + "' of this edit", kind,
                  "use the names and types of sseg::EditRecord, or leave the edit's fields unnamed");
  });
}

}  // namespace detail

/// The edit of mutation `M`, recorded; new entries are drawn from Rng(draw). Throws: Error for a named field that a
/// record does not have.
template <class M>
EditRecord record_of(const typename M::Edit& edit, std::uint64_t draw = 0) {
  EditRecord r;
  r.kind = std::string(M::name);
  r.draw = draw;
  if constexpr (Reflected<typename M::Edit>)
    detail::each_edit_field(edit, r, r.kind, [](const auto& member, auto& place) { place = member; });
  else
    r.replayable = std::is_empty_v<typename M::Edit>;
  return r;
}

/// The edit of mutation `M` that was recorded. Throws: Error when it is not there whole.
template <class M>
typename M::Edit edit_of(const EditRecord& r) {
  if (!r.replayable)
    throw Error("the edit was not recorded, its fields are not named", r.kind,
                "name them with SSEG_FIELDS(YourMutation::Edit, …) before you train");
  typename M::Edit edit{};
  if constexpr (Reflected<typename M::Edit>)
    detail::each_edit_field(edit, r, r.kind, [](auto& member, const auto& place) { member = place; });
  return edit;
}

}  // namespace sseg
