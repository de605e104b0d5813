#pragma once
#include <boost/hana/accessors.hpp>
#include <boost/hana/adapt_struct.hpp>
#include <boost/hana/concept/struct.hpp>
#include <boost/hana/core/to.hpp>
#include <boost/hana/first.hpp>
#include <boost/hana/for_each.hpp>
#include <boost/hana/second.hpp>
#include <boost/hana/string.hpp>
#include <boost/hana/tuple.hpp>
#include <string_view>
#include <type_traits>

/// `SSEG_FIELDS(sseg::AdamW, beta1, beta2, eps, decay);` in the global namespace makes a plain struct with default
/// member values reflected: configuration, command line, reports and checkpoint headers then know its fields.
/// At most 40 fields (the limit of BOOST_HANA_ADAPT_STRUCT).
#define SSEG_FIELDS(...) BOOST_HANA_ADAPT_STRUCT(__VA_ARGS__)

namespace sseg {

/// A struct whose fields were named with SSEG_FIELDS.
template <class T>
concept Reflected = boost::hana::Struct<std::remove_cvref_t<T>>::value;

/// Calls f(name, member) for every field of a reflected struct, in the order of SSEG_FIELDS.
template <Reflected T, class F>
constexpr void for_each_field(T& object, F&& f) {
  namespace hana = boost::hana;
  hana::for_each(hana::accessors<std::remove_const_t<T>>(), [&](auto field) {
    f(std::string_view(hana::to<const char*>(hana::first(field))), hana::second(field)(object));
  });
}

}  // namespace sseg
