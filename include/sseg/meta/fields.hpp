#pragma once
#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/to.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/pair.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/tuple.hpp>
#include <string_view>
#include <type_traits>

/// `SSEG_FIELDS(sseg::AdamW, beta1, beta2, eps, decay);` in the global namespace makes a plain struct with default
/// member values reflected: configuration, command line, reports and checkpoint headers then know its fields.
/// At most 40 fields. The struct is a hana::Struct, as by BOOST_HANA_ADAPT_STRUCT. But Hana's tuple of names and
/// members (`apply`) is only built where it is asked for, and the visit of every field (`each`) is written out: this
/// library reflects two hundred fields, and their tuples cost every program that includes it more than a second.
#define SSEG_FIELDS(TYPE, ...)                                                                                     \
  template <>                                                                                                      \
  struct boost::hana::accessors_impl<TYPE> {                                                                       \
    static_assert(::sseg::detail::count_names(#__VA_ARGS__) <= 40,                                                 \
                  "sseg: SSEG_FIELDS names at most 40 fields; put some of them into a struct of their own.");      \
    using SsegType = TYPE;                                                                                         \
    template <class SsegObject, class SsegVisit>                                                                   \
    static constexpr void each([[maybe_unused]] SsegObject& sseg_object, [[maybe_unused]] SsegVisit& sseg_visit) { \
      SSEG_DETAIL_EACH_NAME(SSEG_DETAIL_VISIT, __VA_ARGS__)                                                        \
    }                                                                                                              \
    template <class SsegLater = TYPE>                                                                              \
    static constexpr auto apply() {                                                                                \
      return ::sseg::detail::tuple_after(0 SSEG_DETAIL_EACH_NAME(SSEG_DETAIL_ACCESSOR, __VA_ARGS__));              \
    }                                                                                                              \
  }
#define SSEG_DETAIL_VISIT(...) \
  __VA_OPT__(sseg_visit(::std::string_view(#__VA_ARGS__), sseg_object.*(&SsegType::__VA_ARGS__));)
#define SSEG_DETAIL_ACCESSOR(...) \
  __VA_OPT__(                     \
      , ::boost::hana::make_pair(BOOST_HANA_STRING(#__VA_ARGS__), ::sseg::detail::Member<&SsegLater::__VA_ARGS__>{}))

// MACRO(a) MACRO(b) MACRO(c) … : without a count and without recursion, so that a misspelt field is reported in few
// lines. What is left of the 40 places is empty, and so MACRO is called with nothing.
#define SSEG_DETAIL_EACH_NAME(MACRO, ...) \
  SSEG_DETAIL_FORTY(MACRO, __VA_ARGS__, , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , , )
// clang-format off
#define SSEG_DETAIL_FORTY(MACRO, a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, a16, a17, a18, \
  a19, a20, a21, a22, a23, a24, a25, a26, a27, a28, a29, a30, a31, a32, a33, a34, a35, a36, a37, a38, a39, a40,   \
  ...)                                                                                                            \
  MACRO(a1) MACRO(a2) MACRO(a3) MACRO(a4) MACRO(a5) MACRO(a6) MACRO(a7) MACRO(a8) MACRO(a9) MACRO(a10) MACRO(a11) \
  MACRO(a12) MACRO(a13) MACRO(a14) MACRO(a15) MACRO(a16) MACRO(a17) MACRO(a18) MACRO(a19) MACRO(a20) MACRO(a21)   \
  MACRO(a22) MACRO(a23) MACRO(a24) MACRO(a25) MACRO(a26) MACRO(a27) MACRO(a28) MACRO(a29) MACRO(a30) MACRO(a31)   \
  MACRO(a32) MACRO(a33) MACRO(a34) MACRO(a35) MACRO(a36) MACRO(a37) MACRO(a38) MACRO(a39) MACRO(a40)
// clang-format on

namespace sseg {

namespace detail {

/// Names in a list with commas between them.
consteval int count_names(std::string_view list) {
  int count = !list.empty();
  for (const char c : list) count += c == ',';
  return count;
}

/// Reads a member: the second part of what Hana calls an accessor.
template <auto Pointer>
struct Member {
  template <class T>
  constexpr decltype(auto) operator()(T&& object) const {
    return (static_cast<T&&>(object).*Pointer);
  }
};

/// All arguments but the first, which is there for the comma after it.
template <class... Ts>
constexpr auto tuple_after(int, Ts... parts) {
  return boost::hana::make_tuple(parts...);
}

}  // namespace detail

/// A struct whose fields were named with SSEG_FIELDS, or by Hana's own macros.
template <class T>
concept Reflected = boost::hana::Struct<std::remove_cvref_t<T>>::value;

/// Calls f(name, member) for every field of a reflected struct, in the order in which they were named.
template <Reflected T, class F>
constexpr void for_each_field(T& object, F&& f) {
  namespace hana = boost::hana;
  using Fields = hana::accessors_impl<std::remove_const_t<T>>;
  if constexpr (requires { Fields::each(object, f); }) {
    Fields::each(object, f);
  } else {
    hana::for_each(hana::accessors<std::remove_const_t<T>>(), [&](auto field) {
      f(std::string_view(hana::to<const char*>(hana::first(field))), hana::second(field)(object));
    });
  }
}

}  // namespace sseg
